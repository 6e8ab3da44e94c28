/*
 * Recorded scripts of AF_NETLINK: recognises a case, replays it on the model and compares the
 * result of every op with what a real kernel gave (test/conformance/netlink).
 */
import { isDeepStrictEqual } from 'node:util';
import { type NetlinkEra, netlinkEras } from '../../models/net/netlink/era.ts';
import type { Format, Outcome } from './format.ts';
import { NetlinkScript, type NetlinkOp, type NetlinkResult } from './netlink-ops.ts';

export interface NetlinkCase {
  readonly name: string;
  readonly ops: readonly NetlinkOp[];
  readonly results: readonly unknown[];
}

/** Where a replay first differs from the recording. */
export interface NetlinkDifference {
  /** Index of the op. */
  readonly index: number;
  readonly op: NetlinkOp;
  readonly expected: unknown;
  readonly actual: unknown;
}

function isOp(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('op' in value)) return false;
  return typeof value.op === 'string';
}

/** Whether parsed JSON is a recorded netlink script; an op in it may still be unknown. */
export function isNetlinkCase(json: unknown): json is NetlinkCase {
  if (typeof json !== 'object' || json === null) return false;
  if (!('ops' in json && 'results' in json)) return false;
  const { ops, results } = json;
  return Array.isArray(ops) && Array.isArray(results) && ops.every(isOp);
}

/**
 * The result of every op of a script, in order. Throws RangeError when the script itself is
 * wrong (an unknown port name, a field missing) or when an op would sleep for ever.
 */
export function runNetlinkCase(
  { ops }: Pick<NetlinkCase, 'ops'>,
  era: NetlinkEra = netlinkEras['linux-6.18'],
): NetlinkResult[] {
  const script = new NetlinkScript(ops, era);
  return ops.map((op) => script.run(op));
}

/** The first op whose result differs from the recorded one, or null. */
export function firstNetlinkDifference(
  recorded: NetlinkCase,
  actual: readonly NetlinkResult[] = runNetlinkCase(recorded),
): NetlinkDifference | null {
  for (const [index, op] of recorded.ops.entries()) {
    const expected = recorded.results[index];
    if (!isDeepStrictEqual(actual[index], expected)) {
      return { index, op, expected, actual: actual[index] };
    }
  }
  return null;
}

function runOutcome(recorded: NetlinkCase): Outcome {
  const { name } = recorded;
  try {
    const difference = firstNetlinkDifference(recorded);
    if (difference === null) return { name, difference: null };
    const { index, op, expected, actual } = difference;
    const lines = [
      `  op ${index}: ${JSON.stringify(op)}`,
      `    expected ${JSON.stringify(expected)}`,
      `    actual   ${JSON.stringify(actual)}`,
    ];
    return { name, difference: lines.join('\n') };
  } catch (error) {
    return { name, difference: `  the model stopped: ${(error as Error).message}` };
  }
}

export const netlinkFormat: Format = {
  recognises: isNetlinkCase,
  run: (json) => [runOutcome(json as NetlinkCase)],
};
