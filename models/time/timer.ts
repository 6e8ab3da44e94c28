/*
 * timer_list timers. Two wheels: until 4.7 a timer runs at exactly its tick, first armed first run
 * (kernel/timer.c); from 4.8 it runs at the next tick or coarser granule after it, last armed first
 * run within a slot (kernel/time/timer.c). Each CPU has its own; 2.4 has one for the machine.
 */
import {
  MAP_IRQS_OFF,
  lock_map_acquire,
  lock_map_release,
  lock_map_wait,
  timerMap,
} from '../checks/lockdep/maps.ts';
import { hashOf, type Activity, type Fingerprint, type Stateful } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { in_hardirq, preempt_check_resched } from '../cpu/preempt.ts';
import { Spinners } from '../cpu/spinners.ts';
import { EV } from '../events.ts';
import { sync_done, sync_wait } from '../hooks.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import { check_timer_count, report_warning } from '../sched/atomic.ts';
import { tickTime } from './jiffies.ts';
import { ExactWheel, RoundedWheel, type Wheel } from './wheel.ts';

export class TimerList {
  readonly name: string;
  readonly func: (k: Context) => Code;
  expires = 0;
  base: TimerBase | null = null;
  /** Where the wheel keeps it. */
  slot = -1;
  /** The end of a wait for something else: where order is open, it comes when nothing else can. */
  readonly patient: boolean;
  /** The pid of the task that it wakes; 0: it does something else. */
  whose = 0;
  /** While it waits for everything else. */
  lastResort = -1;
  /** The base on which its function runs at this moment. */
  runningOn: TimerBase | null = null;
  /** Those who wait for the end of its function. */
  spinners: Spinners | null = null;

  constructor(name: string, func: (k: Context) => Code, patient = false) {
    this.name = name;
    this.func = func;
    this.patient = patient;
  }

  get pending(): boolean {
    return this.base !== null;
  }

  /** Where it stands among others is the wheel's. */
  feed(into: Fingerprint): void {
    into.add(hashOf(this.name));
    into.add(this.whose);
    into.add(this.base === null ? -1 : this.base.cpu.id);
    into.add(this.runningOn === null ? -1 : this.runningOn.cpu.id);
    this.spinners?.feed(into);
  }
}

export class TimerBase {
  readonly cpu: Cpu;
  private readonly wheel: Wheel;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
    const { machine } = cpu;
    this.wheel =
      machine.era.timerWheel === 'exact'
        ? new ExactWheel(machine.jiffies)
        : new RoundedWheel(machine.jiffies);
  }

  add(timer: TimerList): void {
    const { exploration, hz, firstJiffy, patient } = this.cpu.machine;
    timer.base = this;
    if (exploration === null || !timer.patient || !patient) {
      this.insert(timer);
      return;
    }
    const time = tickTime(hz, timer.expires - firstJiffy);
    const expiry: Activity & Stateful = {
      feed: (into) => timer.feed(into),
      fire: () => {
        timer.lastResort = -1;
        this.insert(timer);
      },
    };
    timer.lastResort = exploration.atLast(time, expiry);
  }

  private insert(timer: TimerList): void {
    this.wheel.insert(timer, this.cpu.machine.jiffies);
    this.cpu.tick.timersChanged();
  }

  /** Arms a pending timer for another jiffy without moving it, where its slot stays the same. */
  rearmInPlace(timer: TimerList, expires: number): boolean {
    if (timer.lastResort >= 0) return false;
    if (!this.wheel.keeps(timer, expires, this.cpu.machine.jiffies)) return false;
    timer.expires = expires;
    return true;
  }

  remove(timer: TimerList): void {
    timer.base = null;
    if (timer.lastResort >= 0) {
      this.cpu.machine.exploration!.cancelLast(timer.lastResort);
      timer.lastResort = -1;
      return;
    }
    this.wheel.remove(timer);
    if (this.cpu.explores) this.cpu.tick.timersChanged();
  }

  feed(into: Fingerprint): void {
    this.wheel.feed(into, this.cpu.machine.jiffies);
  }

  /** The tick number (not jiffies) at which the earliest timer runs; null: none is pending. */
  nextExpiry(): number | null {
    const expiry = this.wheel.nextExpiry();
    return expiry === null ? null : expiry - this.cpu.machine.firstJiffy;
  }

  isDue(): boolean {
    const expiry = this.wheel.nextExpiry();
    return expiry !== null && expiry <= this.cpu.machine.jiffies;
  }

  /** __run_timers(): everything that is due, an expired timer at a time. */
  *run(k: Context): Code {
    for (;;) {
      const timer = this.wheel.takeDue(this.cpu.machine.jiffies);
      if (this.cpu.explores) this.cpu.tick.timersChanged();
      if (timer === null) return;
      timer.base = null;
      yield* this.expire(k, timer);
    }
  }

  private *expire(k: Context, timer: TimerList): Code {
    const { cpu, machine } = k;
    const { actor } = k;
    const name = machine.texts.intern(timer.name);
    timer.runningOn = this;
    k.actor = timer.name;
    if (machine.trace.on) cpu.emit(EV.timer_expire_entry, name, machine.jiffies);
    const { preempt_count } = cpu;
    lock_map_acquire(k, timerMap(timer));
    yield* timer.func(k);
    lock_map_release(k, timerMap(timer));
    check_timer_count(k, timer.name, preempt_count);
    if (machine.trace.on) cpu.emit(EV.timer_expire_exit, name, NaN);
    k.actor = actor;
    timer.runningOn = null;
    timer.spinners?.release();
  }
}

