/*
 * Loadable modules: kernel/module.c of 2.4.27, 2.6.24 and 2.6.32, kernel/module/main.c of 6.1. A
 * module has a count of users; its code is gone once it has been unloaded. Left out: relocation,
 * dependencies between modules, stop_machine(), notifiers, forced removal.
 */
import { SCHEDULE, type Code, type Context } from './context.ts';
import { errno } from './errno.ts';
import { EV } from './events.ts';
import type { Fingerprint } from '../engine/index.ts';
import { mutex_lock_interruptible, mutex_unlock, Mutex } from './locking/mutex.ts';
import type { Machine } from './machine.ts';
import { wake_up_process } from './sched/core.ts';
import { TASK_RUNNING, TASK_UNINTERRUPTIBLE, type Task } from './sched/task.ts';
import { moduleEras } from './module-era.ts';
import { processOf } from './user/file.ts';
import { systemCall } from './user/signals.ts';
import { ThreadGroup } from './user/thread-group.ts';

export type ModuleState = 'absent' | 'coming' | 'live' | 'going';

/** O_NONBLOCK of delete_module(): rmmod never waits. */
export const O_NONBLOCK = 0o4000;

export interface ModuleFunctions {
  /** module_init(): 0, or a negative error number, and then it is not loaded. */
  readonly init: ((k: Context) => Code<number>) | null;
  readonly exit: ((k: Context) => Code<number>) | null;
}

export class Module {
  readonly name: string;
  state: ModuleState;
  /** Users beside init_module() itself. */
  refcnt = 0;
  /** How often its code was freed: what was running then comes back to nothing. */
  unloads = 0;
  /** Waits in delete_module() until nobody uses it. */
  waiter: Task | null = null;
  readonly functions: ModuleFunctions;

  constructor(name: string, functions: ModuleFunctions, loaded: boolean) {
    this.name = name;
    this.functions = functions;
    this.state = loaded ? 'live' : 'absent';
  }

  feed(into: Fingerprint): void {
    into.add(this.refcnt);
    into.add(this.unloads);
    into.add(['absent', 'coming', 'live', 'going'].indexOf(this.state));
  }

  free(): void {
    this.state = 'absent';
    this.unloads++;
  }
}

const mutexes = new WeakMap<Machine, Mutex>();

function module_mutex(k: Context): Mutex {
  let mutex = mutexes.get(k.machine);
  if (mutex === undefined) mutexes.set(k.machine, (mutex = new Mutex('module_mutex')));
  return mutex;
}

function mayLoad(k: Context): boolean {
  const process = processOf(k);
  return !(process instanceof ThreadGroup) || process.uid === 0;
}

function trace(k: Context, event: number, mod: Module): void {
  if (k.machine.trace.on) k.cpu.emit(event, k.machine.texts.intern(mod.name), mod.refcnt);
}

/** insmod: 0; -EEXIST, -EPERM, or what its init function says. */
export function init_module(k: Context, mod: Module): Code<number> {
  return systemCall(k, 'init_module', function* () {
    if (!mayLoad(k)) return -errno.EPERM;
    yield k.step(mod, k.machine.costs.call);
    if (mod.state !== 'absent') return -errno.EEXIST;
    mod.state = 'coming';
    trace(k, EV.module_load, mod);
    const result = mod.functions.init === null ? 0 : yield* mod.functions.init(k);
    if (result < 0) {
      mod.free();
      trace(k, EV.module_free, mod);
      return result;
    }
    mod.state = 'live';
    return 0;
  });
}

/** rmmod: 0; -ENOENT, or -EBUSY (2.4), -EWOULDBLOCK or a wait where somebody uses it. */
export function delete_module(k: Context, mod: Module, flags: number): Code<number> {
  return systemCall(k, 'delete_module', function* () {
    if (!mayLoad(k)) return -errno.EPERM;
    const mutex = module_mutex(k);
    if ((yield* mutex_lock_interruptible(k, mutex)) !== 0) return -errno.EINTR;
    const error = yield* try_stop_module(k, mod, flags);
    yield* mutex_unlock(k, mutex);
    if (error !== 0) return error;
    if (mod.refcnt > 0) yield* wait_for_zero_refcount(k, mod);
    if (mod.functions.exit !== null) yield* mod.functions.exit(k);
    yield k.step(mod, k.machine.costs.call);
    mod.free();
    trace(k, EV.module_free, mod);
    return 0;
  });
}

function* try_stop_module(k: Context, mod: Module, flags: number): Code<number> {
  const { whenUsed } = moduleEras[k.machine.era.name];
  yield k.step(mod, k.machine.costs.call);
  if (mod.state === 'absent') return -errno.ENOENT;
  if (mod.state !== 'live') return -errno.EBUSY;
  if (mod.functions.init !== null && mod.functions.exit === null) return -errno.EBUSY;
  if (mod.refcnt > 0) {
    if (whenUsed === 'EBUSY') return -errno.EBUSY;
    if (whenUsed === 'EWOULDBLOCK' || (flags & O_NONBLOCK) !== 0) return -errno.EAGAIN;
  }
  mod.state = 'going';
  return 0;
}

/** From now on nobody can begin to use it; the last one that still does wakes this task. */
function* wait_for_zero_refcount(k: Context, mod: Module): Code {
  mod.waiter = k.current;
  k.current.waitingFor = mod.name;
  for (;;) {
    k.current.state = TASK_UNINTERRUPTIBLE;
    if (mod.refcnt === 0) break;
    yield SCHEDULE;
  }
  k.current.state = TASK_RUNNING;
  mod.waiter = null;
}

/** try_inc_mod_count() of 2.4: 1 with one more user, 0 where it is going. NULL is the kernel. */
export function* try_module_get(k: Context, mod: Module | null): Code<number> {
  if (mod === null) return 1;
  yield k.step(mod, k.machine.costs.access);
  if (mod.state === 'absent' || mod.state === 'going') return 0;
  mod.refcnt++;
  trace(k, EV.module_get, mod);
  return 1;
}

/** By one who has a reference already, or runs its code: it cannot go meanwhile. */
export function* __module_get(k: Context, mod: Module): Code {
  yield k.step(mod, k.machine.costs.access);
  mod.refcnt++;
  trace(k, EV.module_get, mod);
}

export function* module_put(k: Context, mod: Module | null): Code {
  if (mod === null) return;
  yield k.step(mod, k.machine.costs.access);
  if (mod.refcnt === 0) {
    const text = `module_put() of ${mod.name} without a reference`;
    k.machine.findings.report(k.cpu, 'refcount-underflow', text, mod.name);
    return;
  }
  mod.refcnt--;
  trace(k, EV.module_put, mod);
  if (mod.state === 'going' && mod.waiter !== null) wake_up_process(k.cpu, mod.waiter);
}
