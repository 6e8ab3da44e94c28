/*
 * What messages and buffer options cost, recorded on Linux 6.18 (test/conformance/netlink/
 * truesize.json). Each row is carried out as a script: how many messages of a length a receiver
 * takes, from which lengths on a message costs more, what a buffer option makes of a value.
 */
import type { Format, Outcome } from './format.ts';
import { runNetlinkCase } from './netlink.ts';
import type { NetlinkOp, NetlinkResult } from './netlink-ops.ts';
import { outcomeOf } from './netlink-outcome.ts';

interface Row {
  /** What SO_RCVBUF was set to: a number, perhaps in brackets; `default (not set)`. */
  readonly so_rcvbuf: string;
  readonly len: number;
}

/** A length, and what a message costs from there on. */
type StepRow = readonly [len: number, truesize: number];

interface OptionRow {
  readonly option: string;
  readonly value: number;
}

interface Truesizes {
  readonly rows: readonly Row[];
  readonly steps_unicast_from_len: readonly StepRow[];
  readonly steps_multicast_from_len: readonly StepRow[];
  readonly sockbuf_rows: readonly OptionRow[];
}

const lists = ['rows', 'steps_unicast_from_len', 'steps_multicast_from_len', 'sockbuf_rows'];

function isTruesizes(json: unknown): json is Truesizes {
  if (typeof json !== 'object' || json === null) return false;
  return lists.every((list) => Array.isArray((json as Record<string, unknown>)[list]));
}

const plenty = 1_000_000;

/** The results of `ops` beside a sender `from` and a receiver `to`: port 2, member of group 1. */
function withSockets(...ops: readonly NetlinkOp[]): NetlinkResult[] {
  const sockets = [
    { op: 'open', s: 'from' },
    { op: 'open', s: 'to' },
    { op: 'bind', s: 'to', port: 2, groups: 1 },
  ];
  return runNetlinkCase({ ops: [...sockets, ...ops] }).slice(sockets.length);
}

const stat = { op: 'stat', s: 'to' };

/** What one message costs its receiver; nothing if it is refused. */
function truesizeOf(len: number, to: { port: number; groups: number }): unknown {
  const [, { rmem } = {}] = withSockets({ op: 'sendto', s: 'from', len, ...to }, stat);
  return rmem === 0 ? null : rmem;
}

const unicast = { port: 2, groups: 0 };
const multicast = { port: 0, groups: 1 };

function fillRow(row: Row): NetlinkResult {
  const [value] = /\d+/.exec(row.so_rcvbuf) ?? [];
  const set = { op: 'setsockopt', s: 'to', opt: 'RCVBUF', val: Number(value) };
  const { len } = row;
  const fill = { op: 'fill', s: 'from', ...unicast, len, max: plenty };
  const results = withSockets(...(value === undefined ? [] : [set]), fill, stat);
  const [filled, { rmem, rcvbuf } = {}] = results.slice(-2);
  return {
    ...row,
    sk_rcvbuf: rcvbuf,
    accepted: filled?.['count'],
    then: filled?.['e'],
    rmem,
    truesize: truesizeOf(len, unicast),
  };
}

function stepRow([len]: StepRow, to: typeof unicast): unknown {
  const truesize = truesizeOf(len, to);
  const before = truesizeOf(len - 1, to);
  return [before === truesize ? `no step at ${len}` : len, truesize];
}

function optionRow(row: OptionRow): NetlinkResult {
  const opt = row.option.replace('SO_', '');
  const [, got] = withSockets(
    { op: 'setsockopt', s: 'to', opt, val: row.value },
    { op: 'getsockopt', s: 'to', opt: opt.replace('FORCE', '') },
  );
  return { ...row, result: got?.['r'] };
}

function runTruesizes(truesizes: Truesizes): Outcome[] {
  const { rows, sockbuf_rows } = truesizes;
  const steps = (list: readonly StepRow[], kind: string, to: typeof unicast) =>
    list.map((step) =>
      outcomeOf(`${kind} messages cost more from ${step[0]} bytes on`, [step], () =>
        stepRow(step, to),
      ),
    );
  return [
    ...rows.map((row) =>
      outcomeOf(`${row.len} bytes, SO_RCVBUF ${row.so_rcvbuf}`, [row], () => fillRow(row)),
    ),
    ...steps(truesizes.steps_unicast_from_len, 'unicast', unicast),
    ...steps(truesizes.steps_multicast_from_len, 'multicast', multicast),
    ...sockbuf_rows.map((row) =>
      outcomeOf(`${row.option} ${row.value}`, [row], () => optionRow(row)),
    ),
  ];
}

export const netlinkTruesizeFormat: Format = {
  recognises: isTruesizes,
  run: (json) => runTruesizes(json as Truesizes),
};
