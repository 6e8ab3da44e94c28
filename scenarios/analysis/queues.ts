/*
 * How long queues are over time: those of the CPUs (tasks that could run and do not), those of
 * netlink sockets (messages that wait for their reader), and work that is queued. A message leaves
 * its queue when it is received, if only looked at, or freed.
 */
import { csv } from '../output/tables.ts';
import { formatNumber, printable, table } from '../output/text.ts';
import type { Figure, Statistic } from './statistic.ts';
import { detailNumber, detailText, type TraceRow } from './trace-row.ts';

const ROWS_MAX = 12;

/** The events at which queues of a kind become longer or shorter. */
const ENDS = [
  ['sched_switch', 'sched_wakeup', 'sched_wakeup_new'],
  ['netlinkQueue', 'netlinkReceive'],
  ['workqueue_queue_work', 'workqueue_execute_start'],
];

/** From when on a queue is how long. */
export type QueueLength = [timeNs: number, queue: string, length: number];

/** Where a message goes that nobody receives. */
const FREED = ['kfree_skb', 'consume_skb'];

class Queue {
  length = 0;
  max = 0;
  /** Length by time: ns at each length, added up. */
  area = 0;
  sinceNs = 0;

  change(by: number, timeNs: number): boolean {
    const length = Math.max(0, this.length + by);
    if (length === this.length) return false;
    this.area += this.length * (timeNs - this.sinceNs);
    this.sinceNs = timeNs;
    this.length = length;
    this.max = Math.max(this.max, length);
    return true;
  }

  end(timeNs: number): void {
    this.area += this.length * (timeNs - this.sinceNs);
    this.sinceNs = timeNs;
  }
}

export class Queues implements Statistic {
  readonly name = 'queue lengths';
  readonly needs = [];
  readonly uses = [...ENDS.flat(), ...FREED];
  private readonly queues = new Map<string, Queue>();
  private readonly changes: QueueLength[] = [];
  /** On which run queue a task waits. */
  private readonly waits = new Map<number, string>();
  /** In which socket's queue a message waits, by the number of its buffer. */
  private readonly messages = new Map<number, string>();
  private endNs = 0;
  private readonly recorded: ReadonlySet<string> | null;

  /** @param recorded the events that the trace has; null for all. */
  constructor(recorded: ReadonlySet<string> | null) {
    this.recorded = recorded;
  }

  see(row: TraceRow): void {
    const { event, value, timeNs } = row;
    if (!this.isWhole(event)) return;
    switch (event) {
      case 'sched_switch':
        return this.switched(row);
      case 'sched_wakeup':
      case 'sched_wakeup_new':
        return this.wait(value, detailNumber(row.detail, 'target_cpu'), timeNs);
      case 'netlinkQueue':
        return this.queued(row);
      case 'netlinkReceive':
        return this.left(detailNumber(row.detail, 'skbaddr'), timeNs);
      case 'kfree_skb':
      case 'consume_skb':
        return this.left(value, timeNs);
      case 'workqueue_queue_work':
        return this.change(`work ${row.object}`, 1, timeNs);
      case 'workqueue_execute_start':
        return this.change(`work ${row.object}`, -1, timeNs);
    }
  }

  end(timeNs: number): void {
    this.endNs = timeNs;
    for (const queue of this.queues.values()) queue.end(timeNs);
  }

  figures(): Figure[] {
    return [...this.queues].flatMap(([object, queue]): Figure[] => [
      { metric: 'queue.mean', object, value: this.mean(queue), unit: 'count' },
      { metric: 'queue.max', object, value: queue.max, unit: 'count' },
      { metric: 'queue.at_end', object, value: queue.length, unit: 'count' },
    ]);
  }

  tables(): string[][] {
    if (this.queues.size === 0) return [];
    const all = [...this.queues].sort(([, a], [, b]) => b.max - a.max);
    const lines = table(
      [{ title: 'QUEUE' }, ...['mean', 'max', 'at end'].map((title) => ({ title, right: true }))],
      all
        .slice(0, ROWS_MAX)
        .map(([name, queue]) => [
          printable(name),
          ...[this.mean(queue), queue.max, queue.length].map(formatNumber),
        ]),
    );
    const more = all.length - ROWS_MAX;
    return [more <= 0 ? lines : [...lines, `  and ${formatNumber(more)} more`]];
  }

  files(): ReadonlyMap<string, string> {
    return new Map([['queues.csv', csv(['time_ns', 'queue', 'length'], this.changes)]]);
  }

  /** Every change, in the order of time. */
  lengths(): readonly QueueLength[] {
    return this.changes;
  }

  /** A queue of which one end is not recorded would only grow. */
  private isWhole(event: string): boolean {
    const { recorded } = this;
    if (recorded === null || FREED.includes(event)) return true;
    return ENDS.find((ends) => ends.includes(event))?.every((end) => recorded.has(end)) ?? false;
  }

  /** Weighted by time, with three decimals. */
  private mean(queue: Queue): number {
    return this.endNs === 0 ? 0 : Math.round((1000 * queue.area) / this.endNs) / 1000;
  }

  private queued({ object, detail, timeNs }: TraceRow): void {
    const name = `${object} port ${detailText(detail, 'portid')}`;
    this.messages.set(detailNumber(detail, 'skbaddr'), name);
    this.change(name, 1, timeNs);
  }

  private left(skb: number, timeNs: number): void {
    const name = this.messages.get(skb);
    if (name === undefined) return;
    this.messages.delete(skb);
    this.change(name, -1, timeNs);
  }

  private switched(row: TraceRow): void {
    const { value, cpu, pid, timeNs } = row;
    if (value > 0) this.leave(value, timeNs);
    if (pid > 0 && detailText(row.detail, 'prev_state').startsWith('R')) {
      this.wait(pid, cpu, timeNs);
    }
  }

  private wait(pid: number, cpu: number, timeNs: number): void {
    this.leave(pid, timeNs);
    const name = `run queue ${cpu}`;
    this.waits.set(pid, name);
    this.change(name, 1, timeNs);
  }

  private leave(pid: number, timeNs: number): void {
    const name = this.waits.get(pid);
    if (name === undefined) return;
    this.waits.delete(pid);
    this.change(name, -1, timeNs);
  }

  private change(name: string, by: number, timeNs: number): void {
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = new Queue();
      this.queues.set(name, queue);
    }
    if (queue.change(by, timeNs)) this.changes.push([timeNs, name, queue.length]);
  }
}
