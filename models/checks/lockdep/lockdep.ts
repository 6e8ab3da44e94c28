/*
 * The lock validator, kernel/locking/lockdep.c: hears of every lock that is taken and given back,
 * keeps the locks that each task and the interrupts on top of it hold, and asks the validator.
 * After its first report it is switched off for the rest of the run, as in the kernel; only a
 * circle that a common lock keeps from closing does not end it.
 */
import { Interest } from '../../../engine/index.ts';
import type { Cpu } from '../../cpu/cpu.ts';
import { HARDIRQ_MASK, SOFTIRQ_MASK, SOFTIRQ_OFFSET } from '../../cpu/preempt.ts';
import { EV } from '../../events.ts';
import { HOOK } from '../../hooks.ts';
import {
  LOCKDEP_RECURSIVE,
  LOCKDEP_SUBCLASS,
  LOCKDEP_UNTRACKED,
  LOCK_READ,
  LOCK_TRY,
} from '../../locking/lock.ts';
import type { Machine } from '../../machine.ts';
import { workqueue_leaked } from '../../workqueue/execute.ts';
import type { Detector } from '../detectors.ts';
import { HeldLock, type HeldLocks, type LockClass, type LockInstance } from './lock-class.ts';
import { LockNames } from './lock-names.ts';
import { MAP_IRQS_OFF } from './maps.ts';
import * as reports from './reports.ts';
import { IN_HARDIRQ, IN_SOFTIRQ, SOFTIRQS_ON, Validator } from './validator.ts';

const { lock_acquire, lock_release, sched_switch, sched_process_exit, workqueue_execute_end } = EV;

export const lockdep: Detector = {
  hears: new Interest([
    HOOK.hardirqs_on,
    HOOK.map_acquire,
    HOOK.map_release,
    HOOK.sys_exit,
    HOOK.lock_freed,
    HOOK.lock_downgrade,
    lock_acquire,
    lock_release,
    sched_switch,
    sched_process_exit,
    workqueue_execute_end,
  ]),

  create(machine) {
    const validation = new Lockdep(machine);
    return (_time, cpu, _context, pid, _comm, _flags, event, object, value, a, b, c, seq) => {
      if (validation.off || cpu < 0) return;
      try {
        validation.hear(machine.cpus[cpu]!, pid, event, object, value, a, b, c, seq);
      } catch (error) {
        if (!(error instanceof reports.Splat)) throw error;
        validation.off = true;
        validation.report(machine.cpus[cpu]!, error.report);
      }
    };
  },
};

class Lockdep {
  off = false;
  private readonly machine: Machine;
  private readonly names: LockNames;
  private readonly validator: Validator;
  /** By pid; of idle tasks, by CPU below zero. */
  private readonly stacks = new Map<number, HeldLocks>();

  constructor(machine: Machine) {
    this.machine = machine;
    this.names = new LockNames(machine.texts);
    this.validator = new Validator((report) => {
      this.report(machine.active ?? machine.cpus[0]!, report);
    });
  }

  hear(
    cpu: Cpu,
    pid: number,
    event: number,
    object: number,
    value: number,
    a: number,
    b: number,
    c: number,
    seq: number,
  ): void {
    switch (event) {
      case lock_acquire:
        if ((a & LOCKDEP_UNTRACKED) === 0) this.acquire(cpu, pid, object, value, a, b, c, seq);
        break;
      case lock_release:
        if ((a & LOCKDEP_UNTRACKED) === 0) this.release(cpu, pid, this.names.lock(object));
        break;
      case HOOK.hardirqs_on:
        this.hardirqsOn(cpu, pid);
        break;
      case HOOK.map_acquire: {
        const map = this.names.map(object);
        this.take(cpu, pid, map, this.names.classOf(map, 0), 0, null, false, a, seq);
        break;
      }
      case HOOK.map_release:
        this.release(cpu, pid, this.names.map(object));
        break;
      case sched_switch:
        this.switchedTo(cpu, value);
        break;
      case sched_process_exit:
        this.exits(cpu, pid);
        break;
      case workqueue_execute_end:
        this.workEnds(cpu, pid, object);
        break;
      case HOOK.sys_exit:
        this.returnsToUser(cpu, pid);
        break;
      case HOOK.lock_freed:
        this.freed(cpu, pid, object);
        break;
      case HOOK.lock_downgrade:
        this.validator.downgrade(this.held(cpu, pid), this.names.lock(object), this.around(cpu));
    }
  }

  private acquire(
    cpu: Cpu,
    pid: number,
    object: number,
    value: number,
    a: number,
    b: number,
    c: number,
    seq: number,
  ): void {
    const lock = this.names.lock(object, b);
    const read = (value & LOCK_READ) === 0 ? 0 : (a & LOCKDEP_RECURSIVE) === 0 ? 1 : 2;
    const nest = c === 0 ? null : this.names.lock(c);
    const ofClass = this.names.classOf(lock, a & LOCKDEP_SUBCLASS);
    this.take(cpu, pid, lock, ofClass, read, nest, (value & LOCK_TRY) !== 0, 0, seq);
  }

