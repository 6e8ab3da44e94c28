/*
 * The longest stretches with interrupts off, with preemption off, and with either, as the latency
 * tracers irqsoff, preemptoff and preemptirqsoff report them (kernel/trace/trace_irqsoff.c), read
 * off the flags. As there, the idle task does not count, but interrupts on top of it do.
 *
 * A trace shows the flags at its rows only. So a stretch is told from the first row that has it to
 * the last one: it is at least as long. What an interrupt or a softirq brings with it ends with its
 * exit, what began with taking a lock ends with that lock's release, and a switch ends everything.
 */
import { formatDuration, formatNumber, printable, table } from '../output/text.ts';
import { csv } from '../output/tables.ts';
import { Distribution } from './distribution.ts';
import { isHardirqEntry, isHardirqExit, type Lane, type Lanes } from './lanes.ts';
import type { Figure, Statistic } from './statistic.ts';
import type { TraceRow } from './trace-row.ts';

const IRQS = 0;
const CONTEXT = 2;
const DEPTH = 3;

/** Whether flags are those of a stretch, by the tracer that looks for it. */
const TRACERS: readonly (readonly [string, (flags: string) => boolean])[] = [
  ['irqsoff', irqsOff],
  ['preemptoff', preemptOff],
  ['preemptirqsoff', (flags) => irqsOff(flags) || preemptOff(flags)],
];

/** What all tracers say of a row's flags. */
interface Flags {
  readonly inIrq: boolean;
  readonly off: readonly boolean[];
}

function irqsOff(flags: string): boolean {
  return flags[IRQS] === 'd' || flags[IRQS] === 'D';
}

/** preempt_count() is not 0: depth, bottom halves off, or inside an interrupt or softirq. */
function preemptOff(flags: string): boolean {
  return flags[DEPTH] !== '.' || flags[IRQS] === 'b' || flags[IRQS] === 'D' || inIrq(flags);
}

function inIrq(flags: string): boolean {
  return flags[CONTEXT] !== '.';
}

/** Where a stretch begins or ends. */
interface End {
  timeNs: number;
  seq: number;
  event: string;
  object: string;
  task: string;
}

/** What goes on on a CPU, for one tracer. */
interface Stretch {
  readonly cpu: number;
  from: End | null;
  /** One object, which moves on. */
  readonly to: End;
  /** Whether it was going on already below each interrupt and softirq. */
  readonly below: boolean[];
}

interface Longest {
  readonly tracer: string;
  readonly cpu: number;
  readonly from: End;
  readonly to: End;
}

export class Sections implements Statistic {
  readonly name = 'longest sections with interrupts or preemption off';
  readonly needs = ['sched_switch', 'irq_handler_entry', 'softirq_entry', 'local_timer_entry'];
  readonly seesAll = true;
  private readonly open: Stretch[] = [];
  private readonly longest = new Map<string, Longest>();
  private readonly lengths = new Map<string, Distribution>();
  private readonly flags = new Map<string, Flags>();

  see(row: TraceRow, lanes: Lanes): void {
    const { cpu, flags } = row;
    if (cpu < 0 || flags === '') return;
    const lane = lanes.lane(cpu);
    const { inIrq, off } = this.meaning(flags);
    const idle = row.pid === 0 && !inIrq;
    const begins = isHardirqEntry(row.event) || row.event === 'softirq_entry';
    for (let i = 0; i < TRACERS.length; i++) {
      const stretch = this.stretch(i, cpu);
      if (begins) stretch.below.push(stretch.from !== null);
      if (idle || off[i] !== true) this.close(i, stretch);
      else moveTo(stretch, row, lane);
      if (endsWith(row, stretch)) this.close(i, stretch);
    }
  }

  private meaning(text: string): Flags {
    let flags = this.flags.get(text);
    if (flags === undefined) {
      flags = { inIrq: inIrq(text), off: TRACERS.map(([, off]) => off(text)) };
      this.flags.set(text, flags);
    }
    return flags;
  }

  figures(): Figure[] {
    return [...this.lengths].flatMap(([object, lengths]): Figure[] => [
      { metric: 'off.count', object, value: lengths.count, unit: 'count' },
      { metric: 'off.total', object, value: lengths.total, unit: 'ns' },
      { metric: 'off.max', object, value: lengths.max, unit: 'ns' },
    ]);
  }

  tables(): string[][] {
    const rows = this.inOrder().map(({ tracer, cpu, from, to }) => [
      `${tracer} CPU ${cpu}`,
      formatDuration(to.timeNs - from.timeNs),
      formatDuration(from.timeNs),
      `${printable(placeOf(from))} (row ${formatNumber(from.seq)})`,
      `${printable(placeOf(to))} (row ${formatNumber(to.seq)})`,
    ]);
    const right = ['longest', 'at'].map((title) => ({ title, right: true }));
    if (rows.length === 0) return [];
    return [table([{ title: 'OFF' }, ...right, { title: 'from' }, { title: 'to' }], rows)];
  }

  files(): ReadonlyMap<string, string> {
    const columns = ['tracer', 'cpu', 'from_ns', 'to_ns', 'from_seq', 'to_seq', 'from', 'to'];
    const rows = this.inOrder().map(({ tracer, cpu, from, to }) => [
      ...[tracer, cpu, from.timeNs, to.timeNs, from.seq, to.seq, placeOf(from), placeOf(to)],
    ]);
    return new Map([['sections.csv', csv(columns, rows)]]);
  }

  private inOrder(): Longest[] {
    return TRACERS.flatMap(([tracer]) =>
      [...this.longest.values()]
        .filter((one) => one.tracer === tracer)
        .sort((a, b) => a.cpu - b.cpu),
    );
  }

  private stretch(tracer: number, cpu: number): Stretch {
    const index = cpu * TRACERS.length + tracer;
    return (this.open[index] ??= { cpu, from: null, to: newEnd(), below: [] });
  }

  private close(index: number, stretch: Stretch): void {
    const { cpu, from, to } = stretch;
    if (from === null) return;
    stretch.from = null;
    const [tracer] = TRACERS[index]!;
    const key = `${tracer} CPU ${cpu}`;
    const ns = to.timeNs - from.timeNs;
    let lengths = this.lengths.get(key);
    if (lengths === undefined) {
      lengths = new Distribution();
      this.lengths.set(key, lengths);
    }
    if (lengths.count === 0 || ns > lengths.max) {
      this.longest.set(key, { tracer, cpu, from, to: { ...to } });
    }
    lengths.add(ns);
  }
}

/** Whether what has begun `stretch` ends with this row. */
function endsWith(row: TraceRow, stretch: Stretch): boolean {
  const { event, object } = row;
  if (isHardirqExit(event) || event === 'softirq_exit') return stretch.below.pop() !== true;
  if (event === 'lock_release') {
    return stretch.from?.event === 'lock_acquire' && stretch.from.object === object;
  }
  if (event !== 'sched_switch') return false;
  stretch.below.length = 0;
  return true;
}

function newEnd(): End {
  return { timeNs: 0, seq: 0, event: '', object: '', task: '' };
}

/** The stretch goes on up to this row, or begins with it. */
function moveTo(stretch: Stretch, { timeNs, seq, event, object }: TraceRow, { task }: Lane): void {
  const { to } = stretch;
  to.timeNs = timeNs;
  to.seq = seq;
  to.event = event;
  to.object = object;
  to.task = task;
  stretch.from ??= { ...to };
}

function placeOf({ event, object, task }: End): string {
  return `${event}${object === '' ? '' : ` ${object}`} on ${task}`;
}
