/**
 * Bad scenarios and exactly what is said about them: a file, what is said, the overrides.
 */
import { describe, expect, test } from 'vitest';
import { complaints } from './helpers.ts';

const head = 'name: bad\n';
const none = 'actors: {}\n';

type Case = [about: string, text: string, expected: string[], overrides?: string[]];

const YAML_CASES: Case[] = [
  [
    'a syntax error',
    'name: bad\nactors: [\n',
    [
      's.yaml:3:1: Flow sequence in block collection must be sufficiently indented and ' +
        'end with a ]',
    ],
  ],
  [
    'a duplicate key',
    `${head}seed: 1\nseed: 2\n${none}`,
    ["s.yaml:3:1: the key 'seed' was given before, in line 2"],
  ],
  ['a custom tag', `${head}seed: !foo 3\n${none}`, ['s.yaml:2:7: Unresolved tag: !foo']],
  [
    'two documents',
    `${head}${none}---\nname: other\n`,
    ['s.yaml:3:1: a scenario is one YAML document; here begins another'],
  ],
  ['YAML 1.1', `%YAML 1.1\n---\n${head}${none}`, ['s.yaml:1:1: only YAML 1.2 is read']],
  [
    'a merge key',
    `${head}machine: &m { cpus: 1 }\n${none}limits: { <<: *m }\n`,
    ["s.yaml:4:11: limits: YAML 1.2 has no merge key '<<'; repeat the keys"],
  ],
  [
    'an alias without an anchor',
    `${head}seed: *s\n${none}`,
    ["s.yaml:2:7: seed: no anchor '&s' stands before this alias"],
  ],
  ['an empty file', '# nothing\n', ['s.yaml:1:1: the file is empty']],
  ['a list', '- a\n', ['s.yaml:1:1: expected a map, got a list']],
  [
    'a reserved key',
    `${head}vars: { __proto__: 1 }\n${none}`,
    ["s.yaml:2:9: vars: '__proto__' cannot be a key"],
  ],
];

