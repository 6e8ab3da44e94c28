/*
 * Socket options of netfilter, net/core/netfilter.c (2.4) and net/netfilter/nf_sockopt.c: modules
 * register ranges of option numbers of a protocol family; setsockopt() and getsockopt() call their
 * handlers in the context of the process, which may sleep.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { errno } from '../errno.ts';
import { mutex_lock, mutex_lock_interruptible, mutex_unlock, Mutex } from '../locking/mutex.ts';
import { down, down_interruptible, Semaphore, up } from '../locking/semaphore.ts';
import type { Machine } from '../machine.ts';
import { module_put, try_module_get, type Module } from '../module.ts';
import { wake_up_process } from '../sched/core.ts';
import { TASK_UNINTERRUPTIBLE, type Task } from '../sched/task.ts';
import { sockoptEras } from './nf_sockopt-era.ts';

export const PF_INET = 2;

/** Where getsockopt() leaves the length that it has written. */
export interface Length {
  value: number;
}

/** struct nf_sockopt_ops. A range goes up to before its end; 0 to 0 is none. */
export interface NfSockoptOps {
  readonly name: string;
  readonly pf: number;
  readonly set_optmin: number;
  readonly set_optmax: number;
  readonly get_optmin: number;
  readonly get_optmax: number;
  readonly set: ((k: Context, optval: number, user: number, len: number) => Code<number>) | null;
  readonly get: ((k: Context, optval: number, user: number, len: Length) => Code<number>) | null;
  readonly owner: Module | null;
  /** Calls inside of it, and who waits for their end (until 2.6.23). */
  use: number;
  cleanup_task: Task | null;
}

class Sockopts {
  /** The latest first. */
  readonly list: NfSockoptOps[] = [];
  readonly mutex = new Mutex('nf_sockopt_mutex');
  readonly semaphore = new Semaphore('nf_sockopt_mutex', 1);
}

const registered = new WeakMap<Machine, Sockopts>();

function sockoptsOf(k: Context): Sockopts {
  let sockopts = registered.get(k.machine);
  if (sockopts === undefined) registered.set(k.machine, (sockopts = new Sockopts()));
  return sockopts;
}

/** 0, or -EINTR for a signal where the kernel lets one interrupt it. */
function* lock(k: Context, interruptible: boolean): Code<number> {
  const { mutex, semaphore } = sockoptsOf(k);
  const era = sockoptEras[k.machine.era.name];
  const gives = interruptible && era.interruptible;
  if (era.lock === 'semaphore') {
    if (gives) return yield* down_interruptible(k, semaphore);
    yield* down(k, semaphore);
  } else {
    if (gives) return yield* mutex_lock_interruptible(k, mutex);
    yield* mutex_lock(k, mutex);
  }
  return 0;
}

function* unlock(k: Context): Code {
  const { mutex, semaphore } = sockoptsOf(k);
  if (sockoptEras[k.machine.era.name].lock === 'semaphore') yield* up(k, semaphore);
  else yield* mutex_unlock(k, mutex);
}

function overlap(min1: number, max1: number, min2: number, max2: number): boolean {
  return max1 > min2 && min1 < max2;
}

function conflict(a: NfSockoptOps, b: NfSockoptOps): boolean {
  if (a.pf !== b.pf) return false;
  return (
    overlap(a.set_optmin, a.set_optmax, b.set_optmin, b.set_optmax) ||
    overlap(a.get_optmin, a.get_optmax, b.get_optmin, b.get_optmax)
  );
}

/** 0; -EBUSY where others have one of the numbers; -EINTR. */
export function* nf_register_sockopt(k: Context, reg: NfSockoptOps): Code<number> {
  if ((yield* lock(k, true)) !== 0) return -errno.EINTR;
  const { list } = sockoptsOf(k);
  const busy = list.some((ops) => conflict(ops, reg));
  if (!busy) list.unshift(reg);
  yield* unlock(k);
  return busy ? -errno.EBUSY : 0;
}

/** Until 2.6.23 it waits for the calls inside; later these hold the module. */
export function* nf_unregister_sockopt(k: Context, reg: NfSockoptOps): Code {
  yield* lock(k, false);
  while (reg.use !== 0) {
    k.current.state = TASK_UNINTERRUPTIBLE;
    k.current.waitingFor = reg.name;
    reg.cleanup_task = k.current;
    yield* unlock(k);
    yield SCHEDULE;
    yield* lock(k, false);
  }
  const { list } = sockoptsOf(k);
  const at = list.indexOf(reg);
  if (at >= 0) {
    list.splice(at, 1);
  } else {
    const text = 'BUG: kernel NULL pointer dereference in nf_unregister_sockopt';
    k.machine.findings.report(k.cpu, 'use-before-init', text, reg.name);
  }
  yield* unlock(k);
}

type Direction = 'set' | 'get';

/** The handlers for an option, held until `leave`; or a negative error number. */
function* nf_sockopt_find(
  k: Context,
  pf: number,
  val: number,
  how: Direction,
): Code<NfSockoptOps | number> {
  if ((yield* lock(k, true)) !== 0) return -errno.EINTR;
  const { holds } = sockoptEras[k.machine.era.name];
  let found: NfSockoptOps | number = -errno.ENOPROTOOPT;
  for (const ops of sockoptsOf(k).list) {
    if (ops.pf !== pf) continue;
    const inside = val >= ops[`${how}_optmin`] && val < ops[`${how}_optmax`];
    if (holds === 'use') {
      if (inside) ops.use++;
    } else if ((yield* try_module_get(k, ops.owner)) === 0) {
      break;
    } else if (!inside) {
      yield* module_put(k, ops.owner);
    }
    if (!inside) continue;
    found = ops;
    break;
  }
  yield* unlock(k);
  return found;
}

function* leave(k: Context, ops: NfSockoptOps): Code {
  if (sockoptEras[k.machine.era.name].holds === 'module') {
    yield* module_put(k, ops.owner);
    return;
  }
  yield* lock(k, false);
  ops.use--;
  if (ops.cleanup_task !== null) wake_up_process(k.cpu, ops.cleanup_task);
  yield* unlock(k);
}

export function* nf_setsockopt(
  k: Context,
  pf: number,
  val: number,
  user: number,
  len: number,
): Code<number> {
  const ops = yield* nf_sockopt_find(k, pf, val, 'set');
  if (typeof ops === 'number') return ops;
  const result = ops.set === null ? -errno.ENOPROTOOPT : yield* ops.set(k, val, user, len);
  yield* leave(k, ops);
  return result;
}

export function* nf_getsockopt(
  k: Context,
  pf: number,
  val: number,
  user: number,
  len: Length,
): Code<number> {
  const ops = yield* nf_sockopt_find(k, pf, val, 'get');
  if (typeof ops === 'number') return ops;
  const result = ops.get === null ? -errno.ENOPROTOOPT : yield* ops.get(k, val, user, len);
  yield* leave(k, ops);
  return result;
}
