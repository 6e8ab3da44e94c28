/*
 * Futexes, kernel/futex/waitwake.c: a task sleeps if a word of user memory still has the value that
 * it saw, tested under the lock of the hash bucket, and is woken in the order of priority, then of
 * coming. Left out: requeueing, bitsets, priority inheritance, robust lists.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { errno } from '../errno.ts';
import { Spinlock, spin_lock, spin_unlock } from '../locking/spinlock.ts';
import { might_fault } from '../mm/pagefault.ts';
import { wake_up_process } from '../sched/core.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING, type Task } from '../sched/task.ts';
import { signal_pending } from '../signal/signal.ts';
import { schedule_hrtimeout } from '../time/sleep.ts';

/** A word of memory that processes share, and who waits for it to change. */
export class Futex {
  readonly name: string;
  value: number;
  readonly lock: Spinlock;
  readonly waiters: Task[] = [];

  constructor(name: string, value: number) {
    this.name = name;
    this.value = value;
    this.lock = new Spinlock(`${name} bucket`);
    this.lock.className = '&hb->lock';
  }
}

/** plist_add(): real-time tasks by priority, all others behind them, each in order. */
function enqueue({ waiters }: Futex, task: Task): void {
  const key = (one: Task): number => (one.isRt ? one.prio : 100);
  const at = waiters.findIndex((one) => key(one) > key(task));
  if (at < 0) waiters.push(task);
  else waiters.splice(at, 0, task);
}

/** futex(FUTEX_WAIT): 0 if woken; -EAGAIN if the value is another; -ETIMEDOUT; -ERESTARTSYS. */
export function* futex_wait(
  k: Context,
  futex: Futex,
  value: number,
  timeout: number | null,
): Code<number> {
  if (k.machine.era.name === 'linux-2.4.27') throw new RangeError('linux-2.4.27 has no futex');
  const end = timeout === null ? Infinity : k.machine.sim.now + timeout;
  yield* might_fault(k, 'get_futex_key');
  for (;;) {
    yield* spin_lock(k, futex.lock);
    if (futex.value !== value) {
      yield* spin_unlock(k, futex.lock);
      return -errno.EAGAIN;
    }
    const task = k.current;
    task.state = TASK_INTERRUPTIBLE;
    task.waitingFor = futex.name;
    enqueue(futex, task);
    yield* spin_unlock(k, futex.lock);
    if (end === Infinity) yield SCHEDULE;
    else yield* schedule_hrtimeout(k, end - k.machine.sim.now);
    task.state = TASK_RUNNING;
    yield* spin_lock(k, futex.lock);
    const at = futex.waiters.indexOf(task);
    if (at >= 0) futex.waiters.splice(at, 1);
    yield* spin_unlock(k, futex.lock);
    if (at < 0) return 0;
    if (k.machine.sim.now >= end) return -errno.ETIMEDOUT;
    if (signal_pending(task)) return -errno.ERESTARTSYS;
  }
}

/** futex(FUTEX_WAKE): how many of at most `count` it woke. */
export function* futex_wake(k: Context, futex: Futex, count: number): Code<number> {
  yield* might_fault(k, 'get_futex_key');
  yield* spin_lock(k, futex.lock);
  const woken = futex.waiters.splice(0, count);
  yield* spin_unlock(k, futex.lock);
  for (const task of woken) wake_up_process(k.cpu, task);
  return woken.length;
}
