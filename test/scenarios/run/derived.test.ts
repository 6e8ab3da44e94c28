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
