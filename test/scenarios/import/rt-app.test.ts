/* rt-app's grammar: its dialect of JSON, its defaults, what is refused and what is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importWorkload } from '../../../scenarios/import/rt-app/import.ts';
import { loadYaml } from '../run/perform.ts';

function scenarioOf(json: string): string {
  const { scenario, errors } = importWorkload('folder/My load_1.json', json);
  if (scenario === undefined) throw new Error(errors.join('\n'));
  loadYaml(scenario);
  return scenario;
}

/** The steps of the only task, without indentation. */
function stepsOf(task: string, global = ''): string[] {
  const text = scenarioOf(`{ "tasks": { "t": ${task} } ${global} }`);
  return text
    .slice(text.indexOf('steps:'))
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function errorsOf(json: string): readonly string[] {
  const { scenario, errors } = importWorkload('w.json', json);
  expect(scenario).toBeUndefined();
  return errors;
}

function warningsOf(json: string): readonly string[] {
  const { errors, warnings } = importWorkload('w.json', json);
  expect(errors).toEqual([]);
  return warnings.filter((text) => !/how many CPUs|without a duration/.test(text));
}

const task = (members: string): string => `{ "tasks": { "t": { ${members} } } }`;

describe("rt-app's JSON", () => {
  it('has comments of both kinds and commas behind the last member', () => {
    const json = `// first\n/* a { "b" */ { "tasks": { "t": { "run": 10, /**/ "sleep": 20, }, }, }`;
    expect(scenarioOf(json)).toContain('- compute 10us\n');
  });

  it('has events of one name as often as one likes, with or without a number', () => {
    const steps = stepsOf('{ "loop": 1, "run": 1, "sleep": 2, "run": 3, "run7": 4, "sleep0": 5 }');
    expect(steps).toEqual([
      '- compute 1us',
      '- nanosleep 2us',
      '- compute 3us',
      '- compute 4us',
      '- nanosleep 5us',
    ]);
  });

  it('has suspend alone, which means the task itself', () => {
    expect(stepsOf('{ "loop": 1, "suspend", "run": 1 }')).toEqual(
      stepsOf('{ "loop": 1, "suspend": "", "run": 1 }'),
    );
    expect(stepsOf('{ "loop": 1, "suspend", "run": 1 }')).toEqual(
      stepsOf('{ "loop": 1, "suspend": "t", "run": 1 }'),
    );
  });

  it('has two tasks of one name as two tasks', () => {
    const text = scenarioOf('{ "tasks": { "a": { "run": 1 }, "a": { "run": 2 } } }');
    expect(text).toMatch(/^ {2}a:$/m);
    expect(text).toMatch(/^ {2}a1:$/m);
  });

  it.each([
    ['', 'w.json:1:1: expected a value, got the end of the file'],
    ['{ "tasks": { "t": { "run": 1 }', 'w.json:1:31: expected a comma or }, got the end'],
    ['{\n "tasks" {} }', 'w.json:2:10: expected a comma or }, got "{} }"'],
    ['{ "tasks": /* x', 'w.json:1:12: expected a comment that ends with */, got "/* x"'],
    ['{ "tasks": { t: 1 } }', 'w.json:1:14: expected a key in quotes, or }, got "t: 1 } }"'],
    ['{ "a": "x\n" }', 'w.json:1:8: expected a text that ends on its line with a quote, got'],
    ['{ "a": 01 }', 'w.json:1:8: expected a value, got "01 }"'],
    [`${'['.repeat(99)}`, 'expected at most 64 levels of nesting'],
    ['{} x', 'w.json:1:4: expected the end of the file, got "x"'],
  ])('%j is refused with its place', (json, message) => {
    expect(errorsOf(json).join('\n')).toContain(message);
  });

  it('any text is imported or refused, never a fault', () => {
    const piece = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"tasks"', '"run"', '"t"', '1', '-1', '"x"', 'true', '/*'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { scenario, errors } = importWorkload('w.json', pieces.join(' '));
        expect(scenario === undefined).toBe(errors.length > 0);
      }),
    );
  });
});

describe('defaults', () => {
  it('a task without phases runs for ever, or as often as it says', () => {
    expect(stepsOf('{ "run": 1 }')[0]).toBe('- repeat: forever');
    expect(stepsOf('{ "loop": -1, "run": 1 }')[0]).toBe('- repeat: forever');
    expect(stepsOf('{ "loop": 5, "run": 1 }')[0]).toBe('- repeat: 5');
    expect(stepsOf('{ "loop": 1, "run": 1 }')).toEqual(['- compute 1us']);
  });

  it('a task with phases runs for ever, each phase once', () => {
    expect(stepsOf('{ "phases": { "a": { "run": 1 }, "b": { "loop": 3, "run": 2 } } }')).toEqual([
      '- repeat: forever',
      'do:',
      '# phase a',
      '- compute 1us',
      '# phase b',
      '- repeat: 3',
      'do:',
      '- compute 2us',
    ]);
  });

  it('policies and priorities are those of rt-app', () => {
    const actor = (members: string, policy: string): string => {
      const json = `{ "tasks": { "t": { ${members} "run": 1 } },
        "global": { "duration": 1, "default_policy": "${policy}" } }`;
      return /kind: user\n([\s\S]*?) {4}daemon/.exec(scenarioOf(json))![1]!.replace(/\s+/g, ' ');
    };
    expect(actor('', 'SCHED_OTHER')).toBe('');
    expect(actor('"priority": -5,', 'SCHED_OTHER')).toBe(' nice: -5 ');
    expect(actor('', 'SCHED_FIFO')).toBe(' policy: fifo prio: 10 ');
    expect(actor('"priority": 50,', 'SCHED_RR')).toBe(' policy: rr prio: 50 ');
    expect(actor('"policy": "SCHED_IDLE",', 'SCHED_FIFO')).toBe(' policy: idle ');
  });

  it('there are as many CPUs as tasks name, and two at least', () => {
    expect(scenarioOf(task('"run": 1'))).toContain('cpus: 2,');
    expect(scenarioOf(task('"cpus": [1, 5], "run": 1'))).toContain('cpus: 6,');
    expect(scenarioOf(task('"cpus": [1, 5], "run": 1'))).toContain('    cpus: [1, 5]\n');
  });

  it('the time is the duration, or enough for what ends by itself', () => {
    expect(scenarioOf('{ "tasks": { "t": { "run": 1 } }, "global": { "duration": 6 } }')).toContain(
      '\nuntil: 6s\n',
    );
    expect(scenarioOf(task('"loop": 3, "run": 5000000'))).toContain('\nuntil: 30s\n');
    expect(scenarioOf(task('"run": 5000000'))).toContain('\nuntil: 10s\n');
  });

  it('names are made fit, unique, and the old ones stand in comments', () => {
    const text = scenarioOf(
      `{ "tasks": { "a.b": { "run": 1 }, "a-b": { "lock": "a.b", "unlock": "a.b" },
        "7": { "run": 1 } } }`,
    );
    expect(text).toMatch(/^name: my-load-1$/m);
    expect(text).toMatch(/^ {2}a_b: # tasks\.a\.b$/m);
    expect(text).toMatch(/^ {2}a_b_2: # tasks\.a-b$/m);
    expect(text).toMatch(/^ {2}_7: # tasks\.7$/m);
    expect(text).toMatch(/^ {2}a_b_mutex: pthread_mutex$/m);
  });
});

describe('what cannot be modelled', () => {
  it.each([
    [
      task('"policy": "SCHED_DEADLINE", "dl-runtime": 1, "dl-period": 2, "run": 1'),
      'w.json:1:14: tasks.t: policy: SCHED_DEADLINE is not modelled; give it a policy that is',
    ],
    [
      '{ "tasks": { "t": { "run": 1 } }, "global": { "default_policy": "SCHED_DEADLINE" } }',
      'global: default_policy: SCHED_DEADLINE is not modelled',
    ],
    [
      task('"phases": { "a": { "cpus": [0], "run": 1 }, "b": { "cpus": [1], "run": 1 } }'),
      'w.json:1:65: tasks.t.phases.b: the CPUs change with the phase, and sched_setaffinity is not',
    ],
    [
      '{ "tasks": { "t": { "fork": "c" }, "c": { "instance": 0, "run": 1 } } }',
      'tasks.t.fork: a fork in an endless loop makes more and more tasks: give it a loop',
    ],
    [
      '{ "tasks": { "t": { "loop": 1, "fork": "t" } } }',
      "tasks.t.fork: 't' forks itself, so its copies cannot be counted",
    ],
    [
      '{ "tasks": { "t": { "loop": 999, "fork": "c" }, "c": { "instance": 0, "run": 1 } } }',
      'expected at most 256 forks in all, got 999',
    ],
    [task('"exec": 5, "period": 10'), 'tasks.t.exec: it is of an older grammar of rt-app'],
  ])('%s is refused with its place and path', (json, message) => {
    expect(errorsOf(json).join('\n')).toContain(message);
  });

  it.each([
    [task('"util_min": 5, "run": 1'), 'tasks.t.util_min: utilization clamping is not modelled'],
    [task('"taskgroup": "/a", "run": 1'), 'tasks.t.taskgroup: task groups are not modelled'],
    [task('"nodes_membind": [0], "run": 1'), 'tasks.t.nodes_membind: NUMA is not modelled'],
    [task('"dl-runtime": 5, "run": 1'), 'tasks.t.dl-runtime: belongs to SCHED_DEADLINE'],
    [task('"mem": 5'), 'tasks.t.mem: memory takes 10 GB/s'],
    [
      '{ "tasks": { "t": { "iorun": 5 } }, "global": { "io_device": "/dev/sda" } }',
      'tasks.t.iorun: writes to /dev/sda take no longer than to /dev/null: no disk',
    ],
    [task('"rum": 5, "run": 1'), 'w.json:1:21: tasks.t.rum: unknown to rt-app, left out'],
    [
      task('"run": 5, "phases": { "a": { "run": 1 } }'),
      'tasks.t.run: rt-app ignores it beside phases, left out',
    ],
    [
      task('"timer": { "ref": "a", "period": 5, "perid": 6 }'),
      'tasks.t.timer.perid: unknown to rt-app, left out',
    ],
    [
      '{ "tasks": { "t": { "instance": 0, "run": 1 } } }',
      'tasks.t: has no instance and nobody forks it, left out',
    ],
    ['{ "tasks": { "t": { "run": 1 } }, "taks": {} }', 'taks: unknown to rt-app, left out'],
  ])('%s is told, and stands in the scenario', (json, message) => {
    const [warning, ...rest] = warningsOf(json);
    expect(warning).toContain(message);
    expect(rest).toEqual([]);
    const comment = `#   ${warning!.replace('w.json:', '')}`;
    expect(importWorkload('w.json', json).scenario).toContain(comment);
  });

  it.each([
    [task('"run": "5"'), 'tasks.t.run: expected a whole number below 2^31, got "5"'],
    [task('"run": -5'), 'tasks.t.run: expected a number from 0, got -5'],
    [task('"run": 1.5'), 'tasks.t.run: expected a whole number below 2^31, got 1.5'],
    [task('"lock": 5'), 'tasks.t.lock: expected a text, got 5'],
    [task('"lock": ""'), 'tasks.t.lock: expected a name, got ""'],
    [task('"lock"'), 'tasks.t.lock: expected a text, got nothing'],
    [task('"timer": 5'), 'tasks.t.timer: expected an object, got 5'],
    [task('"timer": { "mode": "x" }'), "expected the mode relative or absolute, got 'x'"],
    [task('"loop": 1'), 'tasks.t: expected an event, such as run or sleep; got none'],
    [task('"loop": 1, "loop": 2, "run": 1'), "tasks.t.loop: 'loop' stands twice"],
    [task('"priority": 20, "run": 1'), 'expected a nice value from -20 to 19, got 20'],
    [
      task('"policy": "SCHED_RR", "priority": 0, "run": 1'),
      'tasks.t: expected a real-time priority from 1 to 99, got 0',
    ],
    [task('"policy": "FIFO", "run": 1'), 'policy: expected one of SCHED_OTHER, SCHED_IDLE'],
    [task('"phases": {}'), 'tasks.t.phases: expected a phase, got none'],
    [task('"phases": []'), 'tasks.t.phases: expected an object, got a list'],
    [task('"cpus": [64], "run": 1'), 'tasks.t: expected CPUs from 0 to 63, got 64'],
    [task('"cpus": [], "run": 1'), 'tasks.t: expected a CPU in cpus, got none'],
    [task('"cpus": 1, "run": 1'), 'tasks.t.cpus: expected a list of numbers, got 1'],
    [task('"instance": -1, "run": 1'), 'tasks.t: expected an instance from 0, got -1'],
    [task('"loop": 1, "fork": "x"'), "tasks.t.fork: there is no task 'x'"],
    ['{ "tasks": {} }', 'tasks: expected a task, got none'],
    ['{ "global": {} }', "expected an object 'tasks', as rt-app has it"],
    ['[]', 'expected an object, got a list'],
    [
      '{ "tasks": { "t": { "run": 1 } }, "global": { "pi_enabled": 1 } }',
      'global.pi_enabled: expected true or false, got 1',
    ],
  ])('%s is an error', (json, message) => {
    expect(errorsOf(json).join('\n')).toContain(message);
  });

  it('several errors are told at once', () => {
    const json = '{ "tasks": { "a": { "run": "x" }, "b": { "lock": 1 }, "c": {} } }';
    expect(errorsOf(json)).toHaveLength(3);
  });
});
