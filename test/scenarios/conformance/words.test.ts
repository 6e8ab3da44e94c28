import { expect, test } from 'vitest';
import { recordingsIn } from '../../../scenarios/conformance/words.ts';
import { registry } from '../../../scenarios/registry.ts';

function words(json: unknown): string[][] {
  return recordingsIn(json, registry.ops).map(({ words: found }) => [...found].sort());
}

test('a recorded program bears witness to the functions that its steps call', () => {
  const steps = ['align', 'down S -> got', 'skip_ret_ne 0 1', 'up S', 'no_such_function'];
  const actors = [{ steps }, { steps: ['log here', 'up S'] }];
  const program = { name: 'p', machine: {}, actors, expected: [] };
  expect(words(program)).toEqual([['align', 'down', 'up']]);
  expect(recordingsIn(program, registry.ops)[0]!.name).toBe('p');
});

test('a netlink script bears witness to the system calls that its ops make', () => {
  const ops = [{ op: 'open' }, { op: 'bind' }, { op: 'fill' }, { op: 'drain' }, { op: 'stat' }];
  const script = { name: 's', ops, results: [] };
  expect(words(script)).toEqual([['bind', 'recv', 'send', 'socket']]);
});

test('a fact bears witness to the functions in its name and in the names of its fields', () => {
  const facts = [
    { case: 'netlink_unicast-and-wake_up', info: { recv: 3, up: 1 } },
    // English, not functions.
    { case: 'driver-sleep-and-yield', note: 'wake_up' },
  ];
  expect(words({ facts })).toEqual([['netlink_unicast', 'recv', 'wake_up'], []]);
});

test('other files hold no recordings', () => {
  for (const json of [null, 3, [], {}, { facts: 3 }, { facts: [{ name: 'x' }] }]) {
    expect(words(json)).toEqual([]);
  }
});
