/* Recorded kernel cases as scenarios: their notation becomes ours. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic, loadText } from '../../../scenarios/load/index.ts';
import { registry } from '../../../scenarios/registry.ts';
import { caseFile, handWrittenNames } from '../conformance/recorded.ts';
import { perform } from '../run/perform.ts';

function load(changes: object) {
  const recorded = { name: 'r', clock: 'icount', jiffies_recorded: true, expected: [], ...changes };
  const result = loadText('r.json', JSON.stringify(recorded, null, 1), registry);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.loaded;
}

const task = { name: 'a', kind: 'task', policy: 'fifo', prio: 50, cpu: 0, start: true };

describe('every hand-written case runs as it stands in its file', () => {
  it.each(handWrittenNames)('%s', (name) => {
    const result = loadText(name, readFileSync(caseFile(name), 'utf8'), registry);
    if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
    expect(perform(result.loaded, { keep: true }).csv).toMatch(/,log,/);
  });
});

it('the prio of a task that is not real-time is its nice value', () => {
  const { actors } = load({ actors: [{ ...task, policy: 'normal', prio: -5, steps: ['log x'] }] });
  expect(actors[0]!.spec).toMatchObject({ policy: 'normal', nice: -5 });
});

it('cpu -1 means any CPU', () => {
  const { actors } = load({ actors: [{ ...task, cpu: -1, steps: ['log x'] }] });
  expect(actors[0]!.spec).not.toHaveProperty('cpu');
});

it('a wait names a variable and its least value, with a timeout only the variable', () => {
  const objects = { Q: { type: 'wait_queue_head' } };
  const steps = ['wait_event Q x 2', 'log first', 'wait_event_timeout Q y 3 -> second'];
  const waker = {
    ...task,
    name: 'b',
    steps: ['set x 1', 'wake_up Q', 'log one', 'sleep 1', 'set x 2', 'wake_up Q', 'log two'],
  };
  const actors = [{ ...task, steps }, waker];
  const labels: string[] = [];
  perform(load({ objects, vars: { x: 0, y: 0 }, actors }), {
    watch: (world) => {
      world.onLog = (_k, label, result) => labels.push(`${label} ${result}`);
    },
  });
  expect(labels).toEqual(['one NaN', 'two NaN', 'first NaN', 'second 0']);
});

it('userspin is a process that is always in user mode', () => {
  const loaded = load({ userspin: true, actors: [{ ...task, steps: ['busy_us 5'] }] });
  expect(loaded.actors.map(({ name }) => name)).toEqual(['a', 'userspin']);
  const { result } = perform(loaded, { until: 1_000_000 });
  expect(result.cpus[0]!.ns.user).toBeGreaterThan(900_000);
});

it('other scenarios keep their own notation and its errors', () => {
  const text =
    'name: s\nactors: [{ name: a, policy: normal, prio: 5, steps: [log x] }]\nexpected: []';
  const result = loadText('s.yaml', text, registry);
  const messages = result.ok ? [] : result.diagnostics.map(({ message }) => message);
  expect(messages.join('\n')).toMatch(/unknown key 'expected'/);
  expect(messages.join('\n')).toMatch(/'prio' is for the policies fifo and rr/);
});
