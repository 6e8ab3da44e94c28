/*
 * Wound/wait mutexes, kernel/locking/ww_mutex.h and the parts of mutex.c for them: several mutexes
 * of one class taken in any order under a context, whose stamp says who came first. With wait-die a
 * younger context that meets an older one gives up (-EDEADLK), with wound-wait an older one makes
 * the younger holder give up; who gave up releases everything and begins with that mutex.
 * Left out: optimistic spinning and the hand-off to a starving waiter.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { preempt_check_resched } from '../cpu/preempt.ts';
import { errno } from '../errno.ts';
import { LOCK_HOOK } from '../hooks.ts';
import { report_locks_warning } from '../sched/atomic.ts';
import { might_sleep, wake_up_process } from '../sched/core.ts';
import { TASK_RUNNING, TASK_UNINTERRUPTIBLE, type Task } from '../sched/task.ts';
import { LOCK_TRY, Lock } from './lock.ts';

/** What belongs together: mutexes, and the contexts that take them. */
export class WwClass {
  readonly name: string;
  readonly isWaitDie: boolean;
  stamp = 0;

  constructor(name: string, isWaitDie: boolean) {
    this.name = name;
    this.isWaitDie = isWaitDie;
  }
}

/** struct ww_acquire_ctx; to the lock validator it is a lock that the task holds meanwhile. */
export class WwAcquireCtx extends Lock {
  readonly type = 'ww_acquire_ctx';
  readonly wwClass: WwClass;
  stamp = 0;
  /** Mutexes that it holds. */
  held = 0;
  wounded = false;
  doneAcquire = false;
  /** The mutex for which it gave up. */
  contending: WwMutex | null = null;
  heldSince = 0;

  constructor(name: string, wwClass: WwClass) {
    super(name);
    this.className = `${wwClass.name}_acquire`;
    this.wwClass = wwClass;
  }
}

interface Waiter {
  readonly task: Task;
  readonly ctx: WwAcquireCtx | null;
}

export class WwMutex extends Lock {
  readonly type = 'ww_mutex';
  readonly wwClass: WwClass;
  owner: Task | null = null;
  ctx: WwAcquireCtx | null = null;
  heldSince = 0;
  /** Those with a context by age, the others where they came. */
  readonly waiters: Waiter[] = [];

  constructor(name: string, wwClass: WwClass) {
    super(name);
    this.className = `${wwClass.name}_mutex`;
    this.wwClass = wwClass;
  }

  /** Somebody gives up before a circle of them closes: none is to be looked for. */
  protected override get hookBits(): number {
    return LOCK_HOOK.ownerless;
  }
}

export function ww_acquire_init(k: Context, ctx: WwAcquireCtx): void {
  ctx.traceFreed(k);
  ctx.stamp = ++ctx.wwClass.stamp;
  ctx.held = 0;
  ctx.wounded = false;
  ctx.doneAcquire = false;
  ctx.contending = null;
  ctx.heldSince = k.machine.sim.now;
  ctx.traceAcquire(k, 0);
}

/** No more mutexes will be taken. */
export function ww_acquire_done({ cpu }: Context, ctx: WwAcquireCtx): void {
  warn_on(cpu, ctx.doneAcquire, 'ctx->done_acquire', ctx);
  ctx.doneAcquire = true;
}

export function ww_acquire_fini(k: Context, ctx: WwAcquireCtx): void {
  ctx.noteReleased(k, ctx.heldSince);
  warn_on(k.cpu, ctx.held > 0, 'ctx->acquired', ctx);
}

function warn_on(cpu: Cpu, wrong: boolean, condition: string, lock: Lock): void {
  if (wrong) report_locks_warning(cpu, condition, lock.name);
}

function isYounger(one: WwAcquireCtx, other: WwAcquireCtx): boolean {
  return one.stamp > other.stamp;
}