/** The action of TIMER_SOFTIRQ. */
export function* run_timer_softirq(k: Context): Code {
  yield* k.cpu.timers.run(k);
}

/**
 * Arms or moves the timer; returns 1 if it was pending. It changes over to this CPU unless its
 * function is running on another. Without a change nothing is locked.
 */
export function mod_timer(cpu: Cpu, timer: TimerList, expires: number): number {
  store_release(cpu, ORDER.timer, timer.name);
  if (timer.pending && timer.expires === expires) return 1;
  const wasPending = timer.pending ? 1 : 0;
  if (timer.base?.rearmInPlace(timer, expires) !== true) {
    detach(cpu, timer);
    timer.expires = expires;
    (timer.runningOn ?? cpu.timers).add(timer);
    if (cpu.machine.trace.on) {
      cpu.emit(EV.timer_start, cpu.machine.texts.intern(timer.name), expires);
    }
  }
  cpu.preemptPoint();
  return wasPending;
}

/** Arms a timer that is not pending; one that is stays as it is. */
export function add_timer(cpu: Cpu, timer: TimerList, expires: number): void {
  if (!timer.pending) {
    mod_timer(cpu, timer, expires);
    return;
  }
  const where = 'kernel/time/timer.c:1242 add_timer';
  report_warning(cpu, 'use-before-init', where, { objects: [timer.name] });
}

/** As mod_timer, but leaves a timer alone that is not pending. */
export function mod_timer_pending(cpu: Cpu, timer: TimerList, expires: number): number {
  if (timer.pending) return mod_timer(cpu, timer, expires);
  cpu.preemptPoint();
  return 0;
}

/** As mod_timer, but never to a later time. */
export function timer_reduce(cpu: Cpu, timer: TimerList, expires: number): number {
  return timer.pending && timer.expires <= expires ? 1 : mod_timer(cpu, timer, expires);
}

/** Returns 1 if the timer was pending. Does not wait for a running function. */
export function del_timer(cpu: Cpu, timer: TimerList): number {
  const wasPending = detach(cpu, timer);
  if (wasPending === 1) cpu.preemptPoint();
  return wasPending;
}

function detach(cpu: Cpu, timer: TimerList): number {
  if (timer.base === null) return 0;
  timer.base.remove(timer);
  if (cpu.machine.trace.on) {
    cpu.emit(EV.timer_cancel, cpu.machine.texts.intern(timer.name), NaN);
  }
  return 1;
}

/**
 * As del_timer, and waits while the function runs on another CPU: what that arms again is taken
 * away afterwards. (2.4 takes it away before it waits as well.)
 */
export function* del_timer_sync(k: Context, timer: TimerList): Code<number> {
  lock_map_wait(k, timerMap(timer), MAP_IRQS_OFF);
  if (in_hardirq(k.cpu)) {
    const where = 'kernel/time/timer.c:1564 __timer_delete_sync';
    report_warning(k.cpu, 'irq-safety', where, { objects: [timer.name] });
  }
  while (timer.runningOn !== null) {
    timer.spinners ??= new Spinners();
    sync_wait(k, timer.name, 'spins');
    yield* timer.spinners.spinUntil(k, () => timer.runningOn === null);
    sync_done(k, timer.name);
  }
  const wasPending = detach(k.cpu, timer);
  load_acquire(k.cpu, ORDER.timer, timer.name);
  yield* preempt_check_resched(k);
  return wasPending;
}
