/* Workloads of rt-app's kind, imported and run: loads, periods, sleeps and waits come out right. */
import { describe, expect, it } from 'vitest';
import { importWorkload } from '../../../scenarios/import/rt-app/import.ts';
import type { RunResult } from '../../../scenarios/run/result.ts';
import { loadYaml, parseTrace, perform, type TraceRow } from '../run/perform.ts';

const ms = 1_000_000;

interface Ran {
  readonly result: RunResult;
  readonly rows: readonly TraceRow[];
  /** What the threads of a task have run, thread by thread. */
  readonly ran: (task: string) => number[];
  /** When a thread was woken. */
  readonly wakeups: (thread: string) => number[];
}

function run(
  json: string,
  overrides: readonly string[] = [],
  findings: readonly string[] = [],
): Ran {
  const { scenario, errors } = importWorkload('w.json', json);
  if (scenario === undefined) throw new Error(errors.join('\n'));
  const { result, csv } = perform(loadYaml(scenario, overrides), { keep: true });
  expect(result.findings.map(({ kind }) => kind)).toEqual(findings);
  const rows = parseTrace(csv);
  return {
    result,
    rows,
    ran: (task) =>
      result.tasks
        .filter(({ actor }) => actor === task || actor.startsWith(`${task}-`))
        .map(({ runNs }) => runNs),
    wakeups: (thread) =>
      rows
        .filter(({ event, object }) => /^sched_wakeup(_new)?$/.test(event) && object === thread)
        .map(({ time_ns }) => time_ns),
  };
}

function near(value: number, expected: number, within: number): void {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(within);
}

describe('a load', () => {
  it('of a tenth: 10 ms in each period of 100 ms, which does not drift', () => {
    const { ran, wakeups } = run(`{ /* 10 % */
      "tasks": { "thread0": { "instance": 1, "loop": -1, "run": 10000,
        "timer": { "ref": "unique", "period": 100000 } } },
      "global": { "duration": 6 } }`);
    near(ran('thread0')[0]!, 600 * ms, ms);
    const times = wakeups('thread0').filter((time) => time > 0);
    expect(times).toHaveLength(59);
    for (const [i, time] of times.entries()) near(time, (i + 1) * 100 * ms, 100_000);
  });

  it('with sleep in place of a timer drifts by what the work took', () => {
    const { wakeups } = run(`{ "tasks": { "t": { "run": 10000, "sleep": 90000 } },
      "global": { "duration": 2 } }`);
    const times = wakeups('t').filter((time) => time > 0);
    for (const [i, time] of times.entries()) near(time, (i + 1) * 100 * ms, (i + 1) * 60_000);
    expect(times.at(-1)).toBeGreaterThan(times.length * 100 * ms);
  });

  it('of phases that each loop, in as many instances, ends by itself', () => {
    const { ran, result } = run(
      `{ "tasks": { "t": { "instance": 3, "loop": 2, "phases": {
        "light": { "loop": 4, "run": 1000, "timer": { "ref": "unique", "period": 10000 } },
        "heavy": { "loop": 2, "run": 9000, "timer": { "ref": "unique", "period": 10000 } }
      } } } }`,
      ['machine.cpus=4'],
    );
    expect(ran('t')).toHaveLength(3);
    for (const ns of ran('t')) near(ns, 2 * (4 + 18) * ms, ms);
    expect(result.ending).toBe('quiescent');
    near(result.timeNs, 2 * 60 * ms, 2 * ms);
  });

  it('of runtime takes its time on the clock, whoever runs; of run takes it on the CPU', () => {
    const both = (event: string): Ran =>
      run(`{ "tasks": {
        "a": { "cpus": [0], "loop": 1, "${event}": 20000 },
        "b": { "cpus": [0], "loop": 1, "${event}": 20000 } },
        "global": { "duration": 1 } }`);
    const onCpu = both('run');
    for (const task of ['a', 'b']) near(onCpu.ran(task)[0]!, 20 * ms, ms);
    const onClock = both('runtime');
    const sum = onClock.ran('a')[0]! + onClock.ran('b')[0]!;
    expect(sum).toBeLessThan(36 * ms);
    expect(sum).toBeGreaterThan(19 * ms);
  });
});

