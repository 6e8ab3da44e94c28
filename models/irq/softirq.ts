/*
 * Softirqs, after kernel/softirq.c: a mask of pending vectors per CPU, served in order of vector at
 * interrupt exit and local_bh_enable, never nested on a CPU; what is raised meanwhile waits for the
 * next pass, and after the era's limit of passes for ksoftirqd.
 */
import type { Code, Context } from '../context.ts';
import { SCHEDULE } from '../context.ts';
import {
  SOFTIRQ_DISABLE_OFFSET,
  SOFTIRQ_OFFSET,
  in_hardirq,
  in_interrupt,
  local_irq_enable,
  preempt_check_resched,
} from '../cpu/preempt.ts';
import type { Cpu } from '../cpu/cpu.ts';
import type { SoftirqName } from '../era.ts';
import { EV } from '../events.ts';
import { HOOK } from '../hooks.ts';
import { check_softirq_count, report_warning } from '../sched/atomic.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING } from '../sched/task.ts';
import { cond_resched, wake_up_process } from '../sched/core.ts';
import { msecs_to_jiffies } from '../time/jiffies.ts';

const MAX_SOFTIRQ_RESTART = 10;
const MAX_SOFTIRQ_TIME_MS = 2;

export type SoftirqAction = (k: Context) => Code;

/** Sets the vector's bit; outside of interrupts nobody will look soon, so ksoftirqd is woken. */
export function raise_softirq(cpu: Cpu, vector: SoftirqName): void {
  const nr = cpu.machine.softirqNumber(vector);
  cpu.softirq_pending |= 1 << nr;
  if (cpu.machine.trace.on) cpu.emit(EV.softirq_raise, cpu.machine.texts.intern(vector), nr);
  if (!in_interrupt(cpu)) wakeup_softirqd(cpu);
}

/** Its callers have interrupts off: the wake-up is no preemption point, whatever it wakes. */
function wakeup_softirqd(cpu: Cpu): void {
  const off = cpu.irqs_disabled;
  cpu.irqs_disabled = true;
  wake_up_process(cpu, cpu.machine.ksoftirqd(cpu));
  cpu.irqs_disabled = off;
}

/** A ksoftirqd that is about to run will do it, unless HI or TASKLET cannot wait (until 6.5). */
function ksoftirqd_running(cpu: Cpu): boolean {
  const { machine } = cpu;
  if (!machine.era.ksoftirqdTakesOver || cpu.ksoftirqd === null) return false;
  const now = (1 << machine.softirqNumber('HI')) | (1 << machine.softirqNumber('TASKLET'));
  return (cpu.softirq_pending & now) === 0 && cpu.ksoftirqd.state === TASK_RUNNING;
}

/** At the exit of a hard interrupt, interrupts off. */
export function* invoke_softirq(k: Context): Code {
  if (!ksoftirqd_running(k.cpu)) yield* __do_softirq(k);
}

/** From process context; returns at once inside interrupts. */
export function* do_softirq(k: Context): Code {
  const { cpu } = k;
  if (in_interrupt(cpu) || cpu.softirq_pending === 0 || ksoftirqd_running(cpu)) return;
  cpu.irqs_disabled = true;
  yield* __do_softirq(k);
  yield* local_irq_enable(k);
}

function* __do_softirq(k: Context): Code {
  const { cpu, machine } = k;
  cpu.account();
  cpu.preempt_count += SOFTIRQ_OFFSET;
  k.serving = 'softirq';
  const end = machine.jiffies + msecs_to_jiffies(machine, MAX_SOFTIRQ_TIME_MS);
  let passes = MAX_SOFTIRQ_RESTART;
  let served = 0;
  for (;;) {
    const pending = cpu.softirq_pending;
    cpu.softirq_pending = 0;
    k.saw(pending);
    yield* local_irq_enable(k);
    yield* serve(k, pending);
    cpu.irqs_disabled = true;
    served |= pending;
    if (cpu.softirq_pending === 0) break;
    passes--;
    if (!goesOn(cpu, passes, end, served)) {
      wakeup_softirqd(cpu);
      break;
    }
  }
  cpu.account();
  cpu.preempt_count -= SOFTIRQ_OFFSET;
  k.serving = null;
}

