/*
 * irq_work, after kernel/irq_work.c of Linux 6.1: a function that a CPU calls in hard interrupt
 * context, by an interrupt that it sends itself. Pending once; one interrupt serves all that wait,
 * last queued first. It leaves out the lazy ones, and the threads that serve them under PREEMPT_RT.
 */
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { preempt_disable, preempt_enable } from '../cpu/preempt.ts';
import { Spinners } from '../cpu/spinners.ts';
import { EV } from '../events.ts';
import { sync_done, sync_wait } from '../hooks.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import type { Machine } from '../machine.ts';
import { might_sleep } from '../sched/core.ts';
import { IrqLine } from './line.ts';

/** IRQ_WORK_VECTOR; devices have lower numbers here and are taken first. */
export const IRQ_WORK_VECTOR = 0xf6;

export class IrqWork {
  readonly name: string;
  readonly func: (k: Context) => Code;
  pending = false;
  /** Its function runs. */
  busy = false;
  readonly spinners = new Spinners();

  constructor(name: string, func: (k: Context) => Code) {
    this.name = name;
    this.func = func;
  }
}

/** What a CPU has to call, and the interrupt in which it does. */
class RaisedList {
  works: IrqWork[] = [];
  readonly line = new IrqLine({
    name: 'irq_work',
    number: IRQ_WORK_VECTOR,
    handler: (k) => this.run(k),
    entryEvent: EV.irq_work_entry,
    exitEvent: EV.irq_work_exit,
    disabled: true,
  });

  private *run(k: Context): Code {
    const works = this.works;
    this.works = [];
    for (const work of works.reverse()) yield* irq_work_single(k, work);
  }
}

const raised = new WeakMap<Cpu, RaisedList>();

function raisedOn(cpu: Cpu): RaisedList {
  let list = raised.get(cpu);
  if (list === undefined) {
    list = new RaisedList();
    raised.set(cpu, list);
  }
  return list;
}

/** It may be queued again while it runs. */
function* irq_work_single(k: Context, work: IrqWork): Code {
  const { actor } = k;
  work.pending = false;
  work.busy = true;
  k.actor = work.name;
  load_acquire(k.cpu, ORDER.irqWork, work.name);
  yield* work.func(k);
  store_release(k.cpu, ORDER.irqWork, work.name);
  k.actor = actor;
  work.busy = false;
  work.spinners.release();
}

/** @throws RangeError where the kernel has no irq_work */
function claim(machine: Machine, work: IrqWork): boolean {
  if (!machine.era.irqWork) throw new RangeError(`${machine.era.name} has no irq_work`);
  store_release(machine.active ?? machine.cpus[0]!, ORDER.irqWork, work.name);
  if (work.pending) return false;
  work.pending = true;
  return true;
}

/**
 * Has this CPU interrupt itself to call the function; 0 if that is going to happen already. With
 * interrupts on it has happened when this returns.
 */
export function* irq_work_queue(k: Context, work: IrqWork): Code<number> {
  if (!claim(k.machine, work)) return 0;
  yield* self_ipi(k, () => raise(k.cpu, work));
  return 1;
}

/** As irq_work_queue, on another CPU. */
export function* irq_work_queue_on(k: Context, work: IrqWork, cpu: Cpu): Code<number> {
  if (cpu === k.cpu) return yield* irq_work_queue(k, work);
  if (!claim(k.machine, work)) return 0;
  raise(cpu, work);
  yield 0;
  return 1;
}

/** The same from outside of kernel code. */
export function start_irq_work(cpu: Cpu, work: IrqWork): void {
  if (claim(cpu.machine, work)) raise(cpu, work);
}

function raise(cpu: Cpu, work: IrqWork): void {
  const list = raisedOn(cpu);
  list.works.push(work);
  if (list.works.length === 1) cpu.raise(list.line);
}

/**
 * `act` raises an interrupt on this CPU. Preemption is off meanwhile, so the interrupt finds it
 * off, and what it woke runs after it.
 */
export function* self_ipi<T>(k: Context, act: () => T): Code<T> {
  preempt_disable(k);
  const result = act();
  yield 0;
  yield* preempt_enable(k);
  return result;
}

/** Waits until it is neither pending nor running. */
export function* irq_work_sync(k: Context, work: IrqWork): Code {
  yield* might_sleep(k, 'irq_work_sync');
  sync_wait(k, work.name, 'spins');
  yield* work.spinners.spinUntil(k, () => !work.pending && !work.busy);
  sync_done(k, work.name);
  load_acquire(k.cpu, ORDER.irqWork, work.name);
}
