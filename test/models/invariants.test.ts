/*
 * What holds whatever a program does: random tasks, interrupts and tasklets on random machines of
 * every era, with locks of every kind.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvDigest } from '../../engine/trace/csv-digest.ts';
import type { Code, Context } from '../../models/context.ts';
import type { Cpu } from '../../models/cpu/cpu.ts';
import {
  local_irq_disable,
  local_irq_enable,
  preempt_disable,
  preempt_enable,
} from '../../models/cpu/preempt.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import { eras, kernelNames } from '../../models/era.ts';
import { costPresets } from '../../models/costs.ts';
import { Tasklet, tasklet_hi_schedule, tasklet_schedule } from '../../models/irq/tasklet.ts';
import { Mutex, mutex_lock, mutex_unlock } from '../../models/locking/mutex.ts';
import * as rw from '../../models/locking/rwlock.ts';
import { Semaphore, down, up } from '../../models/locking/semaphore.ts';
import * as spin from '../../models/locking/spinlock.ts';
import { cond_resched, yield_ } from '../../models/sched/core.ts';
import { WaitQueueHead, wait_event, wake_up } from '../../models/sched/wait.ts';
import { TASK_DEAD } from '../../models/sched/state.ts';
import { Lab, US, just, sleep } from './lab.ts';

const verbs = [
  'burn',
  'spin_lock',
  'spin_lock_bh',
  'spin_lock_irqsave',
  'read_lock_bh',
  'write_lock_bh',
  'mutex',
  'semaphore',
  'preempt',
  'bh',
  'irq',
  'sleep',
  'yield',
  'cond_resched',
  'produce',
  'consume',
  'tasklet',
] as const;
type Verb = (typeof verbs)[number];

const step = fc.record({ verb: fc.constantFrom<Verb>(...verbs), us: fc.nat(400) });
type Step = { verb: Verb; us: number };

const machine = fc
  .record({
    kernel: fc.constantFrom(...kernelNames),
    cpus: fc.integer({ min: 1, max: 3 }),
    hz: fc.constantFrom(100, 250, 1000),
    costs: fc.constantFrom(...Object.values(costPresets)),
    seed: fc.nat(),
  })
  .chain((options) =>
    fc.constantFrom(...eras[options.kernel].preemptionModels).map((preemption) => ({
      ...options,
      preemption,
    })),
  );

const program = fc.record({
  machine,
  tasks: fc.array(
    fc.record({
      cpu: fc.nat(2),
      prio: fc.nat(60),
      bound: fc.boolean(),
      steps: fc.array(step, { maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  irqs: fc.array(
    fc.record({ cpu: fc.nat(2), at: fc.nat(5000), us: fc.nat(200), line: fc.nat(2) }),
    { maxLength: 12 },
  ),
});
type Program = typeof program extends fc.Arbitrary<infer T> ? T : never;

/** Runs a program and checks at every step what must hold. */
class Trial {
  private readonly given: Program;
  readonly lab: Lab;
  readonly digest = new CsvDigest();
  /** How many handlers and tasklets are under way on each CPU. */
  private readonly active = new Map<Cpu, { irq: number; softirq: number }>();
  private readonly irqLock = new spin.Spinlock('irq');
  private readonly bhLock = new spin.Spinlock('bh');
  private readonly taskLock = new spin.Spinlock('task');
  private readonly rwlock = new rw.Rwlock('rw');
  private readonly mutex = new Mutex('mutex');
  private readonly sem = new Semaphore('sem', 2);
  private readonly queue = new WaitQueueHead('items');
  private readonly inside = new Map<object, number>();
  private readonly tasklets: Tasklet[];
  private items = 0;
  private tasksOver = 0;

  constructor(given: Program) {
    this.given = given;
    this.lab = new Lab({ ...given.machine, sink: this.digest });
    for (const cpu of this.lab.machine.cpus) this.active.set(cpu, { irq: 0, softirq: 0 });
    this.tasklets = [0, 1].map((i) => new Tasklet(`T${i}`, (k) => this.tasklet(k, 100 * (i + 1))));
    given.tasks.forEach((task, i) => this.startTask(`t${i}`, task));
    const lines = [0, 1, 2].map((i) => this.lab.irq(`I${i}`, (k) => this.handler(k, 50 * i)));
    for (const { at, cpu, line } of given.irqs) {
      const target = cpu % given.machine.cpus;
      this.lab.irqAt(1 + at * US, lines[line]!, target);
    }
  }