describe('timers', () => {
  const overrun = (mode: string): number[] =>
    run(`{ "tasks": { "t": { "loop": 1, "phases": {
        "good": { "loop": 2, "run": 10000, "timer": { "ref": "unique", "period": 20000 ${mode} } },
        "bad": { "run": 35000, "timer": { "ref": "unique", "period": 20000 ${mode} } },
        "again": { "loop": 4, "run": 10000, "timer": { "ref": "unique", "period": 20000 ${mode} } }
      } } } }`)
      .wakeups('t')
      .filter((time) => time > 0)
      .map((time) => Math.round(time / ms));

  it('that are late count from then on if they are relative', () => {
    expect(overrun('')).toEqual([20, 40, 95, 115, 135, 155]);
  });

  it('and catch up with their first instant if they are absolute', () => {
    expect(overrun(', "mode": "absolute"')).toEqual([20, 40, 100, 120, 140]);
  });

  it('that are shared go on for all who use them', () => {
    const { wakeups } = run(`{ "tasks": {
        "a": { "loop": 3, "timer": { "ref": "tick", "period": 10000 } },
        "b": { "loop": 3, "delay": 1000, "timer": { "ref": "tick", "period": 10000 } } },
        "global": { "duration": 1 } }`);
    const late = (thread: string): number[] =>
      wakeups(thread)
        .map((time) => Math.round(time / ms))
        .filter((time) => time > 1);
    expect(late('a')).toEqual([10, 30, 50]);
    expect(late('b')).toEqual([20, 40, 60]);
  });

  it('count from the end of the delay', () => {
    const { wakeups } = run(`{ "tasks": { "t": { "delay": 7000, "loop": 2, "run": 1000,
      "timer": { "ref": "unique", "period": 10000 } } } }`);
    expect(wakeups('t').map((time) => Math.round(time / ms))).toEqual([0, 7, 17, 27]);
  });
});

describe('tasks that wait for each other', () => {
  it('suspend until somebody resumes them: a chain at the pace of its first', () => {
    const { ran, wakeups } = run(`{ "tasks": {
        "tick": { "loop": -1, "resume": "out", "timer": { "ref": "t", "period": 30000 } },
        "out": { "priority": -19, "run": 275, "resume": "dec.oder", "run": 4725, "suspend" },
        "dec.oder": { "priority": -2, "suspend", "run": 1000 } },
        "global": { "duration": 3, "lock_pages": true } }`);
    near(ran('out')[0]!, 101 * 5 * ms, 6 * ms);
    near(ran('dec_oder')[0]!, 100 * ms, 2 * ms);
    const gaps = wakeups('out').flatMap((time, i, all) => (i < 2 ? [] : [time - all[i - 1]!]));
    for (const gap of gaps) near(gap, 30 * ms, ms / 10);
  });

  it('meet at a barrier, the earlier one waits', () => {
    const { rows } = run(`{ "tasks": {
        "task0": { "loop": 1, "run": 1000, "sleep": 2000, "barrier": "A", "run": 2000, "sleep": 1 },
        "task1": { "loop": 1, "run": 2000, "barrier": "A", "sleep": 2000, "sleep": 1 } },
        "global": { "duration": 1 } }`);
    const switches = rows.filter(({ event }) => event === 'sched_wakeup');
    const task1 = switches.filter(({ object }) => object === 'task1').map(({ time_ns }) => time_ns);
    // Woken at the barrier when task0 comes, and after each of its sleeps.
    expect(task1).toHaveLength(3);
    near(task1[0]!, 3 * ms, 0.1 * ms);
    near(task1[1]! - task1[0]!, 2 * ms, 0.1 * ms);
  });

  it('ask and answer under a mutex, with signal, wait and sync', () => {
    const { ran, result } = run(`{ "tasks": {
        "server": { "lock": "m", "wait": { "ref": "q", "mutex": "m" }, "unlock": "m", "run": 300,
          "lock": "m", "signal": "q", "unlock": "m" },
        "client": { "loop": 10, "sleep": 5000, "lock": "m",
          "sync": { "ref": "q", "mutex": "m" }, "unlock": "m", "run": 100 } },
        "global": { "duration": 1 } }`);
    near(ran('server')[0]!, 3 * ms, ms / 2);
    near(ran('client')[0]!, ms, ms / 2);
    expect(result.locks.find(({ name }) => name === 'm')!.acquired).toBeGreaterThan(40);
  });

  it('inherit a priority where the workload says so', () => {
    const inversion = (pi: boolean): number => {
      const { rows } = run(
        `{ "tasks": {
          "low": { "priority": 1, "loop": 1, "lock": "m", "run": 5000, "unlock": "m" },
          "mid": { "priority": 2, "loop": 1, "delay": 2000, "run": 50000 },
          "high": { "priority": 3, "loop": 1, "delay": 1000,
            "lock": "m", "run": 100, "unlock": "m" }
        }, "global": { "default_policy": "SCHED_FIFO", "duration": 1, "pi_enabled": ${pi} } }`,
        ['machine.cpus=1'],
        pi ? [] : ['priority-inversion'],
      );
      const end = rows.find(({ event, comm }) => event === 'sched_process_exit' && comm === 'high');
      return end!.time_ns;
    };
    expect(inversion(true)).toBeLessThan(6 * ms);
    expect(inversion(false)).toBeGreaterThan(54 * ms);
  });
});

