/**
 * Good scenarios: what they mean, with every default.
 */
import { describe, expect, test } from 'vitest';
import { load } from './helpers.ts';

const FULL = `# yaml-language-server: $schema=./schema.json
name: netlink-pool
about: Costs $5; threads send.
seed: 42
kernel: linux-2.6.32
machine: { cpus: 2, hz: 250, preemption: full, costs: x86-2007 }
until: 60s
params:
  threads: 3
  gap: 50ms
  total: \${threads * 2}
  lock: L
objects:
  L: spinlock
  S: sem:2
  q: { type: waitqueue }
  nl: { type: netlink_socket, timeout: $gap }
vars: { n: 0, ring: [0, 0, 7] }
marked: [n]
actors:
  eth0:
    kind: irq
    arrivals: { every: 3jiffies, count: $total }
    steps: [ "n = n + 1", tasklet_schedule rx ]
  rx: { kind: tasklet, steps: [ "wake_up q" ] }
  sender:
    program: netlink-sender
    count: $threads
    cpu: \${index % 2}
    with: { socket: nl, interval: "\${gap + index}ns" }
  reader:
    kind: user
    policy: fifo
    prio: \${10 + threads}
    steps:
      - spin_lock_irqsave $lock $f
      - spin_unlock_irqrestore L $f
      - wait_event q n > 0 && ring[2] == 7
      - down_trylock S -> got
      - if: $got == 0
        then: [ up S ]
faults:
  - { at: 10ms, kind: kill, target: sender-1 }
finally: [ "n >= $threads" ]
trace: { events: [sched_switch] }
expect:
  - messages.lost == 0
  - that: latency.max(eth0) <= 500us
  - findings: { mustNot: [deadlock] }
`;

const line = (text: string): number => FULL.split('\n').findIndex((row) => row.includes(text)) + 1;

describe('a full scenario', () => {
  const { scenario, actors, variables, expectations } = load(FULL);

  test('has its values and defaults, with durations in nanoseconds', () => {
    expect(scenario).toMatchObject({
      version: 1,
      name: 'netlink-pool',
      about: 'Costs $5; threads send.',
      seed: 42,
      machine: { cpus: 2, hz: 250, preemption: 'full', costs: { preset: 'x86-2007' } },
      until: 60_000_000_000,
      limits: { events: 50_000_000 },
      params: { threads: 3, gap: '50ms', total: 6, lock: 'L' },
      objects: {
        L: { type: 'spinlock' },
        S: { type: 'semaphore', count: 2 },
        q: { type: 'wait_queue_head' },
        nl: { type: 'netlink_socket', rcvbuf: 212992, timeout: 50_000_000 },
      },
      faults: [{ at: 10_000_000, kind: 'kill', target: 'sender-1' }],
      trace: { events: ['sched_switch'] },
      expect: { findings: { must: [], mustNot: ['deadlock'] } },
    });
    expect(scenario.actors['eth0']).toMatchObject({
      kind: 'irq',
      arrivals: { every: 12_000_000, count: 6, start: 0 },
    });
    expect(scenario.actors['reader']).toMatchObject({
      kind: 'user',
      policy: 'fifo',
      prio: 13,
      nice: 0,
      start: true,
      daemon: false,
    });
  });

  test('expands a replicated actor, each copy with its own number', () => {
    expect(actors.map(({ name }) => name)).toEqual([
      'eth0',
      'rx',
      'sender-0',
      'sender-1',
      'sender-2',
      'reader',
    ]);
    const senders = actors.filter(({ group }) => group === 'sender');
    expect(senders.map(({ spec }) => ['cpu' in spec && spec.cpu, spec.with])).toEqual(
      [0, 1, 2].map((i) => [i % 2, { socket: 'nl', interval: 50_000_000 + i, size: 768 }]),
    );
    expect(actors[2]!.spec.kind).toBe('kthread');
  });

  test('numbers the shared variables', () => {
    expect(variables).toEqual([
      { name: 'n', slot: 0, initial: [0], array: false, marked: true },
      { name: 'ring', slot: 1, initial: [0, 0, 7], array: true, marked: false },
    ]);
  });

  test('parses its thresholds', () => {
    expect(
      expectations.map(({ metric, comparison, threshold, at }) => [
        metric,
        comparison,
        threshold,
        at.line,
      ]),
    ).toEqual([
      ['messages.lost', '==', 0, line('- messages.lost')],
      ['latency.max(eth0)', '<=', 500_000, line('- that:')],
    ]);
  });

  test('compiles steps to a program with resolved names', () => {
    const { body } = actors.at(-1)!;
    if (body.kind !== 'steps') throw new Error('expected steps');
    const { code, locals, ret } = body.code;
    expect(code.map(({ kind }) => kind)).toEqual([
      'call',
      'call',
      'call',
      'call',
      'branch',
      'call',
    ]);
    expect(locals).toEqual(['f', 'got']);
    expect(ret).toBeUndefined();
    expect(code[0]).toMatchObject({
      args: [
        { kind: 'object', name: 'L' },
        { kind: 'out', slot: 0, name: 'f' },
      ],
      at: { line: line('- spin_lock_irqsave'), column: 9 },
    });
    expect(code[2]).toMatchObject({
      args: [{ name: 'q' }, { kind: 'value', value: { text: 'n > 0 && ring[2] == 7' } }],
    });
    expect(code[3]).toMatchObject({ label: 'got', result: 1 });
    expect(code[4]).toMatchObject({ otherwise: 6 });
  });
});

