/*
 * The trace's events. Those named in snake_case are Linux tracepoints (include/trace/events/);
 * those in camelCase are ours. The index is the event's number in every trace.
 */
import { EventTypes } from '../engine/index.ts';
import { stateLetters } from './sched/state.ts';

/** Formats the numbers of a row as its `detail`, in the style of the tracepoint. */
export type DetailFormat = (a: number, b: number, c: number) => string;

/**
 * Which buffer it is. The kernel prints a hashed pointer, which says no more than that two rows are
 * of one buffer; here it is a number that no later buffer gets again.
 */
const skbaddr: DetailFormat = (skb) => `skbaddr=${skb}`;

const definitions = {
  sched_switch: (state, prio, nextPrio) =>
    `prev_prio=${prio} prev_state=${stateLetters(state)} next_prio=${nextPrio}`,
  sched_waking: (prio, cpu) => `prio=${prio} target_cpu=${cpu}`,
  sched_wakeup: (prio, cpu) => `prio=${prio} target_cpu=${cpu}`,
  sched_wakeup_new: (prio, cpu) => `prio=${prio} target_cpu=${cpu}`,
  sched_migrate_task: (from, to) => `orig_cpu=${from} dest_cpu=${to}`,
  sched_process_exit: null,
  irq_handler_entry: null,
  irq_handler_exit: null,
  local_timer_entry: null,
  local_timer_exit: null,
  reschedule_entry: null,
  reschedule_exit: null,
  irq_work_entry: null,
  irq_work_exit: null,
  softirq_raise: null,
  softirq_entry: null,
  softirq_exit: null,
  tasklet_entry: null,
  tasklet_exit: null,
  timer_start: null,
  timer_cancel: null,
  timer_expire_entry: null,
  timer_expire_exit: null,
  hrtimer_start: null,
  hrtimer_cancel: null,
  hrtimer_expire_entry: null,
  hrtimer_expire_exit: null,
  workqueue_queue_work: (req_cpu, cpu) => `req_cpu=${req_cpu} cpu=${cpu}`,
  workqueue_activate_work: null,
  workqueue_execute_start: null,
  workqueue_execute_end: null,
  page_fault_user: (error) => `error_code=0x${error.toString(16)}`,
  page_fault_kernel: (error) => `error_code=0x${error.toString(16)}`,
  accessOk: (size) => `size=${size}`,
  copyLoop: (insn) => `insn=${insn}`,
  fixupException: (insn, fixup) => `insn=${insn} fixup=${fixup}`,
  zeroFill: null,
  signal_generate: null,
  signal_deliver: null,
  sys_enter: null,
  sys_exit: null,
  lock_acquire: null,
  lock_acquired: null,
  lock_contended: null,
  lock_release: null,
  console: null,
  kprobe: null,
  module_load: null,
  module_free: null,
  module_get: null,
  module_put: null,
  netif_rx: skbaddr,
  netif_receive_skb: skbaddr,
  napi_poll: null,
  net_dev_queue: skbaddr,
  kfree_skb: skbaddr,
  consume_skb: skbaddr,
  netlinkSend: (portid, bytes, skb) => `dst_portid=${portid} len=${bytes} skbaddr=${skb}`,
  netlinkQueue: (portid, skb) => `portid=${portid} skbaddr=${skb}`,
  netlinkReceive: (portid, bytes, skb) => `src_portid=${portid} len=${bytes} skbaddr=${skb}`,
  netlinkOverrun: null,
  nfHook: skbaddr,
  log: null,
  output: null,
  fault: null,
  finding: null,
} satisfies Record<string, DetailFormat | null>;

export type EventName = keyof typeof definitions;
export const eventNames = Object.keys(definitions) as EventName[];

/** Event numbers by name. */
export const EV = Object.fromEntries(eventNames.map((name, i) => [name, i])) as Record<
  EventName,
  number
>;

/** What every machine's trace records; the indices of EV are its ids. */
export const eventTypes = new EventTypes();
for (const [name, format] of Object.entries<DetailFormat | null>(definitions)) {
  eventTypes.define(name, format ?? undefined);
}

export function detailFormat(name: EventName): DetailFormat | null {
  return definitions[name];
}
