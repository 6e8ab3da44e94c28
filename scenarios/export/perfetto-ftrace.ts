/*
 * Rows as FtraceEvents of Perfetto (protos/perfetto/trace/ftrace/): those that its trace processor
 * makes scheduling, interrupt and softirq rows of in messages of their own, all others as generic
 * events with our labels.
 */
import { eras, type KernelName } from '../../models/index.ts';
import { detailNumber, detailText, type TraceRow } from '../analysis/trace-row.ts';
import { FlagTexts } from './flags.ts';
import { stateBits } from './kernel-tracepoints.ts';
import { labelsOf } from './own-tracepoints.ts';
import type { ProtoWriter } from './protobuf.ts';

/** FtraceEvent; the others are in MESSAGES. */
const EVENT = { timestamp: 1, pid: 2, commonFlags: 5, generic: 327 } as const;
/** GenericFtraceEvent and its Field. */
const GENERIC = { name: 1, field: 2 } as const;
const FIELD = { name: 1, text: 3, integer: 4 } as const;

type Write = (proto: ProtoWriter, row: TraceRow) => void;
/** The field of FtraceEvent, and how the message in it is written. */
type Message = readonly [field: number, write: Write];

/**
 * The trace processor reads prev_state as the kernel has it that the trace says it is from, and
 * all before 4.8 as 4.4, where these are other bits.
 */
const OLD_STATES: ReadonlyMap<string, number> = new Map([
  ['R+', 0x800],
  ['DK', 0x82],
  ['I', 0x02],
]);

function prevState(letters: string, kernel: KernelName): number {
  const old = /^linux-2\./.test(kernel) ? OLD_STATES.get(letters) : undefined;
  return old ?? stateBits(letters);
}

/** Softirqs as Perfetto numbers them, which is as Linux does since 2.6.39. */
const VECTORS: readonly string[] = eras['linux-6.1'].softirqs;

function schedSwitch(kernel: KernelName): Write {
  return (proto, { comm, pid, object, value, detail }) => {
    proto.text(1, comm);
    proto.integer(2, pid);
    proto.integer(3, detailNumber(detail, 'prev_prio'));
    proto.integer(4, prevState(detailText(detail, 'prev_state'), kernel));
    proto.text(5, object);
    proto.integer(6, value);
    proto.integer(7, detailNumber(detail, 'next_prio'));
  };
}

function schedWakeup(proto: ProtoWriter, { object, value, detail }: TraceRow): void {
  const success = 1;
  proto.text(1, object);
  proto.integer(2, value);
  proto.integer(3, detailNumber(detail, 'prio'));
  proto.integer(4, success);
  proto.integer(5, detailNumber(detail, 'target_cpu'));
}

function irqEntry(proto: ProtoWriter, { object, value }: TraceRow): void {
  proto.integer(1, value);
  proto.text(2, object);
}

function irqExit(proto: ProtoWriter, { value }: TraceRow): void {
  const handled = 1;
  proto.integer(1, value);
  proto.integer(2, handled);
}

function vector(proto: ProtoWriter, { value }: TraceRow): void {
  proto.integer(1, value);
}

function softirq(proto: ProtoWriter, { object }: TraceRow): void {
  proto.integer(1, VECTORS.indexOf(object));
}

const MESSAGES = new Map<string, Message>([
  ['sched_wakeup', [17, schedWakeup]],
  ['sched_waking', [20, schedWakeup]],
  ['softirq_entry', [24, softirq]],
  ['softirq_exit', [25, softirq]],
  ['softirq_raise', [26, softirq]],
  ['irq_handler_entry', [36, irqEntry]],
  ['irq_handler_exit', [37, irqExit]],
  ['sched_wakeup_new', [114, schedWakeup]],
  ['local_timer_entry', [559, vector]],
  ['local_timer_exit', [560, vector]],
]);

export class FtraceEvents {
  private readonly flags = new FlagTexts();
  private readonly messages: ReadonlyMap<string, Message>;

  constructor(kernel: KernelName) {
    this.messages = new Map([...MESSAGES, ['sched_switch', [4, schedSwitch(kernel)]]]);
  }

  /** Whether the trace processor makes more of an event than a row of its table of events. */
  understands({ event, object }: TraceRow): boolean {
    const write = this.messages.get(event)?.[1];
    return write !== undefined && (write !== softirq || VECTORS.includes(object));
  }

  /** Writes a row as field `field` of the open message. */
  write(proto: ProtoWriter, field: number, row: TraceRow): void {
    proto.begin(field);
    proto.integer(EVENT.timestamp, row.timeNs);
    proto.integer(EVENT.pid, Math.max(row.pid, 0));
    proto.integer(EVENT.commonFlags, this.flags.of(row.flags).flags);
    const message = this.understands(row) ? this.messages.get(row.event) : undefined;
    proto.begin(message?.[0] ?? EVENT.generic);
    if (message === undefined) generic(proto, row);
    else message[1](proto, row);
    proto.end();
    proto.end();
  }
}

function generic(proto: ProtoWriter, { event, object, value, detail }: TraceRow): void {
  const [objectLabel, valueLabel] = labelsOf(event);
  proto.text(GENERIC.name, event);
  field(proto, objectLabel || 'object', object);
  if (value === value) field(proto, valueLabel || 'value', value);
  for (const [name, text] of detailFields(detail)) {
    field(proto, name, /^-?\d{1,15}$/.test(text) ? Number(text) : text);
  }
}

function field(proto: ProtoWriter, name: string, value: string | number): void {
  if (value === '') return;
  proto.begin(GENERIC.field);
  proto.text(FIELD.name, name);
  if (typeof value === 'number') proto.integer(FIELD.integer, value);
  else proto.text(FIELD.text, value);
  proto.end();
}

/** The fields of a row's detail, as texts. */
function detailFields(detail: string): [name: string, text: string][] {
  if (detail === '') return [];
  return detail.split(' ').map((text): [string, string] => {
    const at = text.indexOf('=');
    return at < 0 ? ['detail', text] : [text.slice(0, at), text.slice(at + 1)];
  });
}