  private startTask(name: string, { cpu, prio, bound, steps }: Program['tasks'][number]): void {
    const body = (k: Context): Code => this.run(k, steps);
    this.lab.start(name, prio < 20 ? 0 : prio, body, {
      cpu: cpu % this.given.machine.cpus,
      policy: prio < 20 ? 'SCHED_NORMAL' : prio < 40 ? 'SCHED_RR' : 'SCHED_FIFO',
      bound,
    });
  }

  private *run(k: Context, steps: readonly Step[]): Code {
    for (const { verb, us } of steps) {
      yield* this.do(k, verb, us * US);
      this.assertTask(k);
      expect(k.cpu.preempt_count).toBe(0);
      expect(k.cpu.irqs_disabled).toBe(false);
    }
    this.tasksOver++;
  }

  private *do(k: Context, verb: Verb, ns: number): Code {
    switch (verb) {
      case 'burn':
        return yield* this.burn(k, ns);
      case 'spin_lock':
        yield* spin.spin_lock(k, this.taskLock);
        yield* this.alone(k, this.taskLock, 1, ns);
        return yield* spin.spin_unlock(k, this.taskLock);
      case 'spin_lock_bh':
        yield* spin.spin_lock_bh(k, this.bhLock);
        yield* this.alone(k, this.bhLock, 1, ns);
        return yield* spin.spin_unlock_bh(k, this.bhLock);
      case 'spin_lock_irqsave': {
        const flags = yield* spin.spin_lock_irqsave(k, this.irqLock);
        yield* this.alone(k, this.irqLock, 1, ns);
        return yield* spin.spin_unlock_irqrestore(k, this.irqLock, flags);
      }
      case 'read_lock_bh':
        yield* rw.read_lock_bh(k, this.rwlock);
        expect(this.rwlock.writer).toBeNull();
        yield* this.burn(k, ns);
        expect(this.rwlock.writer).toBeNull();
        return yield* rw.read_unlock_bh(k, this.rwlock);
      case 'write_lock_bh':
        yield* rw.write_lock_bh(k, this.rwlock);
        expect(this.rwlock.holders).toHaveLength(1);
        yield* this.alone(k, this.rwlock, 1, ns);
        expect(this.rwlock.holders).toHaveLength(1);
        return yield* rw.write_unlock_bh(k, this.rwlock);
      case 'mutex':
        yield* mutex_lock(k, this.mutex);
        yield* this.alone(k, this.mutex, 1, ns);
        return yield* mutex_unlock(k, this.mutex);
      case 'semaphore':
        yield* down(k, this.sem);
        yield* this.alone(k, this.sem, 2, ns);
        return yield* up(k, this.sem);
      case 'preempt':
        preempt_disable(k);
        yield* this.burn(k, ns);
        return yield* preempt_enable(k);
      case 'bh':
        local_bh_disable(k);
        yield* this.burn(k, ns);
        return yield* local_bh_enable(k);
      case 'irq':
        local_irq_disable(k);
        yield* this.burn(k, ns);
        return yield* local_irq_enable(k);
      case 'sleep':
        yield* sleep(k, ns % 3);
        return;
      case 'yield':
        return yield* yield_(k);
      case 'cond_resched':
        yield* cond_resched(k);
        return;
      case 'produce':
        this.items++;
        wake_up(k.cpu, this.queue);
        return;
      case 'consume':
        // Interrupts produce enough for everyone in the end: see finish().
        yield* wait_event(k, this.queue, () => this.items > 0);
        this.items--;
        return;
      case 'tasklet':
        tasklet_schedule(k.cpu, this.tasklets[ns % 2]!);
        return;
    }
  }

  /** At most `most` may be here at once. */
  private *alone(k: Context, lock: object, most: number, ns: number): Code {
    const inside = (this.inside.get(lock) ?? 0) + 1;
    expect(inside).toBeLessThanOrEqual(most);
    this.inside.set(lock, inside);
    yield ns;
    this.inside.set(lock, this.inside.get(lock)! - 1);
    this.assertTask(k);
  }

