/*
 * struct pool_workqueue of kernel/workqueue.c, Linux 6.1: what a workqueue has queued in one worker
 * pool. At most max_active of its works are in the pool's list, the others wait in a list of their
 * own; those of one colour were queued between two flushes.
 */
import type { Cpu } from '../cpu/cpu.ts';
import { EV } from '../events.ts';
import { complete } from '../sched/completion.ts';
import { emitWork } from './execute.ts';
import { move_linked_works, type WorkerPool } from './pool.ts';
import type { PooledWorkqueue } from './pooled.ts';
import type { Work } from './work.ts';

export const WORK_NR_COLORS = 16;

export function work_next_color(color: number): number {
  return (color + 1) % WORK_NR_COLORS;
}

export class PoolWorkqueue {
  readonly wq: PooledWorkqueue;
  readonly pool: WorkerPool;
  work_color = 0;
  /** The colour that a flush waits for here; -1: none. */
  flush_color = -1;
  readonly nr_in_flight: number[] = new Array<number>(WORK_NR_COLORS).fill(0);
  nr_active = 0;
  readonly inactive_works: Work[] = [];

  constructor(wq: PooledWorkqueue, pool: WorkerPool) {
    this.wq = wq;
    this.pool = pool;
  }

  /** The rest of __queue_work(), once the queue is found. */
  queue(from: Cpu, work: Work): void {
    work.color = this.work_color;
    this.nr_in_flight[work.color]!++;
    let list = this.pool.worklist;
    if (this.nr_active < this.wq.max_active) {
      this.nr_active++;
      if (from.machine.trace.on) emitWork(from, EV.workqueue_activate_work, work);
    } else {
      work.inactive = true;
      list = this.inactive_works;
    }
    this.insert_work(from, work, list, list.length);
  }

  /** An idle worker is woken if none runs, be there something to do or not. */
  insert_work(from: Cpu, work: Work, list: Work[], at: number): void {
    work.pwq = this;
    work.enlist(list, at);
    if (this.pool.nr_running === 0) this.pool.wake_up_worker(from);
  }

  pwq_activate_inactive_work(cpu: Cpu, work: Work): void {
    if (cpu.machine.trace.on) emitWork(cpu, EV.workqueue_activate_work, work);
    move_linked_works(work, this.pool.worklist);
    work.inactive = false;
    this.nr_active++;
  }

  /** A work has been executed or cancelled. Barriers were never active. */
  pwq_dec_nr_in_flight(cpu: Cpu, color: number, wasActive: boolean): void {
    if (wasActive) {
      this.nr_active--;
      const next = this.inactive_works[0];
      if (next !== undefined && this.nr_active < this.wq.max_active) {
        this.pwq_activate_inactive_work(cpu, next);
      }
    }
    this.nr_in_flight[color]!--;
    if (this.flush_color !== color || this.nr_in_flight[color]! > 0) return;
    this.flush_color = -1;
    if (--this.wq.nr_pwqs_to_flush === 0) complete(cpu, this.wq.first_flusher!.done);
  }
}

/** Between local_irq_save() and local_irq_restore(), neither of which is a preemption point. */
export function withInterruptsOff(cpu: Cpu, act: () => void): void {
  const flags = cpu.irqs_disabled;
  cpu.irqs_disabled = true;
  act();
  cpu.irqs_disabled = flags;
}
