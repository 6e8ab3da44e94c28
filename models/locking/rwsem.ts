/*
 * Reader-writer semaphores: many readers or one writer, who may sleep. Since 3.10 and 5.3 whoever
 * runs steals a free one (kernel/locking/rwsem.c), before it went in order (lib/rwsem.c).
 */
import type { Code, Context } from '../context.ts';
import { preempt_check_resched, preempt_disable, preempt_enable } from '../cpu/preempt.ts';
import { might_sleep } from '../sched/core.ts';
import { TASK_INTERRUPTIBLE, TASK_KILLABLE, TASK_UNINTERRUPTIBLE } from '../sched/task.ts';
import { LOCK_READ, LOCK_TRY, type Nesting } from './lock.ts';
import {
  RWSEM_FLAG_WAITERS,
  RWSEM_LOCK_MASK,
  RWSEM_READER_BIAS,
  RWSEM_READ_FAILED_MASK,
  RWSEM_WRITER_LOCKED,
  notify_spinners,
  set_owner,
  set_reader_owned,
  type RwSemaphore,
} from './rw_semaphore.ts';
import { read_fair, wake_fair, write_fair } from './rwsem-fair.ts';
import {
  down_read_slowpath,
  down_write_slowpath,
  rwsem_downgrade_wake,
  rwsem_wake,
} from './rwsem-wait.ts';

export { RwSemaphore } from './rw_semaphore.ts';

const slowpaths = {
  fair: { read: read_fair, write: write_fair, wake: wake_fair, downgraded: wake_fair },
  stealing: {
    read: down_read_slowpath,
    write: down_write_slowpath,
    wake: rwsem_wake,
    downgraded: rwsem_downgrade_wake,
  },
};

function slowpath(k: Context): (typeof slowpaths)['fair'] {
  return slowpaths[k.machine.era.rwsem];
}

/** The words used to change in one instruction; now preemption is off meanwhile. */
function* changed(k: Context): Code {
  if (k.machine.era.rwsem === 'stealing') yield* preempt_check_resched(k);
}

function hold(k: Context, sem: RwSemaphore, reads: boolean): void {
  sem.noteTaken(k, reads);
  sem.holders.push({ task: k.current, since: k.machine.sim.now });
}

/** Any other holder's time if this task is none: semaphores may be released for others. */
function noteLeft(k: Context, sem: RwSemaphore): void {
  const mine = sem.holders.findIndex(({ task }) => task === k.current);
  const [holder] = sem.holders.splice(Math.max(0, mine), 1);
  sem.noteReleased(k, holder?.since ?? k.machine.sim.now);
}

/** Counts itself in if nobody who matters is in the way. */
function read_trylock(k: Context, sem: RwSemaphore): boolean {
  if ((sem.count & RWSEM_READ_FAILED_MASK) !== 0) return false;
  sem.count += RWSEM_READER_BIAS;
  set_reader_owned(sem, k.current);
  notify_spinners(k, sem);
  return true;
}

/** Only from entirely free: with others waiting, the slow path decides. */
function write_trylock(k: Context, sem: RwSemaphore): boolean {
  if (sem.count !== 0) return false;
  sem.count = RWSEM_WRITER_LOCKED;
  set_owner(sem, k.current);
  notify_spinners(k, sem);
  return true;
}

function* contended(
  k: Context,
  sem: RwSemaphore,
  reads: boolean,
  slow: Code<number>,
): Code<number> {
  const since = k.machine.sim.now;
  sem.noteContended(k, reads);
  const result = yield* slow;
  if (result !== 0) {
    sem.traceGivenUp(k);
    return result;
  }
  sem.noteWaited(k, since);
  hold(k, sem, reads);
  return 0;
}

function* down_read_common(
  k: Context,
  sem: RwSemaphore,
  state: number,
  nesting?: Nesting,
): Code<number> {
  sem.traceAcquire(k, LOCK_READ, nesting);
  yield k.step(sem, k.machine.costs.lock);
  if (read_trylock(k, sem)) {
    hold(k, sem, true);
    yield* changed(k);
    return 0;
  }
  preempt_disable(k);
  sem.count += RWSEM_READER_BIAS;
  const result = yield* contended(k, sem, true, slowpath(k).read(k, sem, state));
  yield* preempt_enable(k);
  return result;
}

