/*
 * Mutexes and condition variables of the C library, which are made from futexes: nptl of glibc 2.25
 * and later (lowlevellock, pthread_mutex_lock.c, pthread_cond_wait.c, pthread_cond_signal.c). What
 * goes uncontended stays in user mode; the kernel is asked only to sleep and to wake. A mutex with
 * priority inheritance is an rt_mutex of the kernel as soon as somebody waits (kernel/futex/pi.c).
 * Left out: recursive, error-checking and robust mutexes, timeouts, cancellation, the internal lock
 * of a condition variable, and that it waits until a used-up group has been left.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { Futex, futex_wait, futex_wake } from '../ipc/futex.ts';
import { Lock } from '../locking/lock.ts';
import {
  RtMutex,
  rt_mutex_futex_lock,
  rt_mutex_futex_trylock,
  rt_mutex_futex_unlock,
} from '../locking/rtmutex.ts';
import { systemCall } from './signals.ts';

/** A mutex without a protocol: 0 free, 1 locked, 2 locked and perhaps waited for. */
export class PthreadMutex extends Lock {
  readonly type = 'pthread_mutex';
  readonly futex: Futex;
  heldSince = 0;

  constructor(name: string) {
    super(name);
    this.futex = new Futex(name, 0);
  }

  /** The kernel's lock validator knows nothing of it, but it has an owner. */
  protected override get tracked(): boolean {
    return false;
  }

  protected override get hookBits(): number {
    return 0;
  }

  override feed(into: Fingerprint): void {
    feedFutex(this.futex, into);
  }
}

/** PTHREAD_PRIO_INHERIT. */
export class PthreadPiMutex extends RtMutex {
  protected override get tracked(): boolean {
    return false;
  }

  protected override get hookBits(): number {
    return 0;
  }
}

export type AnyPthreadMutex = PthreadMutex | PthreadPiMutex;

/** What a free mutex becomes for the one who takes it. */
const LOCKED = 1;
/** __pthread_mutex_cond_lock(): others of the same condition may be about to wait. */
const LOCKED_FOR_MANY = 2;

export function pthread_mutex_lock(k: Context, mutex: AnyPthreadMutex): Code<number> {
  return lock(k, mutex, LOCKED);
}

function* lock(k: Context, mutex: AnyPthreadMutex, how: number): Code<number> {
  mutex.traceAcquire(k, 0);
  yield k.step(mutex, k.machine.costs.lock);
  if (mutex instanceof PthreadPiMutex) {
    if (rt_mutex_futex_trylock(k, mutex)) return 0;
    return yield* systemCall(k, 'futex', (on) => futex_lock_pi(on, mutex));
  }
  const { futex } = mutex;
  if (futex.value === 0) {
    futex.value = how;
  } else {
    const since = k.machine.sim.now;
    mutex.noteContended(k);
    yield* lll_lock_wait(k, mutex);
    mutex.noteWaited(k, since);
  }
  mutex.heldSince = k.machine.sim.now;
  mutex.noteTaken(k);
  return 0;
}

/** __lll_lock_wait(): the value 2 has the one who unlocks wake somebody. */
function* lll_lock_wait(k: Context, mutex: PthreadMutex): Code {
  const { futex } = mutex;
  for (;;) {
    const before = futex.value;
    futex.value = 2;
    if (before === 0) return;
    yield* systemCall(k, 'futex', (on) => futex_wait(on, futex, 2, null));
    yield k.step(mutex, k.machine.costs.access);
  }
}

/** A signal restarts it. */
function* futex_lock_pi(k: Context, mutex: PthreadPiMutex): Code<number> {
  const result = yield* rt_mutex_futex_lock(k, mutex);
  return result === 0 ? 0 : -errno.ERESTARTNOINTR;
}

export function* pthread_mutex_unlock(k: Context, mutex: AnyPthreadMutex): Code<number> {
  yield k.step(mutex, k.machine.costs.unlock);
  if (mutex instanceof PthreadPiMutex) {
    if (mutex.waiters.length > 0) {
      return yield* systemCall(k, 'futex', (on) => futex_unlock_pi(on, mutex));
    }
    rt_mutex_futex_unlock(k, mutex);
    return 0;
  }
  const { futex } = mutex;
  mutex.noteReleased(k, mutex.heldSince);
  const before = futex.value;
  futex.value = 0;
  if (before > 1) yield* systemCall(k, 'futex', (on) => futex_wake(on, futex, 1));
  return 0;
}

function* futex_unlock_pi(k: Context, mutex: PthreadPiMutex): Code<number> {
  yield k.machine.costs.call;
  rt_mutex_futex_unlock(k, mutex);
  return 0;
}

/** Waiters that may get a signal from the same instant on. */
class Group {
  /** Its value: signals that nobody has consumed yet. */
  readonly signals: Futex;
  /** Those who wait and have no signal. */
  size = 0;

  constructor(name: string) {
    this.signals = new Futex(name, 0);
  }
}

/**
 * Two groups: new waiters enter the second. A signal goes to the first; when all of that have one,
 * the second becomes the first. So nobody who comes later takes the signal of one who waits.
 */
export class PthreadCond {
  readonly name: string;
  first: Group;
  second: Group;

  constructor(name: string) {
    this.name = name;
    this.first = new Group(name);
    this.second = new Group(name);
  }

  feed(into: Fingerprint): void {
    for (const { signals, size } of [this.first, this.second]) {
      into.add(size);
      feedFutex(signals, into);
    }
  }
}

/** Waits for a signal without the mutex; has it again at the end. */
export function* pthread_cond_wait(
  k: Context,
  cond: PthreadCond,
  mutex: AnyPthreadMutex,
): Code<number> {
  yield k.step(cond, k.machine.costs.access);
  const { signals } = cond.second;
  cond.second.size++;
  yield* pthread_mutex_unlock(k, mutex);
  for (;;) {
    yield k.step(cond, k.machine.costs.access);
    if (signals.value > 0) break;
    yield* systemCall(k, 'futex', (on) => futex_wait(on, signals, 0, null));
  }
  signals.value--;
  return yield* lock(k, mutex, LOCKED_FOR_MANY);
}

/** The group to signal; null if nobody waits. */
function groupToSignal(cond: PthreadCond): Group | null {
  if (cond.first.size === 0 && cond.second.size > 0) {
    cond.first = cond.second;
    cond.second = new Group(cond.name);
  }
  return cond.first.size === 0 ? null : cond.first;
}

export function* pthread_cond_signal(k: Context, cond: PthreadCond): Code<number> {
  yield k.step(cond, k.machine.costs.access);
  const group = groupToSignal(cond);
  if (group === null) return 0;
  group.size--;
  group.signals.value++;
  yield* systemCall(k, 'futex', (on) => futex_wake(on, group.signals, 1));
  return 0;
}

export function* pthread_cond_broadcast(k: Context, cond: PthreadCond): Code<number> {
  yield k.step(cond, k.machine.costs.access);
  const groups: Group[] = [];
  for (let group = groupToSignal(cond); group !== null; group = groupToSignal(cond)) {
    group.signals.value += group.size;
    group.size = 0;
    groups.push(group);
  }
  for (const { signals } of groups) {
    yield* systemCall(k, 'futex', (on) => futex_wake(on, signals, Infinity));
  }
  return 0;
}

function feedFutex({ value, waiters }: Futex, into: Fingerprint): void {
  into.add(value);
  into.add(waiters.length);
  for (const { pid } of waiters) into.add(pid);
}
