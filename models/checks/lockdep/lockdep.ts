/*
 * The lock validator, kernel/locking/lockdep.c: hears of every lock that is taken and given back,
 * keeps the locks that each task and the interrupts on top of it hold, and asks the validator. After
 * its first report it is switched off for the rest of the run, as in the kernel; only a circle that
 * a common lock keeps from closing does not end it.
 */
import type { TraceListener } from '../../../engine/index.ts';
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
import { LockClass, type HeldLocks, type LockInstance } from './lock-class.ts';
import { FS_RECLAIM, MAP_IRQS_OFF } from './maps.ts';
import * as reports from './reports.ts';
import { ENABLED_HARDIRQ, ENABLED_SOFTIRQ, USED } from './usage.ts';
import { Validator, type Surroundings } from './validator.ts';

const { lock_acquire, lock_release, sched_switch, sched_process_exit, workqueue_execute_end } = EV;

export function lockdep(machine: Machine): TraceListener {
  const validation = new Lockdep(machine);
  return (_time, cpu, _context, pid, _comm, _flags, event, object, value, a, b, c, seq) => {
    if (validation.off) return;
    switch (event) {
      case lock_acquire:
        validation.acquire(cpu, pid, object, value, a, b, c, seq);
        break;
      case lock_release:
        validation.release(cpu, pid, object, a);
        break;
      case HOOK.hardirqs_on:
        validation.hardirqsOn(cpu, pid);
        break;
      case sched_switch:
        validation.switchedTo(cpu, value);
        break;
      case sched_process_exit:
        validation.exits(cpu, pid);
        break;
      case HOOK.sys_exit:
        validation.returnsToUser(cpu, pid);
        break;
      case workqueue_execute_end:
        validation.workEnds(cpu, pid, object);
        break;
      case HOOK.map_acquire:
        validation.acquireMap(cpu, pid, object, a, seq);
        break;
      case HOOK.map_release:
        validation.releaseMap(cpu, pid, object);
        break;
      case HOOK.lock_freed:
        validation.freed(cpu, pid, object);
        break;
      case HOOK.lock_downgrade:
        validation.downgrade(cpu, pid, object);
    }
  };
}

class Lockdep {
  off = false;
  private readonly machine: Machine;
  private readonly validator: Validator;
  /** By pid; of idle tasks, by CPU below zero. */
  private readonly stacks = new Map<number, HeldLocks>();
  /** By the text ids of their names; those of maps are another row of names. */
  private readonly instances: (LockInstance | undefined)[] = [];
  private readonly maps: (LockInstance | undefined)[] = [];
  private readonly classes = new Map<string, LockClass>();

  constructor(machine: Machine) {
    this.machine = machine;
    this.validator = new Validator((report) => {
      this.report(machine.active ?? machine.cpus[0]!, report);
    });
  }

  acquire(
    cpu: number,
    pid: number,
    object: number,
    value: number,
    a: number,
    b: number,
    c: number,
    seq: number,
  ): void {
    if ((a & LOCKDEP_UNTRACKED) !== 0) return;
    const instance = this.instance(object, b);
    const subclass = a & LOCKDEP_SUBCLASS;
    const read = (value & LOCK_READ) === 0 ? 0 : (a & LOCKDEP_RECURSIVE) === 0 ? 1 : 2;
    const nest = c === 0 ? null : this.instance(c, 0);
    const trylock = (value & LOCK_TRY) !== 0;
    this.take(cpu, pid, instance, { subclass, read, nest, trylock, seq, irqsOff: false });
  }

  release(cpu: number, pid: number, object: number, a: number): void {
    if ((a & LOCKDEP_UNTRACKED) !== 0) return;
    const instance = this.instance(object, 0);
    this.checked(cpu, () => {
      this.validator.release(this.held(cpu, pid), instance, this.surroundings(cpu, false));
    });
  }

  downgrade(cpu: number, pid: number, object: number): void {
    const instance = this.instance(object, 0);
    this.checked(cpu, () => {
      this.validator.downgrade(this.held(cpu, pid), instance, this.surroundings(cpu, false));
    });
  }

  acquireMap(cpu: number, pid: number, object: number, a: number, seq: number): void {
    const irqsOff = (a & MAP_IRQS_OFF) !== 0;
    const how = { subclass: 0, read: 0, nest: null, trylock: false, seq, irqsOff };
    this.take(cpu, pid, this.map(object), how);
  }

  releaseMap(cpu: number, pid: number, object: number): void {
    const instance = this.map(object);
    this.checked(cpu, () => {
      this.validator.release(this.held(cpu, pid), instance, this.surroundings(cpu, false));
    });
  }

  /** Interrupts are enabled, with whatever is held. */
  hardirqsOn(cpu: number, pid: number): void {
    const { softirqsEnabled, hardirqContext } = this.surroundings(cpu, false);
    if (hardirqContext && this.machine.era.handlersNest) return;
    this.checked(cpu, () => {
      if (hardirqContext) reports.hardirqs_on_in_hardirq();
      const held = this.stacks.get(key(cpu, pid));
      if (held !== undefined) this.validator.hardirqs_on(held, softirqsEnabled);
    });
  }

  /** finish_task_switch() enables interrupts for the task that goes on. */
  switchedTo(cpu: number, pid: number): void {
    const held = this.stacks.get(key(cpu, pid));
    if (held === undefined || held.stack.length === 0) return;
    const { preempt_count } = this.machine.tasks.get(pid)!;
    this.checked(cpu, () => {
      this.validator.hardirqs_on(held, (preempt_count & SOFTIRQ_MASK) === 0);
    });
  }

