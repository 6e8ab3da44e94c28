import { expect, test } from 'vitest';
import { ScenarioRun, loadText, registry } from '../../../scenarios/index.ts';

const text = `name: t
machine: { costs: ideal }
objects: { L: spinlock, M: spinlock }
metrics:
  locks: { count: lock_acquire L }
  all_locks: { count: lock_acquire }
  held: { from: lock_acquire L, to: lock_release L }
  never: { from: lock_acquire M, to: output }
actors:
  a:
    kind: kthread
    steps:
      - { repeat: 3, do: [spin_lock L, delay 5us, spin_unlock L] }
      - { repeat: 2, do: [spin_lock M, spin_unlock M] }
      - { repeat: 1, do: [spin_lock L, delay 9us, spin_unlock L] }
expect: [locks == 4, all_locks == 6, held.mean == 6us, held.max == 9us, never.count == 0]
`;

test.each(['all', 'none'])('figures see every event with trace.events=%s', (events) => {
  const result = loadText('t.yaml', text, registry, [`trace.events=${events}`]);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const { checks, metrics } = new ScenarioRun(result.loaded).finish();
  expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  expect(metrics.some(({ metric }) => metric === 'never.max')).toBe(false);
});

test('an event that does not exist is an error with its place', () => {
  const result = loadText(
    't.yaml',
    text.replace('count: lock_acquire L', 'count: lock_aquire L'),
    registry,
  );
  expect(result.ok ? [] : result.diagnostics.map(({ line, path }) => [line, path])).toEqual([
    [5, 'metrics.locks.count'],
  ]);
});

const line = `name: t
machine: { costs: ideal }
until: 1ms
metrics:
  latest: { from: log put, to: log got }
  oldest: { from: log put, to: log got, inLine: true }
actors:
  a:
    steps:
      - { repeat: 10, do: [log put, delay 10us] }
      - { repeat: 10, do: [log got, delay 20us] }
`;

test('in line each end belongs to the oldest beginning, and percentiles are nearest ranks', () => {
  const result = loadText('t.yaml', line, registry);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const { metrics } = new ScenarioRun(result.loaded).finish();
  const of = (name: string): (number | undefined)[] =>
    ['count', 'min', 'mean', 'p50', 'p90', 'p99', 'max'].map(
      (part) => metrics.find(({ metric }) => metric === `${name}.${part}`)?.value,
    );
  expect(of('latest')).toEqual([1, ...new Array<number>(6).fill(10_000)]);
  expect(of('oldest')).toEqual([10, 100_000, 145_000, 140_000, 180_000, 190_000, 190_000]);
});

const refused = `name: t
kernel: linux-6.1
machine: { cpus: 2, costs: x86-2024 }
until: 20ms
objects: { nl: { type: netlink, protocol: 21 } }
metrics:
  latency: { from: netlinkSend nl, to: netlinkReceive, inLine: true }
actors:
  sender:
    cpus: [0]
    start: 1ms
    steps: [{ repeat: 40, do: [netlink_unicast nl 100 256 MSG_DONTWAIT] }]
  reader:
    kind: user
    cpus: [1]
    pid: 100
    daemon: true
    steps:
      - socket $fd 21
      - setsockopt $fd SO_RCVBUF 2048
      - bind $fd 100
      - { while: 1, do: [recv $fd 4096 -> got, compute 100us] }
expect: [netlink.full > 20, netlink.received >= 4, latency.max < 1ms]
`;

test('a message that was refused is not waited for', () => {
  const result = loadText('t.yaml', refused, registry);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const { checks, metrics } = new ScenarioRun(result.loaded).finish();
  expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  const figure = (name: string): number | undefined =>
    metrics.find(({ metric }) => metric === name)?.value;
  expect(figure('latency.count')).toBe(figure('netlink.received'));
});
