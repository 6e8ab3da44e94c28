/*
 * From a hard interrupt's entry to what it leads to: the handler of the softirq it raised, the task
 * that was woken on its behalf, that task's way out of its system call, and for netlink the receipt
 * of the message sent on its behalf. The moment at which a device asks for its interrupt is no row.
 *
 * A message is followed by the number of its buffer, from the socket's queue to its receiver: each
 * member of a group gets a buffer of its own. On whose behalf it is sent is a matter of who queues
 * it: an interrupt; a softirq, for the interrupt that brought the packet which it is handling, else
 * for the one that raised it; a task, for the interrupt that woke it, until it sleeps again.
 */
import { Distributions } from './distribution.ts';
import type { Lane, Lanes } from './lanes.ts';
import type { Latency, Statistic } from './statistic.ts';
import { detailNumber, detailText, type TraceRow } from './trace-row.ts';

/** A hard interrupt, as the cause of something. */
interface Cause {
  readonly line: string;
  readonly sinceNs: number;
}

/** A task that was woken because of an interrupt. */
interface Woken {
  readonly cause: Cause;
  runs: boolean;
}

export class IrqLatency implements Statistic {
  readonly name = 'latency from an interrupt to a task';
  readonly needs = ['irq_handler_entry', 'softirq_raise', 'softirq_entry', 'sched_waking'];
  readonly uses = [
    'sched_switch',
    'sys_exit',
    'netif_rx',
    'netif_receive_skb',
    'napi_poll',
    'netlinkQueue',
    'netlinkReceive',
    'kfree_skb',
  ];
  private readonly raised = new Map<string, Cause>();
  private readonly serving = new Map<number, Cause | undefined>();
  private readonly woken = new Map<number, Woken>();
  /** By pid: what a task was woken for, until it sleeps. */
  private readonly acting = new Map<number, Cause>();
  /** By the numbers of buffers: packets that wait for their softirq, messages for their reader. */
  private readonly buffers = new Map<number, Cause>();
  /** By CPU: of the packet that is being handled. */
  private readonly handled = new Map<number, Cause | undefined>();
  private readonly toSoftirq = new Distributions();
  private readonly toTask = new Distributions();
  private readonly toUser = new Distributions();
  private readonly toReceive = new Distributions();

  readonly latencies: readonly Latency[] = [
    {
      metric: 'irq_to_softirq',
      title: 'IRQ TO SOFTIRQ',
      about: 'from the entry of the interrupt to that of the softirq it raised',
      byObject: this.toSoftirq.byObject,
    },
    {
      metric: 'irq_to_task',
      title: 'IRQ TO TASK',
      about: 'to the switch to the task woken on its behalf',
      byObject: this.toTask.byObject,
    },
    {
      metric: 'irq_to_user',
      title: 'IRQ TO USER',
      about: 'to the end of the system call of that task',
      byObject: this.toUser.byObject,
    },
    {
      metric: 'irq_to_receive',
      title: 'IRQ TO RECEIVE',
      about: 'to the receipt of the netlink message sent on its behalf',
      byObject: this.toReceive.byObject,
    },
  ];

  see(row: TraceRow, lanes: Lanes): void {
    if (row.cpu < 0) return;
    const lane = lanes.lane(row.cpu);
    switch (row.event) {
      case 'softirq_raise':
        return this.raise(row, lane);
      case 'softirq_entry':
        return this.enter(row);
      case 'sched_waking':
        return this.wake(row, lane);
      case 'sched_switch':
        return this.switched(row, lanes);
      case 'sys_exit':
        return this.left(row, lane);
      case 'netif_rx':
      case 'netlinkQueue':
        return this.queue(row, lane);
      case 'netif_receive_skb':
        return this.handle(row);
      case 'napi_poll':
        return void this.handled.delete(row.cpu);
      case 'netlinkReceive':
        return this.receive(row, lane);
      case 'kfree_skb':
        this.buffers.delete(row.value);
    }
  }

  /** The interrupt on whose behalf an interrupt or softirq acts right now. */
  private causeOf(lane: Lane): Cause | undefined {
    const { top, cpu } = lane;
    if (top?.kind === 'hardirq') return { line: top.name, sinceNs: top.sinceNs };
    if (top === undefined) return undefined;
    return this.handled.get(cpu) ?? this.serving.get(cpu);
  }

  private raise(row: TraceRow, lane: Lane): void {
    const cause = this.causeOf(lane);
    const key = `${row.cpu} ${row.object}`;
    if (cause !== undefined && !this.raised.has(key)) this.raised.set(key, cause);
  }

  private enter(row: TraceRow): void {
    const key = `${row.cpu} ${row.object}`;
    const cause = this.raised.get(key);
    this.raised.delete(key);
    this.serving.set(row.cpu, cause);
    this.handled.delete(row.cpu);
    if (cause === undefined) return;
    this.toSoftirq.add(`${cause.line} > ${row.object}`, row.timeNs - cause.sinceNs);
  }

  private wake(row: TraceRow, lane: Lane): void {
    if (row.value === row.pid) return;
    const cause = this.causeOf(lane);
    if (cause === undefined) this.woken.delete(row.value);
    else this.woken.set(row.value, { cause, runs: false });
  }

  private switched(row: TraceRow, lanes: Lanes): void {
    // What a task was woken for while it had the CPU needed no switch.
    if (this.woken.get(row.pid)?.runs === false) this.woken.delete(row.pid);
    if (!detailText(row.detail, 'prev_state').startsWith('R')) this.acting.delete(row.pid);
    const woken = this.woken.get(row.value);
    if (woken === undefined || woken.runs) return;
    woken.runs = true;
    this.acting.set(row.value, woken.cause);
    const { line, sinceNs } = woken.cause;
    const task = lanes.nameOf(row.object, row.value);
    this.toTask.add(`${line} > ${task}`, row.timeNs - sinceNs);
  }

  private left(row: TraceRow, lane: Lane): void {
    const woken = this.woken.get(row.pid);
    if (woken === undefined || !woken.runs) return;
    this.woken.delete(row.pid);
    const { line, sinceNs } = woken.cause;
    this.toUser.add(`${line} > ${lane.task}`, row.timeNs - sinceNs);
  }

  private queue(row: TraceRow, lane: Lane): void {
    const irq = lane.top === undefined ? this.acting.get(row.pid) : this.causeOf(lane);
    if (irq !== undefined) this.buffers.set(detailNumber(row.detail, 'skbaddr'), irq);
  }

  /** A packet that was queued by its driver is its interrupt's, else it is the poll's. */
  private handle({ cpu, detail }: TraceRow): void {
    this.handled.set(cpu, this.take(detail));
  }

  private receive({ timeNs, detail }: TraceRow, lane: Lane): void {
    const cause = this.take(detail);
    if (cause === undefined) return;
    this.toReceive.add(`${cause.line} > ${lane.task}`, timeNs - cause.sinceNs);
  }

  private take(detail: string): Cause | undefined {
    const skb = detailNumber(detail, 'skbaddr');
    const cause = this.buffers.get(skb);
    this.buffers.delete(skb);
    return cause;
  }
}
