/*
 * System V semaphores, ipc/sem.c: sets of semaphores, on which a call does several operations at
 * once or none. Who cannot go on waits, and whoever changes a value does the operations of those
 * who now can, in the order of their coming, before they run. SEM_UNDO takes a process's operations
 * back when it ends. Left out: the locks of single semaphores (all operations take the set's lock),
 * permissions, the limits of the system.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { errno } from '../errno.ts';
import type { Machine } from '../machine.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import { might_fault } from '../mm/pagefault.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING, type Task } from '../sched/task.ts';
import { wake_up_process } from '../sched/core.ts';
import { signal_pending } from '../signal/signal.ts';
import { schedule_hrtimeout } from '../time/sleep.ts';
import type { UserProcess } from '../user/process.ts';
import { IPC_NOWAIT, IpcObject, ipc_lock_object, ipc_unlock_object, wake_up_q } from './util.ts';

export const SEM_UNDO = 0x1000;
export const SEMVMX = 32767;
/** Most operations of one call. */
export const SEMOPM = 500;

/** struct sembuf */
export interface SemOp {
  readonly num: number;
  readonly op: number;
  readonly flags: number;
}

/** struct sem_queue: a call that waits. */
interface Pending {
  readonly task: Task;
  readonly sops: readonly SemOp[];
  readonly alters: boolean;
  readonly undo: number[] | null;
  /** -EINTR as long as nothing has become of it. */
  status: number;
}

/** struct sem_array */
export class SemSet extends IpcObject {
  readonly values: number[];
  readonly pending: Pending[] = [];
  /** What ends of processes take back, semaphore by semaphore (struct sem_undo). */
  readonly undos = new Map<UserProcess, number[]>();

  constructor(name: string, values: readonly number[]) {
    super(name);
    this.values = [...values];
  }
}

/** All or nothing: 0, 1 if it must wait, -EAGAIN if it must not, -ERANGE. */
function perform_atomic_semop(set: SemSet, { sops, undo }: Pending): number {
  const values = [...set.values];
  const adjusted = undo === null ? null : [...undo];
  for (const { num, op, flags } of sops) {
    const value = values[num]!;
    if ((op === 0 && value !== 0) || value + op < 0) {
      return (flags & IPC_NOWAIT) === 0 ? 1 : -errno.EAGAIN;
    }
    if (value + op > SEMVMX) return -errno.ERANGE;
    values[num] = value + op;
    if ((flags & SEM_UNDO) === 0 || adjusted === null) continue;
    const adj = adjusted[num]! - op;
    if (adj < -SEMVMX - 1 || adj > SEMVMX) return -errno.ERANGE;
    adjusted[num] = adj;
  }
  set.values.splice(0, values.length, ...values);
  if (undo !== null && adjusted !== null) undo.splice(0, adjusted.length, ...adjusted);
  return 0;
}

/** do_smart_update(): does what can be done now, waiting for zero first, then in order. */
function update(set: SemSet, woken: Task[]): void {
  for (;;) {
    const order = [
      ...set.pending.filter(({ alters }) => !alters),
      ...set.pending.filter(({ alters }) => alters),
    ];
    const changed = order.some((one) => settle(set, one, woken) && one.alters);
    if (!changed) return;
  }
}

/** True if nothing keeps it any more. */
function settle(set: SemSet, one: Pending, woken: Task[]): boolean {
  const result = perform_atomic_semop(set, one);
  if (result > 0) return false;
  set.pending.splice(set.pending.indexOf(one), 1);
  one.status = result;
  woken.push(one.task);
  return true;
}

function* unlock_and_wake(k: Context, set: SemSet, woken: readonly Task[]): Code {
  yield* ipc_unlock_object(k, set);
  wake_up_q(k, woken);
}

/** semtimedop(): 0 or a negative error; `timeout` in ns, null: none. Never restarted. */
export function* do_semtimedop(
  k: Context,
  set: SemSet,
  sops: readonly SemOp[],
  timeout: number | null,
): Code<number> {
  if (sops.length === 0) return -errno.EINVAL;
  if (sops.length > SEMOPM) return -errno.E2BIG;
  yield* might_fault(k, 'copy_from_user');
  yield k.machine.costs.call;
  if (sops.some(({ num }) => num < 0 || num >= set.values.length)) return -errno.EFBIG;
  const undo = undoOf(k, set, sops);
  yield* ipc_lock_object(k, set);
  const alters = sops.some(({ op }) => op !== 0);
  const queue: Pending = { task: k.current, sops, alters, undo, status: -errno.EINTR };
  const result = set.deleted ? -errno.EINVAL : perform_atomic_semop(set, queue);
  if (result <= 0) {
    const woken: Task[] = [];
    store_release(k.cpu, ORDER.ipc, set.name);
    if (result === 0 && alters) update(set, woken);
    yield* unlock_and_wake(k, set, woken);
    return result;
  }
  set.pending.push(queue);
  return yield* wait(k, set, queue, timeout);
}

