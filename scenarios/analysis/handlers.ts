/*
 * How long handlers take, from entry to exit with whatever interrupts them, and how long work waits
 * for them: a softirq from its raise, work from its queueing.
 */
import { Distributions } from './distribution.ts';
import type { Latency, Statistic } from './statistic.ts';
import type { TraceRow } from './trace-row.ts';

/** Handlers whose rows are `<stem>_entry` and `<stem>_exit`. */
const STEMS = [
  'irq_handler',
  'local_timer',
  'reschedule',
  'irq_work',
  'softirq',
  'tasklet',
  'timer_expire',
  'hrtimer_expire',
];

interface Mark {
  readonly opens: boolean;
  readonly stem: string;
}

const MARKS = new Map<string, Mark>([
  ...STEMS.flatMap((stem): [string, Mark][] => [
    [`${stem}_entry`, { opens: true, stem }],
    [`${stem}_exit`, { opens: false, stem }],
  ]),
  ['workqueue_execute_start', { opens: true, stem: 'workqueue' }],
  ['workqueue_execute_end', { opens: false, stem: 'workqueue' }],
]);

/** What has begun, the last one last, by where it runs and what it is. */
class Spans {
  private readonly open = new Map<string, number[]>();

  begin(key: string, timeNs: number): void {
    const stack = this.open.get(key);
    if (stack === undefined) this.open.set(key, [timeNs]);
    else stack.push(timeNs);
  }

  end(key: string): number | undefined {
    return this.open.get(key)?.pop();
  }
}

export class Handlers implements Statistic {
  readonly name = 'handler times';
  readonly needs = ['irq_handler_entry', 'irq_handler_exit', 'softirq_entry', 'softirq_exit'];
  readonly uses = [...MARKS.keys()];
  private readonly spans = new Spans();
  private readonly times = new Distributions();

  readonly latencies: readonly Latency[] = [
    {
      metric: 'handler_time',
      title: 'HANDLER TIME',
      about: 'from entry to exit, interruptions included',
      byObject: this.times.byObject,
    },
  ];

  see({ event, object, cpu, pid, timeNs }: TraceRow): void {
    const mark = MARKS.get(event);
    if (mark === undefined) return;
    // Work may sleep and go on elsewhere: it belongs to its thread, the others to their CPU.
    const where = mark.stem === 'workqueue' ? pid : cpu;
    const key = `${where} ${mark.stem} ${object}`;
    if (mark.opens) {
      this.spans.begin(key, timeNs);
      return;
    }
    const since = this.spans.end(key);
    if (since !== undefined) this.times.add(`${mark.stem} ${object}`, timeNs - since);
  }
}

export class SoftirqDelay implements Statistic {
  readonly name = 'softirq delay';
  readonly needs = ['softirq_raise', 'softirq_entry'];
  private readonly raised = new Map<string, number>();
  private readonly delays = new Distributions();

  readonly latencies: readonly Latency[] = [
    {
      metric: 'softirq_delay',
      title: 'SOFTIRQ DELAY',
      about: 'from the first raise to the entry',
      byObject: this.delays.byObject,
    },
  ];

  see({ event, object, cpu, timeNs }: TraceRow): void {
    const key = `${cpu} ${object}`;
    const since = this.raised.get(key);
    if (event === 'softirq_raise') {
      if (since === undefined) this.raised.set(key, timeNs);
    } else if (since !== undefined) {
      this.delays.add(object, timeNs - since);
      this.raised.delete(key);
    }
  }
}

export class WorkDelay implements Statistic {
  readonly name = 'workqueue delay';
  readonly needs = ['workqueue_queue_work', 'workqueue_execute_start'];
  private readonly queued = new Map<string, number>();
  private readonly delays = new Distributions();

  readonly latencies: readonly Latency[] = [
    {
      metric: 'work_delay',
      title: 'WORK DELAY',
      about: 'from queueing to execution',
      byObject: this.delays.byObject,
    },
  ];

  see({ event, object, timeNs }: TraceRow): void {
    if (event === 'workqueue_queue_work') {
      this.queued.set(object, timeNs);
      return;
    }
    const since = this.queued.get(object);
    if (since === undefined) return;
    this.delays.add(object, timeNs - since);
    this.queued.delete(object);
  }
}
