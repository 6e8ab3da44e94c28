/*
 * Random programs over workqueues: no work is lost, none runs twice at once, max_active holds, an
 * ordered queue keeps the order, nobody waits in vain, and the pools count their workers right.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
import { Barrier } from '../../models/workqueue/barrier.ts';
import { Worker, type WorkerPool } from '../../models/workqueue/pool.ts';
import { Work, type Workqueue } from '../../models/workqueue/work.ts';
import {
  alloc_workqueue,
  cancel_work,
  cancel_work_sync,
  flush_work,
  flush_workqueue,
  queue_work,
  type WorkqueueFlavour,
} from '../../models/workqueue/workqueue.ts';
import { Lab, US, sleep } from './lab.ts';

type Step =
  | { readonly kind: 'queue' | 'flush' | 'cancel' | 'sync'; readonly work: number }
  | { readonly kind: 'flush queue' }
  | { readonly kind: 'busy' | 'sleep'; readonly time: number };

interface Plan {
  readonly kernel: 'linux-6.1' | 'linux-2.6.32';
  readonly cpus: number;
  readonly preemption: 'none' | 'voluntary' | 'full';
  readonly flavour: WorkqueueFlavour;
  readonly tasks: readonly { readonly fifo: boolean; readonly steps: readonly Step[] }[];
  /** What the works do; they queue, but wait for nobody. */
  readonly works: readonly (readonly Step[])[];
}

const WORKS = 4;
const work = fc.nat(WORKS - 1);
const time = fc.integer({ min: 1, max: 4 });
const passive: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('busy' as const, 'sleep' as const), time }),
  fc.record({ kind: fc.constantFrom('queue' as const, 'cancel' as const), work }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: passive },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('queue', 'flush', 'sync' as const), work }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'flush queue' }) },
) as fc.Arbitrary<Step>;

const pooledFlavours = ['percpu', 'percpu1', 'highpri', 'unbound', 'ordered'] as const;