/** __ww_mutex_kill(): it gives up unless it holds nothing. */
function kill(cpu: Cpu, lock: WwMutex, ctx: WwAcquireCtx): boolean {
  if (ctx.held === 0) return false;
  warn_on(cpu, ctx.contending !== null, 'ww_ctx->contending_lock', lock);
  ctx.contending = lock;
  return true;
}

/** __ww_mutex_die(): a younger waiter that holds something looks again, and gives up. */
function die(cpu: Cpu, waiter: Waiter & { ctx: WwAcquireCtx }, ctx: WwAcquireCtx): boolean {
  if (!ctx.wwClass.isWaitDie) return false;
  if (waiter.ctx.held > 0 && isYounger(waiter.ctx, ctx)) wake_up_process(cpu, waiter.task);
  return true;
}

/** __ww_mutex_wound(): a younger holder that waits elsewhere gives up there. */
function wound(cpu: Cpu, lock: WwMutex, ctx: WwAcquireCtx): boolean {
  const { ctx: holder, owner } = lock;
  if (holder === null || owner === null) return false;
  if (holder.held === 0 || !isYounger(holder, ctx)) return false;
  holder.wounded = true;
  if (owner !== cpu.current) wake_up_process(cpu, owner);
  return true;
}

function hasCtx(waiter: Waiter): waiter is Waiter & { ctx: WwAcquireCtx } {
  return waiter.ctx !== null;
}

/** The new holder may be younger than one that waits, or older than one that has to give up. */
function check_waiters(cpu: Cpu, lock: WwMutex, ctx: WwAcquireCtx): void {
  for (const waiter of lock.waiters.filter(hasCtx)) {
    const told = ctx.wwClass.isWaitDie ? die(cpu, waiter, ctx) : wound(cpu, lock, waiter.ctx);
    if (told) break;
  }
}

/** __ww_mutex_check_kill(): must the waiter give up? */
function check_kill(cpu: Cpu, lock: WwMutex, waiter: Waiter, ctx: WwAcquireCtx): boolean {
  if (ctx.held === 0) return false;
  if (!ctx.wwClass.isWaitDie) return ctx.wounded && kill(cpu, lock, ctx);
  const before = lock.waiters.slice(0, lock.waiters.indexOf(waiter)).some(hasCtx);
  const older = lock.ctx !== null && isYounger(ctx, lock.ctx);
  return (older || before) && kill(cpu, lock, ctx);
}

/** __ww_mutex_add_waiter(): by age; false: it gave up at once. */
function add_waiter(cpu: Cpu, lock: WwMutex, waiter: Waiter): boolean {
  const { waiters } = lock;
  const { ctx } = waiter;
  let at = waiters.length;
  if (ctx !== null) {
    for (let i = waiters.length - 1; i >= 0; i--) {
      const other = waiters[i]!;
      if (!hasCtx(other)) continue;
      if (isYounger(ctx, other.ctx)) {
        if (ctx.wwClass.isWaitDie && kill(cpu, lock, ctx)) return false;
        break;
      }
      at = i;
      die(cpu, other, ctx);
    }
  }
  waiters.splice(at, 0, waiter);
  if (ctx !== null && !ctx.wwClass.isWaitDie) wound(cpu, lock, ctx);
  return true;
}

function trylock(k: Context, lock: WwMutex): boolean {
  if (lock.owner !== null) return false;
  lock.owner = k.current;
  lock.heldSince = k.machine.sim.now;
  lock.noteTaken(k);
  return true;
}

/** ww_mutex_lock_acquired(), with the checks of CONFIG_DEBUG_WW_MUTEX. */
function acquired(cpu: Cpu, lock: WwMutex, ctx: WwAcquireCtx): void {
  warn_on(cpu, lock.ctx !== null, 'ww->ctx', lock);
  warn_on(cpu, ctx.doneAcquire, 'ww_ctx->done_acquire', lock);
  if (ctx.contending !== null) {
    warn_on(cpu, ctx.contending !== lock, 'ww_ctx->contending_lock != ww', lock);
    warn_on(cpu, ctx.held > 0, 'ww_ctx->acquired > 0', lock);
    ctx.contending = null;
  }
  warn_on(cpu, ctx.wwClass !== lock.wwClass, 'ww_ctx->ww_class != ww->ww_class', lock);
  ctx.held++;
  lock.ctx = ctx;
}