  /** debug_check_no_locks_held() */
  exits(cpu: number, pid: number): void {
    const held = this.stacks.get(key(cpu, pid));
    this.stacks.delete(key(cpu, pid));
    if (held === undefined || held.stack.length === 0) return;
    this.checked(cpu, () => reports.held_at_exit(held));
  }

  /** process_one_work(): reported beside what the validator finds, and no end of it. */
  workEnds(cpu: number, pid: number, object: number): void {
    const held = this.stacks.get(key(cpu, pid));
    const at = this.machine.cpus[cpu]!;
    if (held === undefined || held.stack.length === 0 || at.preempt_count !== 0) return;
    this.report(
      at,
      reports.held_by_worker(held, workqueue_leaked(at), this.machine.texts.text(object)),
    );
  }

  returnsToUser(cpu: number, pid: number): void {
    const held = this.stacks.get(key(cpu, pid));
    if (held === undefined || held.stack.length === 0) return;
    this.checked(cpu, () => reports.held_at_return(held));
  }

  freed(cpu: number, pid: number, object: number): void {
    const held = this.stacks.get(key(cpu, pid));
    const instance = this.instances[object];
    const lock = held?.stack.find((one) => one.instance === instance);
    if (lock !== undefined) this.checked(cpu, () => reports.freed_lock(held!, lock));
  }

  private take(
    cpu: number,
    pid: number,
    instance: LockInstance,
    how: {
      readonly subclass: number;
      readonly read: number;
      readonly nest: LockInstance | null;
      readonly trylock: boolean;
      readonly seq: number;
      readonly irqsOff: boolean;
    },
  ): void {
    const { read, nest, trylock, seq } = how;
    const { actor, line } = this.machine.cpus[cpu]!.top;
    const taken = {
      instance,
      class: this.classOf(instance, how.subclass),
      nest,
      read,
      trylock,
      actor,
      line,
      seq,
    };
    this.checked(cpu, () => {
      const around = this.surroundings(cpu, how.irqsOff);
      this.validator.acquire(this.held(cpu, pid), taken, around);
    });
  }

  private held(cpu: number, pid: number): HeldLocks {
    const at = key(cpu, pid);
    let held = this.stacks.get(at);
    if (held === undefined) {
      const { comm } = this.machine.cpus[cpu]!.current;
      this.stacks.set(at, (held = this.validator.newStack(`${comm}/${pid}`)));
    }
    return held;
  }

  /**
   * A count below zero says nothing any more. Where handlers run with interrupts on, the kernel with
   * a validator keeps them off (local_irq_enable_in_hardirq).
   */
  private surroundings(cpu: number, irqsOff: boolean): Surroundings {
    const { preempt_count, irqs_disabled } = this.machine.cpus[cpu]!;
    const count = Math.max(0, preempt_count);
    const hardirqContext = (count & HARDIRQ_MASK) !== 0;
    const keptOff = hardirqContext && this.machine.era.handlersNest;
    return {
      hardirqContext,
      softirqContext: (count & SOFTIRQ_OFFSET) !== 0,
      hardirqsEnabled: !irqs_disabled && !irqsOff && !keptOff,
      softirqsEnabled: (count & SOFTIRQ_MASK) === 0,
    };
  }

  private instance(object: number, classText: number): LockInstance {
    let instance = this.instances[object];
    if (instance === undefined) {
      const name = this.machine.texts.text(object);
      const className = classText === 0 ? name : this.machine.texts.text(classText);
      this.instances[object] = instance = { name, className, classes: [], isMap: false };
    }
    return instance;
  }

  private map(object: number): LockInstance {
    let instance = this.maps[object];
    if (instance === undefined) {
      const name = this.machine.texts.text(object);
      this.maps[object] = instance = { name, className: name, classes: [], isMap: true };
    }
    return instance;
  }

  private classOf(instance: LockInstance, subclass: number): LockClass {
    const known = instance.classes[subclass];
    if (known !== undefined) return known;
    const { isMap, className } = instance;
    const name = subclass === 0 ? className : `${className}/${subclass}`;
    const unique = isMap ? `map ${name}` : name;
    let made = this.classes.get(unique);
    if (made === undefined) {
      made = new LockClass(this.classes.size, name, isMap);
      if (isMap && name === FS_RECLAIM) {
        made.usage = (1 << ENABLED_HARDIRQ) | (1 << ENABLED_SOFTIRQ) | (1 << USED);
      }
      this.classes.set(unique, made);
    }
    instance.classes[subclass] = made;
    return made;
  }

  /** What the validator throws is a finding, and its last. */
  private checked(cpu: number, validate: () => void): void {
    try {
      validate();
    } catch (error) {
      if (!(error instanceof reports.Splat)) throw error;
      this.off = true;
      this.report(this.machine.cpus[cpu]!, error.report);
    }
  }

  private report(cpu: Cpu, found: reports.Report): void {
    const { kind, text, verdict, objects, sites, lines, guard } = found;
    const { actor, line } = cpu.top;
    const rows = sites.map(({ seq }) => seq).filter((seq) => seq > 0);
    this.machine.findings.report(cpu, kind, text, {
      verdict,
      actors: [...new Set([actor, ...sites.map((site) => site.actor)])],
      objects,
      places:
        sites.length === 0
          ? [{ actor, line }]
          : sites.map((s) => ({ actor: s.actor, line: s.line })),
      rows: [...new Set(rows)].sort((x, y) => x - y),
      lines,
      guard,
    });
  }
}

function key(cpu: number, pid: number): number {
  return pid === 0 ? -1 - cpu : pid;
}