function* down_write_common(
  k: Context,
  sem: RwSemaphore,
  state: number,
  nesting?: Nesting,
): Code<number> {
  sem.traceAcquire(k, 0, nesting);
  yield k.step(sem, k.machine.costs.lock);
  const free = write_trylock(k, sem);
  if (free) hold(k, sem, false);
  yield* changed(k);
  return free ? 0 : yield* contended(k, sem, false, slowpath(k).write(k, sem, state));
}

export function* down_read(k: Context, sem: RwSemaphore, nesting?: Nesting): Code {
  yield* might_sleep(k, 'down_read');
  yield* down_read_common(k, sem, TASK_UNINTERRUPTIBLE, nesting);
}

/** 0, or -EINTR when a signal came first. */
export function* down_read_interruptible(k: Context, sem: RwSemaphore): Code<number> {
  yield* might_sleep(k, 'down_read_interruptible');
  return yield* down_read_common(k, sem, TASK_INTERRUPTIBLE);
}

/** 0, or -EINTR when a fatal signal came first. */
export function* down_read_killable(k: Context, sem: RwSemaphore): Code<number> {
  yield* might_sleep(k, 'down_read_killable');
  return yield* down_read_common(k, sem, TASK_KILLABLE);
}

export function* down_write(k: Context, sem: RwSemaphore, nesting?: Nesting): Code {
  yield* might_sleep(k, 'down_write');
  yield* down_write_common(k, sem, TASK_UNINTERRUPTIBLE, nesting);
}

/** 0, or -EINTR when a fatal signal came first. */
export function* down_write_killable(k: Context, sem: RwSemaphore): Code<number> {
  yield* might_sleep(k, 'down_write_killable');
  return yield* down_write_common(k, sem, TASK_KILLABLE);
}

/** Returns 1 if no writer holds it and nobody waits. */
export function* down_read_trylock(k: Context, sem: RwSemaphore): Code<number> {
  yield k.step(sem, k.machine.costs.lock);
  const free = read_trylock(k, sem);
  if (free) {
    hold(k, sem, true);
    sem.traceAcquire(k, LOCK_READ | LOCK_TRY);
  }
  yield* changed(k);
  return free ? 1 : 0;
}

/** Returns 1 if nobody held it and nobody waits. */
export function* down_write_trylock(k: Context, sem: RwSemaphore): Code<number> {
  yield k.step(sem, k.machine.costs.lock);
  const free = write_trylock(k, sem);
  if (free) {
    hold(k, sem, false);
    sem.traceAcquire(k, LOCK_TRY);
  }
  yield* changed(k);
  return free ? 1 : 0;
}

export function* up_read(k: Context, sem: RwSemaphore): Code {
  yield k.step(sem, k.machine.costs.unlock);
  noteLeft(k, sem);
  preempt_disable(k);
  sem.count -= RWSEM_READER_BIAS;
  if ((sem.count & (RWSEM_LOCK_MASK | RWSEM_FLAG_WAITERS)) === RWSEM_FLAG_WAITERS) {
    sem.nonspinnable = false;
    yield* slowpath(k).wake(k, sem);
  } else {
    notify_spinners(k, sem);
  }
  yield* preempt_enable(k);
}

export function* up_write(k: Context, sem: RwSemaphore): Code {
  yield k.step(sem, k.machine.costs.unlock);
  noteLeft(k, sem);
  sem.count -= RWSEM_WRITER_LOCKED;
  set_owner(sem, null);
  const waiters = (sem.count & RWSEM_FLAG_WAITERS) !== 0;
  yield* changed(k);
  if (waiters) yield* slowpath(k).wake(k, sem);
  else notify_spinners(k, sem);
}

/** The writer goes on as a reader, together with the readers that wait. */
export function* downgrade_write(k: Context, sem: RwSemaphore): Code {
  yield k.step(sem, k.machine.costs.unlock);
  sem.traceDowngrade(k);
  sem.count += RWSEM_READER_BIAS - RWSEM_WRITER_LOCKED;
  set_reader_owned(sem, k.current);
  if ((sem.count & RWSEM_FLAG_WAITERS) !== 0) yield* slowpath(k).downgraded(k, sem);
  else notify_spinners(k, sem);
}

/** A semaphore like new, whoever holds it or waits for it. */
export function init_rwsem(k: Context, sem: RwSemaphore): void {
  sem.traceFreed(k);
  sem.count = 0;
  set_owner(sem, null);
  sem.waiters.length = 0;
  sem.holders.length = 0;
}