/** With the set's lock held; without it when it returns. */
function* wait(k: Context, set: SemSet, queue: Pending, timeout: number | null): Code<number> {
  let left = timeout;
  for (;;) {
    k.current.state = TASK_INTERRUPTIBLE;
    k.current.waitingFor = set.name;
    yield* ipc_unlock_object(k, set);
    if (left === null) yield SCHEDULE;
    else left = yield* schedule_hrtimeout(k, left);
    k.current.state = TASK_RUNNING;
    load_acquire(k.cpu, ORDER.ipc, set.name);
    if (queue.status !== -errno.EINTR) return queue.status;
    yield* ipc_lock_object(k, set);
    const over = left !== null && left <= 0;
    if (queue.status === -errno.EINTR && !over && !signal_pending(k.current)) continue;
    const at = set.pending.indexOf(queue);
    if (at >= 0) set.pending.splice(at, 1);
    yield* ipc_unlock_object(k, set);
    if (queue.status !== -errno.EINTR) return queue.status;
    return over ? -errno.EAGAIN : -errno.EINTR;
  }
}

/** find_alloc_undo(): what the end of the calling process will take back. */
function undoOf(k: Context, set: SemSet, sops: readonly SemOp[]): number[] | null {
  const { process } = k.current;
  if (process === null || !sops.some(({ flags }) => (flags & SEM_UNDO) !== 0)) return null;
  const known = set.undos.get(process) ?? set.values.map(() => 0);
  if (!set.undos.has(process)) {
    set.undos.set(process, known);
    const { machine, onExit } = k.current;
    onExit.push(() => exit_sem(machine, set, process));
  }
  return known;
}

/** A process ends: every semaphore as if its operations with SEM_UNDO had not been. */
function exit_sem(machine: Machine, set: SemSet, process: UserProcess): void {
  const undo = set.undos.get(process);
  if (undo === undefined || set.deleted) return;
  set.undos.delete(process);
  undo.forEach((adj, num) => {
    set.values[num] = Math.min(SEMVMX, Math.max(0, set.values[num]! + adj));
  });
  const woken: Task[] = [];
  update(set, woken);
  for (const task of woken) wake_up_process(machine.active!, task);
}

/** semctl(GETVAL) */
export function* semctl_getval(k: Context, set: SemSet, num: number): Code<number> {
  yield k.step(set, k.machine.costs.call);
  return set.deleted ? -errno.EINVAL : (set.values[num] ?? -errno.EINVAL);
}

/** semctl(SETVAL): nobody's undo counts for it any more. */
export function* semctl_setval(k: Context, set: SemSet, num: number, value: number): Code<number> {
  if (value < 0 || value > SEMVMX) return -errno.ERANGE;
  if (num < 0 || num >= set.values.length) return -errno.EINVAL;
  yield* ipc_lock_object(k, set);
  const woken: Task[] = [];
  set.values[num] = value;
  for (const undo of set.undos.values()) undo[num] = 0;
  update(set, woken);
  yield* unlock_and_wake(k, set, woken);
  return 0;
}

/** semctl(IPC_RMID): everybody who waits gets -EIDRM. */
export function* freeary(k: Context, set: SemSet): Code<number> {
  yield* ipc_lock_object(k, set);
  const again = set.deleted;
  set.deleted = true;
  const woken = set.pending.splice(0).map((one) => {
    one.status = -errno.EIDRM;
    return one.task;
  });
  yield* unlock_and_wake(k, set, woken);
  return again ? -errno.EINVAL : 0;
}

/** semctl(GETNCNT) and semctl(GETZCNT): who waits for more, and who for zero. */
export function count_semcnt({ pending, values }: SemSet, num: number, zero: boolean): number {
  const blocking = ({ sops }: Pending): SemOp | undefined => {
    const now = [...values];
    return sops.find(({ num: n, op }) => {
      if (op === 0 ? now[n] !== 0 : now[n]! + op < 0) return true;
      now[n]! += op;
      return false;
    });
  };
  return pending.filter((one) => {
    const at = blocking(one);
    return at?.num === num && (at.op === 0) === zero;
  }).length;
}