const SCHEMA_CASES: Case[] = [
  [
    'no name and no actors',
    'seed: 1\n',
    ['s.yaml:1:1: name: missing; expected a string', 's.yaml:1:1: actors: missing; expected a map'],
  ],
  [
    'an unknown key',
    `${head}sede: 1\n${none}`,
    ["s.yaml:2:1: sede: unknown key 'sede' (did you mean 'seed'?)"],
  ],
  [
    'a key of a machine',
    `${head}machine: { cpu: 2, preempt: full }\n${none}`,
    [
      "s.yaml:2:12: machine.cpu: unknown key 'cpu' (did you mean 'cpus'?)",
      "s.yaml:2:20: machine.preempt: unknown key 'preempt' (did you mean 'preemption'?)",
    ],
  ],
  [
    'HZ 0',
    `${head}machine:\n  hz: 0\n${none}`,
    [
      's.yaml:3:7: machine.hz: a machine needs ticks: HZ is from 1 to 10000, as a rule 100, ' +
        '250 or 1000',
    ],
  ],
  [
    'too many CPUs',
    `${head}machine: { cpus: 65 }\n${none}`,
    ['s.yaml:2:18: machine.cpus: expected at most 64, got 65'],
  ],
  [
    'a text for a number',
    `${head}machine: { cpus: two }\n${none}`,
    ["s.yaml:2:18: machine.cpus: expected an integer, got 'two'"],
  ],
  [
    'a fraction for an integer',
    `${head}machine: { cpus: 1.5 }\n${none}`,
    ['s.yaml:2:18: machine.cpus: expected an integer, got 1.5'],
  ],
  [
    'nothing for a map',
    `${head}machine:\n${none}`,
    ['s.yaml:2:9: machine: expected a map, got nothing'],
  ],
  [
    'an unknown kernel',
    `${head}kernel: linux-6.11\n${none}`,
    [
      's.yaml:2:9: kernel: expected one of linux-2.4.27, linux-2.6.24, linux-2.6.32, ' +
        "linux-6.1, linux-6.12; got 'linux-6.11' (did you mean 'linux-6.1'?)",
    ],
  ],
  [
    'a duration without a unit',
    `${head}until: 60\n${none}`,
    ['s.yaml:2:8: until: expected a duration with its unit, such as 10us or 1.5ms; got 60'],
  ],
  [
    'a duration with a strange unit',
    `${head}until: 60sec\n${none}`,
    ['s.yaml:2:8: until: expected a duration with its unit, such as 10us or 1.5ms; got "60sec"'],
  ],
  [
    'a fraction of a nanosecond',
    `${head}until: 1.5ns\n${none}`,
    ['s.yaml:2:8: until: 1.5ns is not a whole number of nanoseconds'],
  ],
  [
    'a preset of costs',
    `${head}machine: { costs: x86-2042 }\n${none}`,
    [
      's.yaml:2:19: machine.costs.preset: expected one of ideal, x86-2007, x86-2024; got ' +
        "'x86-2042' (did you mean 'x86-2024'?)",
    ],
  ],
  [
    'a cost',
    `${head}machine: { costs: { contxt_switch: 1us } }\n${none}`,
    [
      "s.yaml:2:21: machine.costs.contxt_switch: unknown key 'contxt_switch' (did you mean " +
        "'context_switch'?)",
    ],
  ],
  [
    'a type of object',
    `${head}objects:\n  L: spinlok\n${none}`,
    [
      "s.yaml:3:6: objects.L.type: unknown type 'spinlok'; known are spinlock, mutex, " +
        "semaphore, wait_queue_head, netlink_socket (did you mean 'spinlock'?)",
    ],
  ],
  [
    'an actor among the objects',
    `${head}objects:\n  t: tasklet\n${none}`,
    [
      "s.yaml:3:6: objects.t.type: unknown type 'tasklet'; a tasklet is an actor: write " +
        'actors: { t: { kind: tasklet, steps: [...] } }',
    ],
  ],
  [
    'a field of an object',
    `${head}objects:\n  S: { type: sem, cuont: 1 }\n${none}`,
    ["s.yaml:3:19: objects.S.cuont: unknown key 'cuont' (did you mean 'count'?)"],
  ],
  [
    'a name of an object',
    `${head}objects: { 9L: spinlock }\n${none}`,
    ['s.yaml:2:12: objects.9L: a name is a letter, then up to 62 letters, digits, _ : -'],
  ],
  [
    'a value of a variable',
    `${head}vars: { x: [1, a], y: b }\n${none}`,
    [
      "s.yaml:2:16: vars.x[1]: expected an integer, got 'a'",
      's.yaml:2:23: vars.y: expected an integer, a list of integers, or {length: N}',
    ],
  ],
  [
    'the length of a variable',
    `${head}vars: { x: { length: 0 }, y: { length: 3, fill: 1 } }\n${none}`,
    [
      's.yaml:2:22: vars.x.length: expected at least 1, got 0',
      "s.yaml:2:43: vars.y.fill: unknown key 'fill'",
    ],
  ],
  [
    'an event of the trace',
    `${head}trace: { events: [sched_swich] }\n${none}`,
    [
      's.yaml:2:19: trace.events[0]: expected one of sched_switch, sched_wakeup, ' +
        "irq_handler_entry; got 'sched_swich' (did you mean 'sched_switch'?)",
    ],
  ],
  [
    'a finding',
    `${head}${none}expect: { findings: { must: [dead-lock] } }\n`,
    [
      's.yaml:3:30: expect.findings.must[0]: expected one of deadlock, data-race, hang, ' +
        "sleep-in-atomic; got 'dead-lock' (did you mean 'deadlock'?)",
    ],
  ],
  [
    'a threshold',
    `${head}${none}expect: [ a.b, a.b = 1, a.b < x, "? < 1" ]\n`,
    [
      's.yaml:3:11: expect.that[0]: expected METRIC COMPARISON NUMBER, such as messages.lost == 0',
      "s.yaml:3:20: expect.that[1]: equality is written '=='",
      "s.yaml:3:30: expect.that[2]: expected a number or a duration, got 'x'",
      "s.yaml:3:34: expect.that[3]: expected the name of a metric, got '?'",
    ],
  ],
  [
    'a marked variable',
    `${head}vars: { count: 0 }\nmarked: [coumt]\n${none}`,
    ["s.yaml:3:10: marked[0]: unknown variable 'coumt' (did you mean 'count'?)"],
  ],
  [
    'finally',
    `${head}vars: { n: 0 }\nfinally: [ "n == m", "n[1]", "(n" ]\n${none}`,
    [
      "s.yaml:3:18: finally[0]: unknown variable 'm'",
      "s.yaml:3:22: finally[1]: 'n' is no array",
      "s.yaml:3:33: finally[2]: expected ')', got the end",
    ],
  ],
  [
    'a local in finally',
    `${head}vars: { n: 0 }\nfinally: [ "n == $x" ]\n${none}`,
    ["s.yaml:3:19: finally[0]: unknown parameter 'x'"],
  ],
];

