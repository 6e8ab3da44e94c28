/* Injected faults: each kind, when it strikes, whom, and whom it cannot strike. */
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../scenarios/run/error.ts';
import { ScenarioRun } from '../../../scenarios/run/run.ts';
import { loadYaml, parseTrace } from './perform.ts';
import { observe, type Observed } from './scenario.ts';

const ms = 1_000_000;

function scenario(faults: string, actors: string, kernel = 'linux-6.1'): string {
  return `
name: faults
kernel: ${kernel}
machine: { cpus: 2, costs: { preset: ideal } }
until: 100ms
vars: { n: 0 }
objects: { nl: netlink:5 }
faults: [${faults}]
actors:
${actors.replace(/^\n/, '').replace(/^/gm, '  ')}`;
}

function at(run: Observed, label: string): number[] {
  return run.logged.filter((one) => one.label === label).map(({ timeNs }) => timeNs);
}

const WORKER = 'w: { kind: user, steps: [log begins, compute 20ms, log ends] }';

describe('a signal', () => {
  it('ends a process that has no handler, at its next return to user mode', () => {
    const run = observe(scenario('{ kind: signal, target: w, at: 5ms, signal: SIGINT }', WORKER), {
      keep: true,
    });
    expect([at(run, 'begins'), at(run, 'ends')]).toEqual([[0], []]);
    const rows = parseTrace(run.csv);
    const exit = rows.find(({ event }) => event === 'sched_process_exit')!;
    expect([exit.time_ns, exit.comm]).toEqual([5 * ms, 'w']);
    const fault = rows.find(({ event }) => event === 'fault')!;
    expect([fault.time_ns, fault.context, fault.object]).toEqual([5 * ms, 'hardirq', 'signal w']);
  });

  it('is ignored where the program says so', () => {
    const ignoring = 'w: { kind: user, steps: [signal SIGINT SIG_IGN, compute 20ms, log ends] }';
    const run = observe(scenario('{ kind: signal, target: w, at: 5ms, signal: SIGINT }', ignoring));
    expect(at(run, 'ends')).toEqual([20 * ms]);
  });

  it('wakes a kernel thread that allows it, and no other', () => {
    const threads = `
yes: { kind: kthread, steps: [allow_signal SIGUSR1, msleep_interruptible 50 -> left] }
no: { kind: kthread, steps: [msleep_interruptible 50 -> left] }`;
    const run = observe(
      scenario(
        '{ kind: signal, target: yes, at: 10ms, signal: SIGUSR1 }, ' +
          '{ kind: signal, target: no, at: 10ms, signal: SIGUSR1 }',
        threads,
      ),
    );
    const left = new Map(run.logged.map(({ actor, timeNs }) => [actor, timeNs]));
    expect(left.get('yes')).toBe(10 * ms);
    expect(left.get('no')).toBeGreaterThanOrEqual(50 * ms);
  });

  it('strikes all copies, or the one that is named', () => {
    const copies = 'w: { kind: user, count: 3, steps: [compute 3ms, log ends] }';
    const ends = (target: string): string[] =>
      observe(scenario(`{ kind: kill, target: ${target}, at: 1ms }`, copies))
        .logged.map(({ actor }) => actor)
        .sort();
    expect(ends('w')).toEqual([]);
    expect(ends('w-1')).toEqual(['w-0', 'w-2']);
  });
});

describe('kill', () => {
  it('cannot be ignored', () => {
    const stubborn = 'w: { kind: user, steps: [signal SIGTERM SIG_IGN, compute 20ms, log ends] }';
    expect(at(observe(scenario('{ kind: kill, target: w, at: 5ms }', stubborn)), 'ends')).toEqual(
      [],
    );
  });

  it('waits while the process is in the kernel', () => {
    const inKernel = 'w: { kind: user, steps: [delay 20ms, log kernel, compute 5ms, log ends] }';
    const run = observe(scenario('{ kind: kill, target: w, at: 5ms }', inKernel));
    expect([at(run, 'kernel'), at(run, 'ends')]).toEqual([[20 * ms], []]);
  });
});

