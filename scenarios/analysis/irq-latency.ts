/*
 * From a hard interrupt's entry to what it leads to: the handler of the softirq it raised, the task
 * that was woken on its behalf, that task's way out of its system call, and for netlink the receipt
 * of the message sent on its behalf. The moment at which a device asks for its interrupt is no row.
 *
 * Rows of netlink carry no identity of their skb. A message is found again as the oldest one that
 * was sent to the port whose number is the receiver's pid, which is how the kernel binds sockets
 * that do not ask otherwise (netlink_autobind); what was lost by an overrun is not known by number,
 * so a port that had one is given up.
 */
import { Distributions } from './distribution.ts';
import type { Lane, Lanes } from './lanes.ts';
import type { Latency, Statistic } from './statistic.ts';
import { detailNumber, type TraceRow } from './trace-row.ts';

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
  readonly uses = ['sched_switch', 'sys_exit', 'netlinkSend', 'netlinkReceive', 'netlinkOverrun'];
  private readonly raised = new Map<string, Cause>();
  private readonly serving = new Map<number, Cause | undefined>();
  private readonly woken = new Map<number, Woken>();
  private readonly sent = new Map<number, (Cause | undefined)[]>();
  private readonly givenUp = new Set<number>();
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
      case 'netlinkSend':
        return this.send(row, lane);
      case 'netlinkReceive':
        return this.receive(row, lane);
      case 'netlinkOverrun':
        this.givenUp.add(row.value);
    }
  }

  /** On whose behalf the lane acts right now. */
  private causeOf(lane: Lane): Cause | undefined {
    const { top } = lane;
    if (top?.kind === 'hardirq') return { line: top.name, sinceNs: top.sinceNs };
    return top === undefined ? undefined : this.serving.get(lane.cpu);
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
    if (cause === undefined) return;
    this.toSoftirq.add(`${cause.line} > ${row.object}`, row.timeNs - cause.sinceNs);
  }

  private wake(row: TraceRow, lane: Lane): void {
    const cause = this.causeOf(lane);
    if (cause !== undefined && row.value !== row.pid) {
      this.woken.set(row.value, { cause, runs: false });
    }
  }

  private switched(row: TraceRow, lanes: Lanes): void {
    const woken = this.woken.get(row.value);
    if (woken === undefined || woken.runs) return;
    woken.runs = true;
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

  private send(row: TraceRow, lane: Lane): void {
    if (row.value < 0) return;
    const port = detailNumber(row.detail, 'dst_portid');
    const queue = this.sent.get(port);
    const cause = this.causeOf(lane);
    if (queue === undefined) this.sent.set(port, [cause]);
    else queue.push(cause);
  }

  private receive(row: TraceRow, lane: Lane): void {
    if (row.value < 0 || this.givenUp.has(row.pid)) return;
    const queue = this.sent.get(row.pid);
    if (queue === undefined || queue.length === 0) return this.giveUp(row.pid, lane.task);
    const cause = queue.shift();
    if (cause === undefined) return;
    this.toReceive.add(`${cause.line} > ${lane.task}`, row.timeNs - cause.sinceNs);
  }

  /** It receives more than was sent to its port: it has others, so nothing told of it is sure. */
  private giveUp(pid: number, task: string): void {
    this.givenUp.add(pid);
    for (const object of this.toReceive.byObject.keys()) {
      if (object.endsWith(` > ${task}`)) this.toReceive.byObject.delete(object);
    }
  }
}