function goesOn(cpu: Cpu, passes: number, end: number, served: number): boolean {
  switch (cpu.machine.era.softirqRestart) {
    case 'newVectors':
      return (cpu.softirq_pending & ~served) !== 0;
    case 'passes':
      return passes > 0;
    case 'passesAndTime':
      return passes > 0 && cpu.machine.jiffies < end && !cpu.need_resched;
  }
}

function* serve(k: Context, pending: number): Code {
  const { cpu, machine } = k;
  const { softirqs } = machine.era;
  for (let nr = 0; pending >> nr !== 0; nr++) {
    if ((pending & (1 << nr)) === 0) continue;
    const vector = softirqs[nr]!;
    const name = machine.texts.intern(vector);
    cpu.softirqCounts[nr] = (cpu.softirqCounts[nr] ?? 0) + 1;
    if (machine.trace.on) cpu.emit(EV.softirq_entry, name, nr);
    const action = machine.softirqAction(vector);
    const { preempt_count } = cpu;
    yield machine.costs.softirq;
    if (action !== undefined) yield* action(k);
    if (cpu.debt > 0) yield 0;
    check_softirq_count(k, nr, vector, preempt_count);
    if (machine.trace.on) cpu.emit(EV.softirq_exit, name, nr);
  }
}

/**
 * The thread `ksoftirqd/N`: serves what interrupts leave to it, as an ordinary task. A preemptible
 * kernel gives way after each round, since 3.7 (kernel/smpboot.c) only if there is another one.
 */
export function* ksoftirqd(k: Context): Code {
  const { cpu } = k;
  const { smpbootThreads } = cpu.machine.era;
  for (;;) {
    while (cpu.softirq_pending !== 0) {
      if (smpbootThreads) yield* preempt_check_resched(k);
      cpu.irqs_disabled = true;
      yield* __do_softirq(k);
      yield* local_irq_enable(k);
      yield* cond_resched(k, 'run_ksoftirqd');
      if (!smpbootThreads) yield* preempt_check_resched(k);
    }
    k.current.state = TASK_INTERRUPTIBLE;
    k.path = 0;
    yield SCHEDULE;
    k.current.state = TASK_RUNNING;
  }
}

export function local_bh_disable(k: Context): void {
  if (in_hardirq(k.cpu)) {
    report_warning(k.cpu, 'irq-safety', 'kernel/softirq.c:346 __local_bh_disable_ip');
  }
  k.cpu.preempt_count += SOFTIRQ_DISABLE_OFFSET;
}

/** Softirqs would run with interrupts off, or in the middle of one. */
function check_bh_enable(cpu: Cpu): void {
  const here = '__local_bh_enable_ip';
  if (in_hardirq(cpu)) report_warning(cpu, 'irq-safety', `kernel/softirq.c:400 ${here}`);
  if (cpu.irqs_disabled) report_warning(cpu, 'irq-safety', `kernel/softirq.c:401 ${here}`);
}

/** The last one runs the softirqs that were raised meanwhile, still without preemption. */
export function* local_bh_enable(k: Context): Code {
  const { cpu, machine } = k;
  check_bh_enable(cpu);
  cpu.preempt_count -= SOFTIRQ_DISABLE_OFFSET - 1;
  if (cpu.softirq_pending !== 0 && !in_interrupt(cpu)) yield* do_softirq(k);
  cpu.preempt_count--;
  if (!cpu.irqs_disabled && machine.trace.on) machine.tell(cpu, HOOK.hardirqs_on);
  yield* preempt_check_resched(k);
}