  private *burn(k: Context, ns: number): Code {
    yield ns;
    this.assertTask(k);
  }

  /** A task, or whatever runs in one's place: no higher context is active on its CPU. */
  private assertTask(k: Context): void {
    if (k.kind === 'task' && !this.isSoftirq(k)) {
      expect(this.active.get(k.cpu)).toEqual({ irq: 0, softirq: 0 });
      expect(k.cpu.top).toBe(k);
    }
  }

  private isSoftirq(k: Context): boolean {
    return k.cpu.contextName() !== 'kernel';
  }

  private *handler(k: Context, us: number): Code {
    const active = this.active.get(k.cpu)!;
    active.irq++;
    yield us * US;
    const flags = yield* spin.spin_lock_irqsave(k, this.irqLock);
    yield* this.alone(k, this.irqLock, 1, 10 * US);
    yield* spin.spin_unlock_irqrestore(k, this.irqLock, flags);
    this.items++;
    wake_up(k.cpu, this.queue);
    tasklet_schedule(k.cpu, this.tasklets[0]!);
    tasklet_hi_schedule(k.cpu, this.tasklets[1]!);
    active.irq--;
  }

  private *tasklet(k: Context, us: number): Code {
    const active = this.active.get(k.cpu)!;
    active.softirq++;
    expect(active).toEqual({ irq: 0, softirq: 1 });
    yield us * US;
    expect(active).toEqual({ irq: 0, softirq: 1 });
    yield* spin.spin_lock(k, this.bhLock);
    yield* this.alone(k, this.bhLock, 1, 5 * US);
    yield* spin.spin_unlock(k, this.bhLock);
    yield* rw.read_lock(k, this.rwlock);
    expect(this.rwlock.writer).toBeNull();
    yield* rw.read_unlock(k, this.rwlock);
    expect(active).toEqual({ irq: 0, softirq: 1 });
    active.softirq--;
  }

  /** Runs to the end, feeding those who still wait. */
  finish(slice?: number): this {
    const { sim, cpus } = this.lab.machine;
    const feed = this.lab.irq(
      'feed',
      just((k) => {
        this.items++;
        wake_up(k.cpu, this.queue);
      }),
    );
    for (let i = 0; i < 40; i++) this.lab.irqAt(20_000 * US + i * 500 * US, feed);
    while (sim.run(401_500 * US, slice) === 'slice');
    for (const cpu of cpus) cpu.account();
    this.lab.machine.trace.flush();
    return this;
  }

  check(): void {
    const { machine } = this.lab;
    expect(this.tasksOver).toBe(this.given.tasks.length);
    for (const task of machine.allTasks) {
      if (/^t\d/.test(task.actor)) expect(task.state).toBe(TASK_DEAD);
    }
    for (const cpu of machine.cpus) {
      const { ns } = cpu.times;
      const sum = ns.hardirq + ns.softirq + ns.kernel + ns.user + ns.idle;
      expect(sum).toBe(machine.sim.now);
      expect([cpu.isIdle, cpu.preempt_count, cpu.irqs_disabled]).toEqual([true, 1, false]);
      expect(this.active.get(cpu)).toEqual({ irq: 0, softirq: 0 });
    }
    expect(machine.findings.all).toEqual([]);
    expect(this.sem.count).toBe(2);
  }
}

describe('a random program', () => {
  it('keeps exclusion, the order of contexts, counters and accounts; loses nothing', () => {
    fc.assert(
      fc.property(program, (given) => new Trial(given).finish().check()),
      { numRuns: 300 },
    );
  });

  it('leaves the same trace twice, and when it is run in slices', () => {
    fc.assert(
      fc.property(program, fc.integer({ min: 1, max: 50 }), (given, slice) => {
        const first = new Trial(given).finish();
        expect(new Trial(given).finish().digest.sha256).toBe(first.digest.sha256);
        expect(new Trial(given).finish(slice).digest.sha256).toBe(first.digest.sha256);
        expect(first.digest.rows).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});
