/*
 * Events as tracepoints of our own system, `lockstep`: one text for what it happened to and what
 * else the row says, as the trace does, and the figure as a number to filter by.
 */
import { printable } from '../output/text.ts';
import type { Survey } from './survey.ts';
import { kernelTracepoints } from './kernel-tracepoints.ts';
import type { TraceRow } from '../analysis/trace-row.ts';
import type { Tracepoint } from './tracepoint.ts';

/** How ftrace cuts the texts that it prints (TRACE_BUF_SIZE). */
const TEXT_BYTES_MAX = 1024;

/** What object and value of a row are; empty for what rows of the event do not have. */
const LABELS: Readonly<Record<string, readonly [object: string, value: string]>> = {
  sched_migrate_task: ['comm', 'pid'],
  sched_process_exit: ['comm', 'exit_code'],
  tasklet_entry: ['tasklet', ''],
  tasklet_exit: ['tasklet', ''],
  timer_start: ['timer', 'expires'],
  timer_cancel: ['timer', ''],
  timer_expire_entry: ['timer', 'now'],
  timer_expire_exit: ['timer', ''],
  hrtimer_start: ['hrtimer', 'ns'],
  hrtimer_cancel: ['hrtimer', ''],
  hrtimer_expire_entry: ['hrtimer', ''],
  hrtimer_expire_exit: ['hrtimer', ''],
  workqueue_queue_work: ['work', ''],
  workqueue_activate_work: ['work', ''],
  workqueue_execute_start: ['work', ''],
  workqueue_execute_end: ['work', ''],
  page_fault_user: ['address', ''],
  page_fault_kernel: ['address', ''],
  accessOk: ['address', 'ok'],
  copyLoop: ['address', 'bytes'],
  fixupException: ['address', 'left'],
  zeroFill: ['', 'bytes'],
  signal_generate: ['comm', 'sig'],
  signal_deliver: ['comm', 'sig'],
  sys_enter: ['call', ''],
  sys_exit: ['call', 'ret'],
  lock_acquire: ['lock', 'flags'],
  lock_acquired: ['lock', 'waited_ns'],
  lock_contended: ['lock', ''],
  lock_release: ['lock', 'held_ns'],
  console: ['text', ''],
  kprobe: ['symbol', 'ret'],
  module_load: ['module', 'refcnt'],
  module_free: ['module', 'refcnt'],
  module_get: ['module', 'refcnt'],
  module_put: ['module', 'refcnt'],
  netif_rx: ['', 'len'],
  netif_receive_skb: ['dev', 'len'],
  napi_poll: ['napi', 'work'],
  net_dev_queue: ['dev', 'len'],
  netlinkSend: ['sock', 'ret'],
  netlinkQueue: ['sock', 'len'],
  netlinkReceive: ['sock', 'ret'],
  nfHook: ['hook', 'verdict'],
  log: ['label', 'ret'],
  output: ['text', ''],
  fault: ['text', ''],
  finding: ['text', ''],
};
const OTHERS = ['object', 'value'] as const;

/** What object and value of an event's rows are called. */
export function labelsOf(event: string): readonly [object: string, value: string] {
  return LABELS[event] ?? OTHERS;
}

function own(event: string): Tracepoint {
  const [object, value] = labelsOf(event);
  const text = object || OTHERS[0];
  const rest = (row: TraceRow): string => {
    const figure = row.value === row.value ? ` ${value || OTHERS[1]}=${row.value}` : '';
    return figure + shortened(row.detail === '' ? '' : ` ${row.detail}`);
  };
  const texts: Tracepoint['fields'] = [
    [text, 'text'],
    ['rest', 'text'],
  ];
  return {
    system: 'lockstep',
    fields: value === '' ? texts : [[value, 'long'], ...texts],
    print: `"${text}=%s%s", __get_str(${text}), __get_str(rest)`,
    values: (row) => {
      const found = [shortened(row.object), rest(row)];
      return value === '' ? found : [row.value === row.value ? row.value : 0, ...found];
    },
    format: (values) => `${text}=${values.at(-2)}${values.at(-1)}`,
  };
}

/** On one line, and not longer than ftrace would have it. */
function shortened(text: string): string {
  const line = printable(text);
  if (line.length <= TEXT_BYTES_MAX / 4) return line;
  const bytes = Buffer.from(line, 'utf8');
  if (bytes.length <= TEXT_BYTES_MAX) return line;
  // A character that is cut through decodes to one replacement character at least.
  return bytes
    .subarray(0, TEXT_BYTES_MAX)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
}

/** Every event of a run as a tracepoint. */
export function tracepoints({ kernel, events }: Survey): ReadonlyMap<string, Tracepoint> {
  const known = kernelTracepoints(kernel);
  return new Map(events.map((event) => [event, known.get(event) ?? own(event)]));
}
