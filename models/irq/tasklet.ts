/*
 * Tasklets, after kernel/softirq.c: queued once on the CPU that schedules them, serialised against
 * themselves, put back while disabled or running elsewhere. 2.4 queues at the head of the list,
 * later kernels at its tail.
 */
import { hashOf, type Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { Spinners } from '../cpu/spinners.ts';
import { EV } from '../events.ts';
import { sync_done, sync_wait } from '../hooks.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import { WaitQueueHead, wait_event, wake_up_all } from '../sched/wait.ts';
import { raise_softirq } from './softirq.ts';

export class Tasklet {
  readonly name: string;
  readonly func: (k: Context) => Code;
  /** TASKLET_STATE_SCHED: queued somewhere. */
  scheduled = false;
  /** TASKLET_STATE_RUN: running on this CPU. */
  runningOn: Cpu | null = null;
  /** Above 0 while disabled. */
  count = 0;
  /** Those who wait until it no longer runs, or is no longer queued. */
  readonly wait: WaitQueueHead;
  readonly spinners = new Spinners();

  constructor(name: string, func: (k: Context) => Code) {
    this.name = name;
    this.func = func;
    this.wait = new WaitQueueHead(name);
  }

  feed(into: Fingerprint): void {
    into.add(this.count * 2 + (this.scheduled ? 1 : 0));
    into.add(this.runningOn === null ? -1 : this.runningOn.id);
    this.wait.feed(into);
    this.spinners.feed(into);
  }
}

/** The two vectors that serve tasklets. */
export type TaskletVector = 'TASKLET' | 'HI';

/** Queues the tasklet on this CPU; nothing if it is queued already. */
export function tasklet_schedule(cpu: Cpu, tasklet: Tasklet): void {
  schedule_common(cpu, tasklet, 'TASKLET');
}

export function tasklet_hi_schedule(cpu: Cpu, tasklet: Tasklet): void {
  schedule_common(cpu, tasklet, 'HI');
}

function schedule_common(cpu: Cpu, tasklet: Tasklet, vector: TaskletVector): void {
  store_release(cpu, ORDER.tasklet, tasklet.name);
  if (tasklet.scheduled) return;
  tasklet.scheduled = true;
  enqueue(cpu, tasklet, vector);
}

function enqueue(cpu: Cpu, tasklet: Tasklet, vector: TaskletVector): void {
  const list = cpu.tasklets[vector];
  if (cpu.machine.era.taskletOrder === 'lifo') list.unshift(tasklet);
  else list.push(tasklet);
  raise_softirq(cpu, vector);
}

/** A vain attempt takes time even where costs are zero: it is repeated until it succeeds. */
const VAIN_ATTEMPT_NS = 1_000;

/** The action of the softirq `vector`: detaches the CPU's list and runs what can run. */
export function* tasklet_action(k: Context, vector: TaskletVector): Code {
  const list = k.cpu.tasklets[vector];
  k.cpu.tasklets[vector] = [];
  if (k.cpu.explores) for (const { name } of list) k.saw(hashOf(name));
  for (const tasklet of list) {
    if (yield* run(k, tasklet)) continue;
    enqueue(k.cpu, tasklet, vector);
    k.spend(VAIN_ATTEMPT_NS);
  }
}

/** False: disabled or busy on another CPU, to be tried again. */
function* run(k: Context, tasklet: Tasklet): Code<boolean> {
  if (tasklet.runningOn !== null || tasklet.count > 0) return false;
  const { cpu, machine } = k;
  const { actor } = k;
  tasklet.scheduled = false;
  wake_up_all(cpu, tasklet.wait);
  tasklet.runningOn = cpu;
  k.actor = tasklet.name;
  if (machine.trace.on) cpu.emit(EV.tasklet_entry, machine.texts.intern(tasklet.name), NaN);
  yield* tasklet.func(k);
  if (machine.trace.on) cpu.emit(EV.tasklet_exit, machine.texts.intern(tasklet.name), NaN);
  k.actor = actor;
  tasklet.runningOn = null;
  wake_up_all(cpu, tasklet.wait);
  tasklet.spinners.release();
  return true;
}

/** Returns once the tasklet no longer runs; it stays queued but is not run until enabled. */
export function* tasklet_disable(k: Context, tasklet: Tasklet): Code {
  tasklet.count++;
  yield* tasklet_unlock_wait(k, tasklet);
}

export function tasklet_enable(tasklet: Tasklet): void {
  tasklet.count--;
}

/**
 * Waits until the tasklet is neither queued nor running. A disabled queued one: for ever. It sleeps
 * in every era; before 5.13 it called yield() again and again.
 */
export function* tasklet_kill(k: Context, tasklet: Tasklet): Code {
  sync_wait(k, tasklet.name, 'sleeps');
  yield* wait_event(k, tasklet.wait, () => !tasklet.scheduled, 'tasklet_kill');
  sync_done(k, tasklet.name);
  tasklet.scheduled = true;
  yield* tasklet_unlock_wait(k, tasklet);
  tasklet.scheduled = false;
  wake_up_all(k.cpu, tasklet.wait);
}

function* tasklet_unlock_wait(k: Context, tasklet: Tasklet): Code {
  const idle = (): boolean => tasklet.runningOn === null;
  sync_wait(k, tasklet.name, k.machine.era.taskletWaitSleeps ? 'sleeps' : 'spins');
  if (k.machine.era.taskletWaitSleeps) {
    yield* wait_event(k, tasklet.wait, idle, 'tasklet_unlock_wait');
  } else {
    yield* tasklet.spinners.spinUntil(k, idle);
  }
  sync_done(k, tasklet.name);
  load_acquire(k.cpu, ORDER.tasklet, tasklet.name);
}