const ACTOR_CASES: Case[] = [
  [
    'a kind',
    `${head}actors:\n  a: { kind: irqq, steps: [] }\n`,
    [
      "s.yaml:3:14: actors.a.kind: unknown kind 'irqq'; known are irq, softirq, tasklet, " +
        'timer, hrtimer, irq_work, napi, work, delayed_work, kthread, user, sys, callback, ' +
        "handler (did you mean 'irq'?)",
    ],
  ],
  [
    'neither steps nor a program',
    `${head}actors:\n  a: { kind: user }\n`,
    ["s.yaml:3:6: actors.a: expected 'steps' or 'program'"],
  ],
  [
    'both steps and a program',
    `${head}actors:\n  a: { program: spinner, steps: [] }\n`,
    ["s.yaml:3:17: actors.a.program: 'steps' and 'program' exclude each other"],
  ],
  [
    'a program',
    `${head}actors:\n  a: { program: spiner }\n`,
    [
      "s.yaml:3:17: actors.a.program: expected one of netlink-sender, spinner; got 'spiner' " +
        "(did you mean 'spinner'?)",
    ],
  ],
  [
    'a parameter of a program',
    `${head}actors:\n  a: { program: netlink-sender, with: { soket: x, size: 0 } }\n`,
    [
      's.yaml:3:33: actors.a.with.socket: missing; expected a string',
      "s.yaml:3:41: actors.a.with.soket: unknown key 'soket' (did you mean 'socket'?)",
      's.yaml:3:57: actors.a.with.size: expected at least 1, got 0',
    ],
  ],
  [
    'a field of another kind',
    `${head}actors:\n  a: { kind: irq, prio: 5, steps: [] }\n`,
    ["s.yaml:3:19: actors.a.prio: unknown key 'prio'"],
  ],
  [
    'fifo without prio, normal with it',
    `${head}actors:\n  a: { policy: fifo, steps: [] }\n  b: { prio: 5, steps: [] }\n`,
    [
      "s.yaml:3:16: actors.a.policy: the policy fifo needs 'prio', from 1 to 99",
      "s.yaml:4:14: actors.b.prio: 'prio' is for the policies fifo and rr; use 'nice'",
    ],
  ],
  [
    'a CPU that is not there',
    `${head}actors:\n  a: { cpu: 1, steps: [] }\n`,
    ['s.yaml:3:13: actors.a.cpu: the machine has only CPU 0, got 1'],
  ],
  [
    'arrivals without an interval',
    `${head}actors:\n  a: { kind: irq, arrivals: { jitter: 1us }, steps: [] }\n`,
    [
      's.yaml:3:29: actors.a.arrivals: expected one of every, poisson, uniform, erlang, pareto, ' +
        'table, at, recorded (an ' +
        'interval is above 0)',
      's.yaml:3:39: actors.a.arrivals.jitter: belongs to `every`',
    ],
  ],
  [
    'two of one name',
    `${head}actors:\n  - { name: a, steps: [] }\n  - { name: a, steps: [] }\n`,
    ["s.yaml:4:13: actors[1]: there is an actor 'a' already"],
  ],
  [
    'an actor named self',
    `${head}actors: { self: { steps: [] } }\n`,
    ["s.yaml:2:11: actors.self: 'self' means the acting actor; use another name"],
  ],
  [
    'a copy with the name of another',
    `${head}actors:\n  a: { count: 2, steps: [] }\n  a-1: { steps: [] }\n`,
    ["s.yaml:4:3: actors.a-1: there is another actor 'a-1'"],
  ],
  [
    'a target of a fault',
    `${head}actors: { reader: { steps: [] } }\n` +
      'faults: [ { at: 1s, kind: kill, target: raeder } ]\n',
    ["s.yaml:3:41: faults[0].target: unknown actor 'raeder' (did you mean 'reader'?)"],
  ],
  [
    'a kind of fault',
    `${head}${none}faults: [ { at: 1s, kind: stal, target: x } ]\n`,
    [
      "s.yaml:3:27: faults[0].kind: unknown kind 'stal'; known are signal, kill, restart, " +
        "stall, alloc_fail, lost_irq, spurious_irq (did you mean 'stall'?)",
    ],
  ],
];

