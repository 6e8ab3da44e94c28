/*
 * The task queue of process context in 2.4, kernel/context.c: one thread, `keventd`, executes what
 * schedule_task() queued, and while one of them sleeps the others wait.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { kthread_create } from '../kthread.ts';
import { ORDER, store_release } from '../instrumented.ts';
import type { Machine } from '../machine.ts';
import { might_sleep } from '../sched/core.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING, TASK_UNINTERRUPTIBLE } from '../sched/task.ts';
import {
  WaitEntry,
  WaitQueueHead,
  add_wait_queue,
  remove_wait_queue,
  wake_up,
} from '../sched/wait.ts';
import { execute } from './execute.ts';
import { Work } from './work.ts';

function* nothing(): Code {
  yield 0;
}

export class Keventd {
  private tq_context: Work[] = [];
  private readonly context_task_wq = new WaitQueueHead('keventd');
  private readonly context_task_done = new WaitQueueHead('flush_scheduled_tasks');
  private readonly dummy_task = new Work('dummy_task', nothing);

  /** The thread behaves as if it had slept since the machine was booted. */
  constructor(machine: Machine) {
    const task = kthread_create(machine, (k) => this.context_thread(k), { name: 'keventd' });
    task.state = TASK_INTERRUPTIBLE;
    task.vruntime = 0;
    add_wait_queue(this.context_task_wq, new WaitEntry(task));
  }

  /** Returns 0 if the work is queued already. */
  schedule_task(cpu: Cpu, work: Work): number {
    const isNew = !work.pending;
    store_release(cpu, ORDER.work, work.name);
    if (isNew) {
      work.pending = true;
      this.tq_context.push(work);
    }
    wake_up(cpu, this.context_task_wq);
    return isNew ? 1 : 0;
  }

  private *context_thread(k: Context): Code<number> {
    const task = k.current;
    const entry = this.context_task_wq.entries.find((waiting) => waiting.task === task)!;
    for (;;) {
      remove_wait_queue(entry);
      yield* this.run_task_queue(k);
      wake_up(k.cpu, this.context_task_done);
      task.state = TASK_INTERRUPTIBLE;
      add_wait_queue(this.context_task_wq, entry);
      yield k.step(this, k.machine.costs.lock);
      if (this.tq_context.length > 0) task.state = TASK_RUNNING;
      yield SCHEDULE;
    }
  }

  /** What is queued meanwhile waits for the next round. */
  private *run_task_queue(k: Context): Code {
    const works = this.tq_context;
    this.tq_context = [];
    for (const work of works) {
      work.pending = false;
      yield* execute(k, work);
    }
  }

  /** Twice, since the thread may have been past the queue but not yet asleep. */
  *flush_scheduled_tasks(k: Context): Code {
    yield* might_sleep(k, 'flush_scheduled_tasks');
    const entry = new WaitEntry(k.current);
    add_wait_queue(this.context_task_done, entry);
    for (let count = 0; count < 2; count++) {
      k.current.state = TASK_UNINTERRUPTIBLE;
      k.current.waitingFor = this.context_task_done.name;
      this.schedule_task(k.cpu, this.dummy_task);
      yield SCHEDULE;
    }
    remove_wait_queue(entry);
  }
}
