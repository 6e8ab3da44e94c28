/*
 * What a worker does, after worker_thread() of kernel/workqueue.c, Linux 6.1. It leaves out
 * rescuers (no worker ever fails for want of memory), the end of workers that are idle for 300 s,
 * and the part of kthreadd in making a thread.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { kthread_create } from '../kthread.ts';
import type { Machine } from '../machine.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import { cond_resched, wake_up_process } from '../sched/core.ts';
import { TASK_IDLE, type Task } from '../sched/task.ts';
import { execute } from './execute.ts';
import {
  WORKER_CPU_INTENSIVE,
  WORKER_PREP,
  move_linked_works,
  type Worker,
  type WorkerPool,
} from './pool.ts';
import type { Work } from './work.ts';

/** The task of a worker: bound to the pool's CPU, asleep. */
export function hireWorker(machine: Machine, worker: Worker, name: string): Task {
  const { cpu, nice } = worker.pool;
  const task = kthread_create(machine, (k) => worker_thread(k, worker), {
    name,
    scheduling: { policy: 'SCHED_NORMAL', nice },
    ...(cpu === null ? {} : { cpu: cpu.id, allowed: [cpu.id] }),
  });
  task.state = TASK_IDLE;
  return task;
}

function* worker_thread(k: Context, worker: Worker): Code<number> {
  const { pool } = worker;
  for (;;) {
    yield k.step(pool, k.machine.costs.lock);
    pool.worker_leave_idle(worker);
    if (pool.need_to_create_worker()) manage_workers(k, pool);
    if (pool.need_more_worker()) yield* work_off(k, worker);
    pool.worker_enter_idle(worker);
    k.current.state = TASK_IDLE;
    yield SCHEDULE;
  }
}

/** Executes what is there, as long as no other worker of the pool runs. */
function* work_off(k: Context, worker: Worker): Code {
  const { pool } = worker;
  worker.worker_clr_flags(WORKER_PREP);
  do {
    const work = pool.worklist[0]!;
    if (work.linked) move_linked_works(work, worker.scheduled);
    else yield* process_one_work(k, worker, work);
    while (worker.scheduled.length > 0) {
      yield* process_one_work(k, worker, worker.scheduled[0]!);
    }
  } while (pool.keep_working());
  worker.worker_set_flags(WORKER_PREP);
}

/** maybe_create_worker(): another worker shall be idle when this one gets to work. */
function manage_workers(k: Context, pool: WorkerPool): void {
  do wake_up_process(k.cpu, pool.create_worker().task);
  while (pool.need_to_create_worker());
}

/** Never two at once of one work: it goes to the worker that is executing it. */
function* process_one_work(k: Context, worker: Worker, work: Work): Code {
  const { pool } = worker;
  const pwq = work.pwq!;
  const collision = pool.find_worker_executing_work(work);
  if (collision !== null) {
    move_linked_works(work, collision.scheduled);
    return;
  }
  const { color, inactive } = work;
  const { cpu_intensive, max_active, name } = pwq.wq;
  worker.current_work = work;
  worker.current_pwq = pwq;
  worker.current_color = color;
  work.unlist();
  if (cpu_intensive) worker.worker_set_flags(WORKER_CPU_INTENSIVE);
  if (pool.need_more_worker()) pool.wake_up_worker(k.cpu);
  work.pool = pool;
  work.pwq = null;
  work.inactive = false;
  work.linked = false;
  work.pending = false;
  yield k.step(pool, k.machine.costs.unlock);
  const oneByOne = max_active === 1 ? `${name} ${pool.id}` : null;
  if (oneByOne !== null) load_acquire(k.cpu, ORDER.orderedQueue, oneByOne);
  yield* execute(k, work);
  if (oneByOne !== null) store_release(k.cpu, ORDER.orderedQueue, oneByOne);
  store_release(k.cpu, ORDER.workqueue, name);
  yield* cond_resched(k, 'process_one_work');
  yield k.step(pool, k.machine.costs.lock);
  if (cpu_intensive) worker.worker_clr_flags(WORKER_CPU_INTENSIVE);
  worker.current_work = null;
  worker.current_pwq = null;
  pwq.pwq_dec_nr_in_flight(k.cpu, color, !inactive);
}
