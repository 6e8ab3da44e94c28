/*
 * struct workqueue_struct of kernel/workqueue.c, Linux 6.1: which pool a work goes to, and the
 * flushing of the whole queue by colours. Works queued between two flushes have one colour; a flush
 * waits for its colour and all before it, so that one that comes later does not wait for it again.
 */
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { in_task } from '../cpu/preempt.ts';
import { EV } from '../events.ts';
import { Completion, complete, wait_for_completion } from '../sched/completion.ts';
import { might_sleep } from '../sched/core.ts';
import { PoolWorkqueue, withInterruptsOff, work_next_color } from './pwq.ts';
import { Worker, type WorkerPool } from './pool.ts';
import { reportDestroyed, type Work, type Workqueue } from './work.ts';

/** struct wq_flusher: somebody in flush_workqueue(). */
class Flusher {
  flush_color = -1;
  readonly done: Completion;

  constructor(name: string) {
    this.done = new Completion(name);
  }
}

export interface PooledOptions {
  readonly max_active: number;
  readonly cpu_intensive: boolean;
}

export class PooledWorkqueue implements Workqueue {
  readonly name: string;
  readonly max_active: number;
  readonly cpu_intensive: boolean;
  /** One for each CPU, or a single one. */
  private readonly pwqs: readonly PoolWorkqueue[];
  private work_color = 0;
  private flush_color = 0;
  nr_pwqs_to_flush = 0;
  first_flusher: Flusher | null = null;
  private readonly flusher_queue: Flusher[] = [];
  private readonly flusher_overflow: Flusher[] = [];
  private nr_drainers = 0;
  private destroyed = false;

  constructor(name: string, pools: readonly WorkerPool[], options: PooledOptions) {
    this.name = name;
    this.max_active = options.max_active;
    this.cpu_intensive = options.cpu_intensive;
    this.pwqs = pools.map((pool) => new PoolWorkqueue(this, pool));
  }

  /**
   * While the queue drains only its own works may queue; a work of others stays pending. Interrupts
   * are off, so that the wake-up of a worker is no preemption point.
   */
  insert(from: Cpu, cpu: Cpu | null, work: Work): void {
    if (this.destroyed) {
      reportDestroyed(from, this.name);
      return;
    }
    if (this.nr_drainers > 0 && !this.is_chained_work(from)) return;
    const pwq = this.pwqFor(cpu ?? from, work);
    const { machine } = from;
    if (machine.trace.on) {
      const object = machine.texts.intern(work.name);
      from.emit(EV.workqueue_queue_work, object, NaN, cpu?.id ?? -1, pwq.pool.cpu?.id ?? -1);
    }
    withInterruptsOff(from, () => pwq.queue(from, work));
  }

  private is_chained_work(cpu: Cpu): boolean {
    const { worker } = cpu.current;
    return in_task(cpu) && worker instanceof Worker && worker.current_pwq?.wq === this;
  }

  /** A work that is being executed elsewhere stays there, so that it never runs twice at once. */
  private pwqFor(cpu: Cpu, work: Work): PoolWorkqueue {
    const pwq = this.pwqs[this.pwqs.length === 1 ? 0 : cpu.id]!;
    const last = work.pool;
    if (last === null || last === pwq.pool) return pwq;
    const busy = last.find_worker_executing_work(work)?.current_pwq ?? null;
    return busy?.wq === this ? busy : pwq;
  }

  *flush(k: Context): Code {
    yield* might_sleep(k, 'flush_workqueue');
    yield k.step(this, k.machine.costs.lock);
    const mine = new Flusher(this.name);
    if (!this.joinFlush(k.cpu, mine)) return;
    yield* wait_for_completion(k, mine.done);
    if (this.first_flusher !== mine) return;
    yield k.step(this, k.machine.costs.lock);
    this.first_flusher = null;
    this.passOn(k.cpu);
  }

  /** Gives the works so far their colour; false: none of them is left to wait for. */
  private joinFlush(cpu: Cpu, mine: Flusher): boolean {
    const next = work_next_color(this.work_color);
    if (next === this.flush_color) {
      this.flusher_overflow.push(mine);
      return true;
    }
    mine.flush_color = this.work_color;
    this.work_color = next;
    if (this.first_flusher !== null) {
      this.flusher_queue.push(mine);
      this.prep_pwqs(cpu, -1, this.work_color);
      return true;
    }
    this.first_flusher = mine;
    if (this.prep_pwqs(cpu, this.flush_color, this.work_color)) return true;
    this.flush_color = next;
    this.first_flusher = null;
    return false;
  }

  /** The first flusher has its colour: those behind it go on, or one of them waits for the next. */
  private passOn(cpu: Cpu): void {
    for (;;) {
      while (this.flusher_queue[0]?.flush_color === this.flush_color) {
        complete(cpu, this.flusher_queue.shift()!.done);
      }
      this.flush_color = work_next_color(this.flush_color);
      if (this.flusher_overflow.length > 0) this.takeOverflow(cpu);
      const next = this.flusher_queue.shift();
      if (next === undefined) return;
      this.first_flusher = next;
      if (this.prep_pwqs(cpu, this.flush_color, -1)) return;
      this.first_flusher = null;
    }
  }

  /** Those for whom there was no colour left get one together. */
  private takeOverflow(cpu: Cpu): void {
    for (const flusher of this.flusher_overflow) flusher.flush_color = this.work_color;
    this.work_color = work_next_color(this.work_color);
    this.flusher_queue.push(...this.flusher_overflow.splice(0));
    this.prep_pwqs(cpu, -1, this.work_color);
  }

  /** flush_workqueue_prep_pwqs(): is there a work of `flush_color` anywhere? */
  private prep_pwqs(cpu: Cpu, flush_color: number, work_color: number): boolean {
    let wait = false;
    for (const pwq of this.pwqs) {
      if (flush_color >= 0 && pwq.nr_in_flight[flush_color]! > 0) {
        pwq.flush_color = flush_color;
        this.nr_pwqs_to_flush++;
        wait = true;
      }
      if (work_color >= 0) pwq.work_color = work_color;
    }
    if (flush_color >= 0 && !wait) complete(cpu, this.first_flusher!.done);
    return wait;
  }

  /** Until all works are done, those included that they queue again. */
  *drain(k: Context): Code {
    this.nr_drainers++;
    do yield* this.flush(k);
    while (!this.pwqs.every((pwq) => pwq.nr_active === 0 && pwq.inactive_works.length === 0));
    this.nr_drainers--;
  }

  *destroy(k: Context): Code {
    yield* this.drain(k);
    this.destroyed = true;
  }
}