const plan: fc.Arbitrary<Plan> = fc
  .constantFrom('linux-6.1' as const, 'linux-2.6.32' as const)
  .chain((kernel) =>
    fc.record({
      kernel: fc.constant(kernel),
      cpus: fc.integer({ min: 1, max: 3 }),
      preemption: fc.constantFrom('none' as const, 'voluntary' as const, 'full' as const),
      flavour:
        kernel === 'linux-6.1'
          ? fc.constantFrom(...pooledFlavours)
          : fc.constantFrom('percpu' as const, 'ordered' as const),
      tasks: fc.array(fc.record({ fifo: fc.boolean(), steps: fc.array(step, { maxLength: 8 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      works: fc.array(fc.array(passive, { maxLength: 3 }), { minLength: WORKS, maxLength: WORKS }),
    }),
  );

/** Works that a work may queue so often in one run, so that every run ends. */
const CHAIN = 20;

class Programs {
  readonly lab: Lab;
  readonly queue: Workqueue;
  readonly works: Work[] = [];
  readonly running = new Set<string>();
  readonly faults: string[] = [];
  readonly queued: number[] = [];
  readonly cancelled: number[] = [];
  readonly executed: number[] = [];
  /** Names of works in the order of their first queueing that took effect, and of execution. */
  readonly order: string[] = [];
  readonly starts: string[] = [];
  private chains = 0;
  private finished = 0;
  private readonly plan: Plan;

  constructor(plan: Plan) {
    this.plan = plan;
    const { kernel, cpus, preemption } = plan;
    this.lab = new Lab({ kernel, cpus, preemption });
    this.queue = alloc_workqueue(this.lab.machine, 'Q', plan.flavour);
    plan.works.forEach((steps, i) => {
      this.queued.push(0);
      this.cancelled.push(0);
      this.executed.push(0);
      this.works.push(new Work(`W${i}`, (k) => this.execute(k, i, steps)));
    });
    // Before 2.6.36 a real-time task that cancels a work spins for ever while another cancels it.
    plan.tasks.forEach(({ fifo: drawnFifo, steps }, i) => {
      const fifo = drawnFifo && kernel === 'linux-6.1';
      this.lab.start(`T${i}`, fifo ? 50 : 0, (k) => this.task(k, steps), {
        policy: fifo ? 'SCHED_FIFO' : 'SCHED_NORMAL',
        cpu: i % cpus,
      });
    });
  }

  private *task(k: Context, steps: readonly Step[]): Code {
    for (const step of steps) yield* this.one(k, step);
    yield* flush_workqueue(k, this.queue);
    this.finished++;
  }

  private *execute(k: Context, i: number, steps: readonly Step[]): Code {
    const name = `W${i}`;
    // Until 2.6.35 a work may run on two CPUs at once, one thread each.
    const place = this.plan.kernel === 'linux-6.1' ? name : `${name} on ${k.cpu.id}`;
    if (this.running.has(place)) this.faults.push(`${place} runs twice at once`);
    this.running.add(place);
    this.starts.push(name);
    this.checkPool(k);
    for (const step of steps) {
      if (step.kind === 'queue' && ++this.chains > CHAIN) continue;
      yield* this.one(k, step);
      this.checkPool(k);
    }
    this.running.delete(place);
    this.executed[i]!++;
  }

  private *one(k: Context, step: Step): Code {
    switch (step.kind) {
      case 'busy':
        yield step.time * 100 * US;
        return;
      case 'sleep':
        yield* sleep(k, step.time);
        return;
      case 'queue':
        if ((yield* queue_work(k, this.queue, this.works[step.work]!)) === 1) {
          this.queued[step.work]!++;
          this.order.push(`W${step.work}`);
        }
        return;
      case 'cancel':
        if (this.plan.kernel === 'linux-6.1') {
          this.count(step.work, yield* cancel_work(k, this.works[step.work]!));
        }
        return;
      case 'flush':
        yield* flush_work(k, this.works[step.work]!);
        return;
      case 'sync':
        this.count(step.work, yield* cancel_work_sync(k, this.works[step.work]!));
        return;
      case 'flush queue':
        yield* flush_workqueue(k, this.queue);
    }
  }

  /** A sum that is read before the yield would lose what others count meanwhile. */
  private count(work: number, cancelled: number): void {
    this.cancelled[work]! += cancelled;
  }

  /**
   * The pool of the worker that runs now counts those of its workers that are not asleep, and no
   * more works of the queue are executed at once than may be.
   */
  private checkPool(k: Context): void {
    const { worker } = k.current;
    if (!(worker instanceof Worker)) return;
    const { pool } = worker;
    const pwq = worker.current_pwq!;
    const active = busyWorkers(pool).filter(
      (other) => other.current_pwq === pwq && !(other.current_work instanceof Barrier),
    );
    if (active.length > pwq.wq.max_active) {
      this.faults.push(`${active.length} works at once, not ${pwq.wq.max_active}`);
    }
    if (pool.cpu === null) return;
    const awake = busyWorkers(pool).filter(({ sleeping }) => !sleeping).length;
    if (pool.nr_running < awake) {
      this.faults.push(`nr_running is ${pool.nr_running}, ${awake} run a work`);
    }
  }

  run(): this {
    this.lab.run(20_000);
    return this;
  }

  get allFinished(): boolean {
    return this.finished === this.plan.tasks.length;
  }

  pools(): WorkerPool[] {
    const workers = this.lab.machine.allTasks.map(({ worker }) => worker);
    return [...new Set(workers.flatMap((w) => (w instanceof Worker ? [w.pool] : [])))];
  }
}

function busyWorkers(pool: WorkerPool): Worker[] {
  return pool.workers.filter(({ current_work }) => current_work !== null);
}

describe('random programs over workqueues', () => {
  it('lose no work, run none beside itself, and leave the pools at rest', () => {
    fc.assert(
      fc.property(plan, (drawn) => {
        const programs = new Programs(drawn).run();
        expect(programs.faults).toEqual([]);
        expect(programs.allFinished).toBe(true);
        const kept = programs.queued.map((n, i) => n - programs.cancelled[i]!);
        expect(programs.executed).toEqual(kept);
        expect(programs.works.every(({ pending, list }) => !pending && list === null)).toBe(true);
        for (const pool of programs.pools()) {
          expect([pool.nr_running, pool.worklist.length, busyWorkers(pool).length]).toEqual([
            0, 0, 0,
          ]);
        }
        expect(programs.lab.machine.findings.all).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('keep the order of an ordered queue, one work at a time', () => {
    const ordered = plan.map((drawn) => ({ ...drawn, flavour: 'ordered' as const }));
    fc.assert(
      fc.property(ordered, (drawn) => {
        const tasks = drawn.tasks.map(({ fifo, steps }) => ({
          fifo,
          steps: steps.filter(harmless),
        }));
        const works = drawn.works.map((steps) => steps.filter(harmless));
        const programs = new Programs({ ...drawn, tasks, works }).run();
        expect(programs.starts).toEqual(programs.order);
      }),
      { numRuns: 200 },
    );
  });

  it('give the same log twice', () => {
    fc.assert(
      fc.property(plan, (drawn) => {
        const [one, two] = [new Programs(drawn).run(), new Programs(drawn).run()];
        expect(two.starts).toEqual(one.starts);
        expect(two.lab.machine.sim.now).toBe(one.lab.machine.sim.now);
      }),
      { numRuns: 50 },
    );
  });
});

function harmless({ kind }: Step): boolean {
  return kind !== 'cancel' && kind !== 'sync';
}