test('a scenario of a name and no actors is filled with defaults', () => {
  expect(load('name: empty\nactors: {}\n').effective).toBe(`version: 1
name: empty
about: ""
seed: 1
kernel: linux-6.1
machine:
  cpus: 1
  hz: 1000
  preemption: none
  costs:
    preset: x86-2024
until: 10s
limits:
  events: 50000000
params: {}
objects: {}
vars: {}
marked: []
counts: {}
actors: {}
faults: []
finally: []
trace:
  events: all
metrics: {}
expect:
  that: []
  findings:
    must: []
    may: []
    mustNot: []
explore:
  strategy: portfolio
  runs: 2000
  depth: 3
  preemptions: 2
  interrupts: 2
  findings:
    must: []
    may: []
`);
});

test('actors may be a list, as in recorded cases, and JSON is YAML', () => {
  const { actors, scenario } = load(
    JSON.stringify({
      name: 'recorded',
      machine: { cpus: 1, hz: 250 },
      objects: { S: { type: 'semaphore', count: 0 } },
      vars: { x: 0 },
      actors: [
        {
          name: 'main',
          kind: 'task',
          policy: 'fifo',
          prio: 50,
          cpu: 0,
          start: true,
          steps: ['align', 'wake a', 'set x 1', 'set_prio self FIFO 60 -> raised', 'sleep 2'],
        },
        {
          name: 'a',
          kind: 'task',
          policy: 'rr',
          prio: 40,
          cpu: 0,
          start: false,
          steps: ['down_timeout S 10 -> got'],
        },
      ],
    }),
  );
  expect(actors.map(({ name, spec }) => [name, spec.kind])).toEqual([
    ['main', 'kthread'],
    ['a', 'kthread'],
  ]);
  expect(scenario.actors['a']).toMatchObject({ policy: 'rr', prio: 40, start: false });
});

test('expectations may be a map from metrics to values', () => {
  const { expectations } = load(
    'name: e\nactors: {}\nexpect:\n  messages.lost: 0\n  rate.mean: ">= 199.0"\n',
  );
  expect(expectations.map(({ text }) => text)).toEqual([
    'messages.lost == 0',
    'rate.mean >= 199.0',
  ]);
});

describe('overrides', () => {
  const text = `name: o
params: { n: 2 }
objects: { S: sem:1 }
actors:
  reader: { program: netlink-sender, count: $n, with: { socket: nl } }
  task: { steps: [ "compute 1ms" ] }
`;

  test('change what the file says and what it leaves to defaults', () => {
    const { scenario, actors } = load(text, [
      'machine.hz=250',
      'machine.costs.irq_entry=1us',
      'params.n=3',
      'objects.S=sem:4',
      'actors.reader.with.interval=7jiffies',
      'actors.reader.nice=5',
      'seed=abc',
      'trace.events=[sched_switch, sched_wakeup]',
      'actors.task.steps.0=compute 2ms',
    ]);
    expect(scenario).toMatchObject({
      machine: { hz: 250, costs: { irq_entry: 1000 } },
      params: { n: 3 },
      seed: 'abc',
      objects: { S: { type: 'semaphore', count: 4 } },
      trace: { events: ['sched_switch', 'sched_wakeup'] },
    });
    expect(actors).toHaveLength(4);
    expect(actors[0]!.spec).toMatchObject({ nice: 5, with: { interval: 28_000_000 } });
    expect(scenario.actors['task']).toMatchObject({ steps: ['compute 2ms'] });
  });

  test('leave the file alone when there are none', () => {
    expect(load(text).scenario.machine.hz).toBe(1000);
  });
});