describe('restart', () => {
  it('begins the program anew under another id', () => {
    const pid = 'w: { kind: user, pid: 77, steps: [getpid -> pid, compute 20ms, log ends] }';
    const run = observe(scenario('{ kind: restart, target: w, at: 5ms }', pid));
    const [first, second] = run.logged.filter(({ label }) => label === 'pid');
    expect(first).toMatchObject({ result: 77, timeNs: 0 });
    expect(second!.timeNs).toBe(5 * ms);
    expect(second!.result).not.toBe(77);
    expect(at(run, 'ends')).toEqual([25 * ms]);
  });

  it('of one that has ended begins it anew, too', () => {
    const run = observe(scenario('{ kind: restart, target: w, at: 50ms }', WORKER));
    expect(at(run, 'begins')).toEqual([0, 50 * ms]);
    expect(at(run, 'ends')).toEqual([20 * ms, 70 * ms]);
  });

  it('of a kernel thread', () => {
    const thread = 'w: { kind: kthread, steps: [log begins, msleep 10, log ends] }';
    const run = observe(scenario('{ kind: restart, target: w, at: 50ms }', thread));
    expect(at(run, 'begins')).toEqual([0, 50 * ms]);
  });
});

describe('stall', () => {
  it('stops a process and lets it go on', () => {
    const run = observe(scenario('{ kind: stall, target: w, at: 5ms, for: 30ms }', WORKER));
    expect(at(run, 'ends')).toEqual([50 * ms]);
  });
});

describe('alloc_fail', () => {
  const allocating = `
w: { kind: kthread, steps: [{ repeat: 5, do: [alloc_skb $skb 100 -> got, kfree_skb $skb] }] }
o: { kind: kthread, steps: [{ repeat: 5, do: [alloc_skb $skb 100 -> got, kfree_skb $skb] }] }`;

  it('makes as many allocations fail, of that actor only', () => {
    const run = observe(
      scenario(
        '{ kind: alloc_fail, target: w, at: 0ms, count: 2 }',
        allocating.replaceAll('steps: [', 'steps: [msleep 1, '),
      ),
    );
    const failed = run.logged.filter(({ result }) => result === 0).map(({ actor }) => actor);
    expect(failed).toEqual(['w', 'w']);
    expect(run.logged.filter(({ result }) => result > 0)).toHaveLength(8);
  });

  it('adds up, from its instant on', () => {
    const slow =
      'w: { kind: kthread, steps: [{ repeat: 9, do: ' +
      '[msleep 9, alloc_skb $skb 100 -> got, kfree_skb $skb] }] }';
    const run = observe(
      scenario(
        '{ kind: alloc_fail, target: w, at: 35ms }, ' +
          '{ kind: alloc_fail, target: w, at: 35ms, count: 2 }',
        slow,
      ),
    );
    const failed = run.logged.filter(({ result }) => result === 0);
    expect(failed).toHaveLength(3);
    expect(failed[0]!.timeNs).toBeGreaterThan(35 * ms);
    expect(run.logged.findIndex(({ result }) => result === 0)).toBeGreaterThan(0);
  });
});

describe('interrupts', () => {
  const line = 'i: { kind: irq, arrivals: { every: 10ms }, steps: [n = n + 1, log handled] }';

  it('lost_irq loses the next arrivals', () => {
    const run = observe(scenario('{ kind: lost_irq, target: i, at: 15ms, count: 3 }', line));
    expect(at(run, 'handled').map((time) => time / ms)).toEqual([10, 50, 60, 70, 80, 90, 100]);
  });

  it('spurious_irq raises the line without an arrival', () => {
    const run = observe(scenario('{ kind: spurious_irq, target: i, at: 15ms }', line));
    expect(
      at(run, 'handled')
        .slice(0, 3)
        .map((time) => time / ms),
    ).toEqual([10, 15, 20]);
  });

  it('that are spurious all at once are one: a pending line is not counted', () => {
    const run = observe(scenario('{ kind: spurious_irq, target: i, at: 15ms, count: 5 }', line));
    expect(at(run, 'handled').filter((time) => time < 20 * ms)).toHaveLength(2);
  });
});

describe('a fault that cannot strike', () => {
  const actors = `
t: { kind: kthread, steps: [msleep 10] }
i: { kind: irq, steps: [nop] }
b: { kind: tasklet, steps: [nop] }`;

  it.each([
    ['{ kind: signal, signal: SIGINT, target: i, at: 1ms }', 'i is no task'],
    ['{ kind: kill, target: b, at: 1ms }', 'b is no task'],
    ['{ kind: restart, target: b, at: 1ms }', 'b is no task'],
    ['{ kind: stall, target: i, at: 1ms, for: 1ms }', 'i is no task'],
    ['{ kind: lost_irq, target: t, at: 1ms }', 't is no interrupt line'],
    ['{ kind: spurious_irq, target: b, at: 1ms }', 'b is no interrupt line'],
  ])('%s is refused before anything runs', (fault, message) => {
    const build = (): ScenarioRun => new ScenarioRun(loadYaml(scenario(fault, actors)));
    expect(build).toThrow(FaultError);
    expect(build).toThrow(message);
  });
});