  private take(
    cpu: Cpu,
    pid: number,
    lock: LockInstance,
    ofClass: LockClass,
    read: number,
    nest: LockInstance | null,
    trylock: boolean,
    how: number,
    seq: number,
  ): void {
    const { actor, line } = cpu.top;
    const around = this.around(cpu);
    const keptOff = this.machine.era.handlersNest && (around & IN_HARDIRQ) !== 0;
    const on = !cpu.irqs_disabled && (how & MAP_IRQS_OFF) === 0 && !keptOff;
    const next = new HeldLock(lock, ofClass, nest, read, trylock, actor, line, seq, on);
    this.validator.acquire(this.held(cpu, pid), next, around);
  }

  private release(cpu: Cpu, pid: number, lock: LockInstance): void {
    this.validator.release(this.held(cpu, pid), lock, this.around(cpu));
  }

  /**
   * Interrupts are enabled, with whatever is held. Where handlers run with interrupts on, a kernel
   * with the validator keeps them off (local_irq_enable_in_hardirq).
   */
  private hardirqsOn(cpu: Cpu, pid: number): void {
    const around = this.around(cpu);
    if ((around & IN_HARDIRQ) !== 0) {
      if (!this.machine.era.handlersNest) reports.hardirqs_on_in_hardirq();
      return;
    }
    const held = this.heldIfAny(cpu, pid);
    if (held !== null) this.validator.hardirqs_on(held, (around & SOFTIRQS_ON) !== 0);
  }

  /** finish_task_switch() enables interrupts for the task that goes on. */
  private switchedTo(cpu: Cpu, pid: number): void {
    const held = this.heldIfAny(cpu, pid);
    if (held === null) return;
    const task = pid === 0 ? cpu.idle : this.machine.tasks.get(pid);
    if (task === undefined) return;
    this.validator.hardirqs_on(held, (task.preempt_count & SOFTIRQ_MASK) === 0);
  }

  /** debug_check_no_locks_held() */
  private exits(cpu: Cpu, pid: number): void {
    const held = this.heldIfAny(cpu, pid);
    this.stacks.delete(pid);
    if (held !== null) reports.held_at_exit(held);
  }

  /** process_one_work(): reported beside what the validator finds, and no end of it. */
  private workEnds(cpu: Cpu, pid: number, object: number): void {
    const held = this.heldIfAny(cpu, pid);
    if (held === null || cpu.preempt_count !== 0) return;
    const work = this.machine.texts.text(object);
    this.report(cpu, reports.held_by_worker(held, workqueue_leaked(cpu), work));
  }

  private returnsToUser(cpu: Cpu, pid: number): void {
    const held = this.heldIfAny(cpu, pid);
    if (held !== null) reports.held_at_return(held);
  }

  private freed(cpu: Cpu, pid: number, object: number): void {
    const held = this.heldIfAny(cpu, pid);
    const instance = this.names.lock(object);
    const lock = held?.stack.find((one) => one.instance === instance);
    if (held !== null && lock !== undefined) reports.freed_lock(held, lock);
  }

  private heldIfAny(cpu: Cpu, pid: number): HeldLocks | null {
    const held = this.stacks.get(pid === 0 ? -1 - cpu.id : pid);
    return held === undefined || held.stack.length === 0 ? null : held;
  }

  private held(cpu: Cpu, pid: number): HeldLocks {
    const key = pid === 0 ? -1 - cpu.id : pid;
    let held = this.stacks.get(key);
    if (held === undefined) {
      this.stacks.set(key, (held = this.validator.newStack(`${cpu.current.comm}/${pid}`)));
    }
    return held;
  }

  /** The context as the validator counts it; a count below zero says nothing any more. */
  private around(cpu: Cpu): number {
    const count = Math.max(0, cpu.preempt_count);
    return (
      ((count & HARDIRQ_MASK) === 0 ? 0 : IN_HARDIRQ) |
      ((count & SOFTIRQ_OFFSET) === 0 ? 0 : IN_SOFTIRQ) |
      ((count & SOFTIRQ_MASK) === 0 ? SOFTIRQS_ON : 0)
    );
  }

  report(cpu: Cpu, found: reports.Report): void {
    const { kind, text, verdict, objects, sites, lines, guard } = found;
    const { actor, line } = cpu.top;
    const places = sites.length === 0 ? [{ actor, line }] : sites;
    const rows = sites.map(({ seq }) => seq).filter((seq) => seq > 0);
    this.machine.findings.report(cpu, kind, text, {
      verdict,
      actors: [...new Set([actor, ...sites.map((site) => site.actor)])],
      objects,
      places: places.map((place) => ({ actor: place.actor, line: place.line })),
      rows: [...new Set(rows)].sort((x, y) => x - y),
      lines,
      guard,
    });
  }
}