const PARAMETER_CASES: Case[] = [
  [
    'an unknown parameter',
    `${head}params: { threads: 2 }\nuntil: $theads\n${none}`,
    ["s.yaml:3:9: until: unknown parameter 'theads' (did you mean 'threads'?)"],
  ],
  [
    'an expression',
    `${head}params: { n: 2 }\nseed: \${n + m}\n${none}`,
    ["s.yaml:3:13: seed: unknown parameter 'm'"],
  ],
  [
    'a division by zero',
    `${head}params: { n: 0 }\nseed: \${1 / n}\n${none}`,
    ['s.yaml:3:11: seed: division by zero'],
  ],
  [
    'text in arithmetic',
    `${head}params: { n: abc }\nseed: \${n + 1}\n${none}`,
    ["s.yaml:3:9: seed: the parameter 'n' is text, not a number"],
  ],
  ['an open brace', `${head}seed: "\${1"\n${none}`, ["s.yaml:2:7: seed: '${' without its '}'"]],
  [
    'a parameter named index',
    `${head}params: { index: 1 }\n${none}`,
    ["s.yaml:2:11: params.index: 'index' counts the copies of an actor; use another name"],
  ],
  [
    'a parameter that is a map',
    `${head}params: { a: { b: 1 } }\n${none}`,
    ['s.yaml:2:14: params.a: expected an integer, a duration, a string or a boolean'],
  ],
  [
    'index outside an actor',
    `${head}seed: $index\n${none}`,
    ["s.yaml:2:8: seed: unknown parameter 'index'"],
  ],
  [
    'a copy that is wrong',
    `${head}actors:\n  a: { count: 3, cpu: $index, steps: [] }\n`,
    [
      's.yaml:3:23: actors.a.cpu: the machine has only CPU 0, got 1',
      's.yaml:3:23: actors.a.cpu: the machine has only CPU 0, got 2',
    ],
  ],
  [
    'a value of the wrong kind',
    `${head}params: { n: x }\nmachine: { cpus: $n }\n${none}`,
    ["s.yaml:3:18: machine.cpus: expected an integer, got 'x'"],
  ],
];

const OVERRIDE_CASES: Case[] = [
  [
    'an unknown path',
    head + none,
    ["--set machine.hzz=250: the scenario has no 'machine.hzz' (did you mean 'machine.hz'?)"],
    ['machine.hzz=250'],
  ],
  [
    'an unknown first part',
    head + none,
    ["--set machin.hz=250: the scenario has no 'machin' (did you mean 'machine'?)"],
    ['machin.hz=250'],
  ],
  [
    'a new parameter',
    `${head}params: { threads: 1 }\n${none}`,
    ["--set params.thread=1: the scenario has no 'params.thread' (did you mean 'params.threads'?)"],
    ['params.thread=1'],
  ],
  [
    'a wrong value',
    head + none,
    ["--set machine.hz=fast: machine.hz: expected an integer, got 'fast'"],
    ['machine.hz=fast'],
  ],
  ['no value', head + none, ['--set machine.hz: expected path=value'], ['machine.hz']],
  [
    'an empty value',
    head + none,
    ['--set machine.hz=: machine.hz: expected an integer, got nothing'],
    ['machine.hz='],
  ],
  [
    'a value that is no YAML',
    head + none,
    ['--set machine.hz=[: Flow sequence must end with a ]'],
    ['machine.hz=['],
  ],
  [
    'beyond a scalar',
    head + none,
    [
      "--set machine.hz.x=1: the scenario has no 'machine.hz.x'",
      "--set seed.x=1: the scenario has no 'seed.x'",
    ],
    ['machine.hz.x=1', 'seed.x=1'],
  ],
  [
    'in a step',
    `${head}actors: { a: { steps: [schedule] } }\n`,
    [
      "--set actors.a.steps.1=schedule: the scenario has no 'actors.a.steps.1'",
      "--set actors.a.steps.0=shedule: actors.a.steps[0]: unknown function 'shedule' (did you " +
        "mean 'schedule'?)",
    ],
    ['actors.a.steps.0=shedule', 'actors.a.steps.1=schedule'],
  ],
];

describe.each([
  ['YAML', YAML_CASES],
  ['the schema', SCHEMA_CASES],
  ['actors', ACTOR_CASES],
  ['parameters', PARAMETER_CASES],
  ['overrides', OVERRIDE_CASES],
])('errors of %s', (_, cases) => {
  test.each(cases)('%s', (_about, text, expected, overrides = []) => {
    expect(complaints(text, overrides)).toEqual(expected);
  });
});