describe('policies', () => {
  it('change with a phase', () => {
    const { rows } = run(`{ "tasks": { "t": { "loop": 1, "phases": {
        "a": { "run": 1000 },
        "b": { "policy": "SCHED_FIFO", "priority": 20, "loop": 2, "run": 1000, "sleep": 1000 },
        "c": { "policy": "SCHED_OTHER", "priority": 5, "run": 1000, "sleep": 1000 }
      } } }, "global": { "duration": 1 } }`);
    const prios = rows
      .filter(({ event, object }) => event === 'sched_wakeup' && object === 't')
      .map(({ detail }) => /prio=(\d+)/.exec(detail)![1]);
    expect(prios).toEqual(['79', '79', '125']);
  });

  it('of a real-time task let it run before the others', () => {
    const { rows } = run(`{ "tasks": {
        "slow": { "cpus": [0], "loop": 1, "run": 20000 },
        "fast": { "cpus": [0], "loop": 1, "policy": "SCHED_FIFO", "priority": 50, "sleep": 5000,
          "run": 1000 } },
        "global": { "duration": 1 } }`);
    const on = rows.find(
      ({ event, object, time_ns }) => event === 'sched_switch' && object === 'fast' && time_ns > ms,
    );
    near(on!.time_ns, 5.05 * ms, 0.2 * ms);
  });
});

describe('forks', () => {
  it('start a copy each, at their time', () => {
    const { ran, wakeups } = run(`{ "tasks": {
        "parent": { "loop": 3, "sleep": 10000, "fork": "child" },
        "child": { "instance": 0, "loop": 2, "run": 1000, "sleep": 100 } },
        "global": { "duration": 1 } }`);
    expect(ran('child_fork')).toHaveLength(3);
    for (const ns of ran('child_fork')) near(ns, 2 * ms, ms / 5);
    for (const [i, start] of [0, 1, 2].map((n) => wakeups(`child_fork-${n}`)[0]!).entries()) {
      near(start, (i + 1) * 10 * ms, ms / 10);
    }
  });
});

describe('memory and devices', () => {
  it('mem computes for its bytes, iorun writes its bytes in pieces of the buffer', () => {
    const { ran, rows } = run(`{ "tasks": { "t": { "loop": 2, "mem": 10000000, "iorun": 2500 } },
        "global": { "duration": 1, "mem_buffer_size": 1000 } }`);
    near(ran('t')[0]!, 2 * ms, ms / 10);
    const writes = rows.filter(({ event, object }) => event === 'sys_enter' && object === 'write');
    expect(writes).toHaveLength(6);
  });
});