/**
 * 0 with the mutex; -EALREADY if the context has it; -EDEADLK if the context must release all that
 * it has and begin with this one (ww_mutex_lock_slow).
 */
export function* ww_mutex_lock(
  k: Context,
  lock: WwMutex,
  ctx: WwAcquireCtx | null = null,
): Code<number> {
  yield* might_sleep(k, 'ww_mutex_lock');
  if (ctx !== null) {
    if (lock.ctx === ctx) return -errno.EALREADY;
    if (ctx.held === 0) ctx.wounded = false;
  }
  lock.traceAcquire(k, 0, { subclass: 0, nest: ctx });
  yield k.step(lock, k.machine.costs.lock);
  let result = 0;
  if (!trylock(k, lock)) {
    const since = k.machine.sim.now;
    lock.noteContended(k);
    result = yield* wait_in_queue(k, lock, ctx);
    if (result === 0) lock.noteWaited(k, since);
    else lock.traceGivenUp(k);
  }
  if (result === 0 && ctx !== null) {
    acquired(k.cpu, lock, ctx);
    check_waiters(k.cpu, lock, ctx);
  }
  yield* preempt_check_resched(k);
  return result;
}

function* wait_in_queue(k: Context, lock: WwMutex, ctx: WwAcquireCtx | null): Code<number> {
  const task = k.current;
  const waiter: Waiter = { task, ctx };
  if (!add_waiter(k.cpu, lock, waiter)) return -errno.EDEADLK;
  task.state = TASK_UNINTERRUPTIBLE;
  let result = 0;
  while (!trylock(k, lock)) {
    if (ctx !== null && check_kill(k.cpu, lock, waiter, ctx)) {
      result = -errno.EDEADLK;
      break;
    }
    task.waitingFor = lock.name;
    yield SCHEDULE;
    task.state = TASK_UNINTERRUPTIBLE;
  }
  task.state = TASK_RUNNING;
  lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
  return result;
}

/** After -EDEADLK, with nothing held any more: waits for the mutex for which it gave up. */
export function* ww_mutex_lock_slow(k: Context, lock: WwMutex, ctx: WwAcquireCtx): Code {
  warn_on(k.cpu, ctx.contending === null, '!ctx->contending_lock', lock);
  yield* ww_mutex_lock(k, lock, ctx);
}

/** Returns 1 if it got the mutex. */
export function* ww_mutex_trylock(
  k: Context,
  lock: WwMutex,
  ctx: WwAcquireCtx | null = null,
): Code<number> {
  yield k.step(lock, k.machine.costs.lock);
  if (ctx?.held === 0) ctx.wounded = false;
  if (!trylock(k, lock)) return 0;
  if (ctx !== null) acquired(k.cpu, lock, ctx);
  lock.traceAcquire(k, LOCK_TRY, { subclass: 0, nest: ctx });
  return 1;
}

export function* ww_mutex_unlock(k: Context, lock: WwMutex): Code {
  yield k.step(lock, k.machine.costs.unlock);
  const { ctx } = lock;
  if (ctx !== null) {
    warn_on(k.cpu, ctx.held === 0, '!lock->ctx->acquired', lock);
    if (ctx.held > 0) ctx.held--;
    lock.ctx = null;
  }
  lock.noteReleased(k, lock.heldSince);
  lock.owner = null;
  const [first] = lock.waiters;
  if (first !== undefined) wake_up_process(k.cpu, first.task);
  yield* preempt_check_resched(k);
}
