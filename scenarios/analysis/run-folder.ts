/*
 * The folder of a run as an analysis finds it: the trace has to be there, everything else may be.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { TraceError, TraceParser } from './trace-parser.ts';
import type { TraceRow } from './trace-row.ts';

/** There is nothing to analyse. */
export class NoTraceFolder extends Error {
  override readonly name = 'NoTraceFolder';
}

const BLOCK_BYTES = 0x100000;

/** @throws NoTraceFolder */
export function traceOf(folder: string): string {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) throw new NoTraceFolder(`there is no folder ${folder}`);
  if (!stat.isDirectory()) {
    throw new NoTraceFolder(`${folder} is a file; expected the folder of a run`);
  }
  const path = join(folder, 'trace.csv');
  if (!existsSync(path)) {
    throw new NoTraceFolder(`${folder} has no trace.csv; 'lockstep run' leaves such folders`);
  }
  return path;
}

/** Whether the last row of a file is whole, as far as its end tells. */
export function endsWithRow(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    const { size } = fstatSync(fd);
    return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last.toString() === '\n';
  } finally {
    closeSync(fd);
  }
}

/** Shows `see` every row of a folder's trace. @throws NoTraceFolder */
export function readTrace(folder: string, see: (row: TraceRow) => void): void {
  const path = traceOf(folder);
  const parser = new TraceParser(see);
  const fd = openSync(path, 'r');
  try {
    const block = new Uint8Array(BLOCK_BYTES);
    for (let got = readSync(fd, block); got > 0; got = readSync(fd, block)) {
      parser.push(block.subarray(0, got));
    }
    parser.finish();
  } catch (error) {
    if (error instanceof TraceError) throw new NoTraceFolder(`${path}: ${error.message}`);
    throw error;
  } finally {
    closeSync(fd);
  }
}

const selection = z.object({
  trace: z.object({ events: z.union([z.enum(['all', 'none']), z.array(z.string())]) }),
});

/** The events that the run was told to record; null for all, or if that is not known. */
export function recordedEvents(folder: string): ReadonlySet<string> | null {
  const path = join(folder, 'scenario.yaml');
  if (!existsSync(path)) return null;
  const { data } = selection.safeParse(parse(readFileSync(path, 'utf8')));
  if (data === undefined || data.trace.events === 'all') return null;
  return new Set(data.trace.events === 'none' ? [] : data.trace.events);
}

const made = z.object({
  scenario: z.string(),
  seed: z.union([z.number(), z.string()]),
  overrides: z.array(z.string()),
});

/** What the run was made from, in words; none if that is not known. */
export function madeFrom(folder: string): string[] {
  const path = join(folder, 'run.json');
  if (!existsSync(path)) return [];
  const { data } = made.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (data === undefined) return [];
  const overrides = data.overrides.filter((one) => !one.startsWith('seed='));
  return [data.scenario, `seed ${data.seed}`, ...overrides];
}

/** When the run ended, which may be later than its last row; 0 if that is not known. */
export function endOf(folder: string): number {
  const path = join(folder, 'run.json');
  if (!existsSync(path)) return 0;
  const run: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return z.object({ timeNs: z.number() }).safeParse(run).data?.timeNs ?? 0;
}

/** The time in user mode by CPU, from the run's summary; null without one. */
export function userTimesOf(folder: string): ReadonlyMap<number, number> | null {
  const path = join(folder, 'summary.csv');
  if (!existsSync(path)) return null;
  const times = new Map<number, number>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, cpu, ns] = /^cpu\.user,(\d+),(\d+),ns$/.exec(line) ?? [];
    if (cpu !== undefined) times.set(Number(cpu), Number(ns));
  }
  return times.size === 0 ? null : times;
}
