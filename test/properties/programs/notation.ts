/*
 * The notation in which programs were recorded on a real kernel (test/conformance/kernel): what a
 * program is made of, and every word that its steps may use.
 */
import type { KernelName } from '../../../models/era.ts';

export type ActorKind = 'task' | 'sys' | 'work' | 'tasklet' | 'timer' | 'napi' | 'hrtimer' | 'irq';

export interface Actor {
  readonly name: string;
  readonly kind: ActorKind;
  readonly steps: readonly string[];
  /** Of tasks. */
  readonly policy?: string;
  /** The real-time priority or the nice value. */
  readonly prio?: number;
  /** The only CPU on which it may run, or -1. */
  readonly cpu?: number;
  readonly start?: boolean;
  /** Of hrtimers. */
  readonly soft?: boolean;
}

export interface Program {
  readonly name: string;
  readonly machine: { readonly cpus: number; readonly hz: number };
  readonly objects: Readonly<Record<string, { readonly type: string }>>;
  readonly vars: Readonly<Record<string, number>>;
  readonly userspin?: boolean;
  readonly actors: readonly Actor[];
}

/** What a recording is repeated with: the machine that a program does not tell. */
export interface Setting {
  readonly kernel: KernelName;
  readonly preemption: string;
  readonly costs: string;
  /** Events after which a run is stopped. */
  readonly limits?: number;
}

/** The text of a case file, on a machine of choice. */
export function caseFile(program: Program, setting: Setting): string {
  const { kernel, preemption, costs, limits = 300_000 } = setting;
  const machine = { ...program.machine, preemption, costs: { preset: costs } };
  // Kernels whose tick never stops, and processes that spin, go on until somebody says so.
  const until = kernel === 'linux-2.4.27' || program.userspin === true ? '5s' : '100s';
  return JSON.stringify({
    ...program,
    kernel,
    machine,
    until,
    limits: { events: limits },
    clock: 'icount',
    jiffies_recorded: true,
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Words that steer a program itself; the loader knows them without a registry. */
export const KEYWORDS: readonly string[] = words(`
  log loop endloop skip_ge skip_ret_ne skip_ret_eq exit`);

/** Words that call the kernel or touch the machine, by what they are about. */
const CALLS: readonly string[] = words(`
  set add logvar spin_until busy_us busy_jiffies align jiffies smp_mb

  need_resched irq_save irq_restore irq_disable irq_enable preempt_disable preempt_enable
  preempt_enable_no_resched bh_disable bh_enable

  spin_lock spin_unlock spin_lock_bh spin_unlock_bh spin_lock_irq spin_unlock_irq
  spin_lock_irqsave spin_unlock_irqrestore spin_trylock spin_is_locked
  read_lock read_unlock write_lock write_unlock read_trylock write_trylock
  read_lock_irqsave read_unlock_irqrestore write_lock_irqsave write_unlock_irqrestore
  read_lock_bh read_unlock_bh write_lock_bh write_unlock_bh

  raise_irq tasklet_schedule tasklet_hi_schedule tasklet_disable tasklet_enable tasklet_kill
  mod_timer add_timer del_timer del_timer_sync timer_pending mod_timer_pending timer_reduce
  hrtimer_start hrtimer_cancel napi_schedule

  wake yield cond_resched schedule set_state schedule_timeout schedule_timeout_interruptible
  schedule_timeout_uninterruptible schedule_timeout_killable sleep msleep msleep_interruptible
  set_prio set_nice

  down down_interruptible down_killable down_trylock down_timeout up
  mutex_lock mutex_lock_interruptible mutex_trylock mutex_unlock mutex_is_locked
  down_read down_write up_read up_write down_read_trylock down_write_trylock downgrade_write

  wait_for_completion wait_for_completion_timeout wait_for_completion_interruptible
  try_wait_for_completion completion_done complete complete_all reinit_completion

  wait_event wait_event_interruptible wait_event_timeout wait_event_interruptible_timeout
  wait_event_interruptible_exclusive
  wake_up wake_up_nr wake_up_all
  wake_up_interruptible wake_up_interruptible_nr wake_up_interruptible_all
  waitqueue_active wq_add wq_add_exclusive wq_remove
  prepare_to_wait prepare_to_wait_exclusive finish_wait
  sleep_on sleep_on_timeout interruptible_sleep_on interruptible_sleep_on_timeout

  send_sig allow_signal flush_signals signal_pending kthread_stop kthread_should_stop
  queue_work flush_work flush_workqueue cancel_work cancel_work_sync
  kmalloc might_sleep copy_from_user copy_from_user_nofault`);

export const NOTATION: readonly string[] = [...KEYWORDS, ...CALLS];

/** The word that a step begins with. */
export function wordOf(step: string): string {
  return step.split(' ', 1)[0]!;
}
