/* The rows of one socket buffer have one number, and no other buffer has it. */
import { expect, it } from 'vitest';
import type { Context } from '../../../models/context.ts';
import { EV, eventTypes } from '../../../models/events.ts';
import { netlinkOf } from '../../../models/net/netlink/kernel.ts';
import { nanosleep } from '../../../models/user/unistd.ts';
import { MSG_PEEK, open, recv, send } from '../../../scenarios/conformance/netlink-calls.ts';
import { Bench, ms } from '../user/bench.ts';

const EVENTS: readonly (keyof typeof EV)[] = [
  'netlinkQueue',
  'netlinkSend',
  'netlinkReceive',
  'consume_skb',
  'kfree_skb',
];

/** Rows that name a buffer, as `comm event value detail`. */
function watched(bench: Bench): string[] {
  const rows: string[] = [];
  const { texts, trace } = bench.machine;
  trace.subscribe((_t, _cpu, _context, _pid, comm, _flags, event, _object, value, a, b, c) => {
    const name = EVENTS.find((one) => EV[one] === event);
    if (name === undefined) return;
    rows.push(`${texts.text(comm)} ${name} ${value} ${eventTypes.detail(event, a, b, c, texts)}`);
  });
  return rows;
}

/** A reader on `port` that takes what comes in the first two milliseconds. */
function reader(bench: Bench, name: string, port: number, ...flags: number[]): void {
  bench.run(name, function* (k: Context) {
    const fd = yield* open(k, { port, groups: 1 });
    yield* nanosleep(k, 2 * ms);
    for (const flag of flags) yield* recv(k, fd, flag);
  });
}

it('a message has its number from send to receipt, also where it is looked at first', () => {
  const bench = new Bench();
  const rows = watched(bench);
  reader(bench, 'r', 7, MSG_PEEK, 0);
  bench.run('s', function* (k) {
    const fd = yield* open(k, { port: 9 });
    yield* nanosleep(k, ms);
    yield* send(k, fd, 7, 24);
  });
  bench.until();
  expect(rows).toEqual([
    's netlinkQueue 1 portid=7 skbaddr=1',
    's netlinkSend 24 dst_portid=7 len=24 skbaddr=1',
    'r netlinkReceive 24 src_portid=9 len=24 skbaddr=1',
    'r consume_skb 1 skbaddr=1',
    'r netlinkReceive 24 src_portid=9 len=24 skbaddr=1',
  ]);
});

it('each member of a group gets a buffer of its own, as queued for it', () => {
  const bench = new Bench();
  const rows = watched(bench);
  for (const [name, port] of [
    ['a', 7],
    ['b', 8],
  ] as const)
    reader(bench, name, port, 0);
  bench.run('s', function* (k) {
    const fd = yield* open(k, { port: 9 });
    yield* nanosleep(k, ms);
    yield* send(k, fd, 7, 24, 0, 1);
  });
  bench.until();
  const numbers = (event: string): string[] =>
    rows.filter((row) => row.includes(event)).map((row) => row.replace(/^.* skbaddr=/, ''));
  const queued = numbers('netlinkQueue');
  expect(new Set(queued).size).toBe(2);
  expect(numbers('netlinkReceive').sort()).toEqual(queued.sort());
  expect(netlinkOf(bench.machine).memory.live).toBe(0);
});
