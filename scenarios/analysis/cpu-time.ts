/*
 * Where the CPUs' time went, by what had them: hard interrupts, softirqs, tasks, nothing. When a
 * task goes from user mode to the kernel and back is not always a row, so a trace alone does not
 * tell the two apart; the run's summary does.
 */
import { contextNames, type ContextName } from '../../models/cpu/accounting.ts';
import { formatDuration, formatNumber, formatPercent, printable, table } from '../output/text.ts';
import type { Lane, Lanes } from './lanes.ts';
import type { Figure, Statistic } from './statistic.ts';
import type { TraceRow } from './trace-row.ts';

const ACTORS_MAX = 12;

/** As a trace tells them apart. */
const KINDS = ['hardirq', 'softirq', 'task', 'idle'] as const;
type Kind = (typeof KINDS)[number];

interface CpuTally {
  sinceNs: number;
  readonly ns: Record<Kind, number>;
  switches: number;
}

/** The time in user mode by CPU, in ns. */
export type UserTimes = ReadonlyMap<number, number>;

export class CpuTime implements Statistic {
  readonly name = 'CPU time';
  readonly needs = ['sched_switch', 'irq_handler_entry', 'softirq_entry', 'local_timer_entry'];
  readonly seesAll = true;
  private readonly cpus: CpuTally[] = [];
  private readonly actors = new Map<string, number>();
  private readonly userTimes: UserTimes | null;
  private lanes: Lanes | null = null;

  /** @param userTimes as the run's summary has them; null without one. */
  constructor(userTimes: UserTimes | null) {
    this.userTimes = userTimes;
  }

  see(row: TraceRow, lanes: Lanes): void {
    this.lanes = lanes;
    if (row.cpu < 0) return;
    this.book(lanes.lane(row.cpu), row.timeNs);
    if (row.event === 'sched_switch') this.cpu(row.cpu).switches++;
  }

  end(timeNs: number): void {
    // A CPU without a row was idle all the time.
    for (const cpu of this.userTimes?.keys() ?? []) this.lanes?.lane(cpu);
    for (const lane of this.lanes?.all ?? []) this.book(lane, timeNs);
  }

  figures(): Figure[] {
    const byCpu = this.cpus.flatMap(({ ns, switches }, cpu): Figure[] => [
      ...KINDS.map((context): Figure => ({
        metric: `cpu.${context}`,
        object: String(cpu),
        value: ns[context],
        unit: 'ns',
      })),
      { metric: 'cpu.switches', object: String(cpu), value: switches, unit: 'count' },
    ]);
    const byActor = [...this.actors].map(([object, value]): Figure => ({
      metric: 'time',
      object,
      value,
      unit: 'ns',
    }));
    return [...byCpu, ...byActor];
  }

  tables(): string[][] {
    const contexts = this.userTimes === null ? KINDS : contextNames;
    const right = [...contexts, 'switches'].map((title) => ({ title, right: true }));
    const cpus = table(
      [{ title: 'CPU', right: true }, ...right],
      this.cpus.map((tally, cpu) => {
        const ns = this.shares(tally, cpu);
        const whole = contexts.reduce((sum, context) => sum + ns[context], 0);
        const shares = contexts.map((context) => formatPercent(ns[context], whole));
        return [String(cpu), ...shares, formatNumber(tally.switches)];
      }),
    );
    const busiest = [...this.actors]
      .filter(([name]) => !name.startsWith('swapper/'))
      .sort(([, a], [, b]) => b - a);
    const rows = busiest.slice(0, ACTORS_MAX);
    if (rows.length === 0) return [cpus];
    const actors = table(
      [{ title: 'WHO' }, { title: 'CPU time', right: true }],
      rows.map(([name, ns]) => [printable(name), formatDuration(ns)]),
    );
    const more = busiest.length - rows.length;
    return [cpus, more === 0 ? actors : [...actors, `  and ${formatNumber(more)} more`]];
  }

  private book(lane: Lane, timeNs: number): void {
    const tally = this.cpu(lane.cpu);
    const ns = timeNs - tally.sinceNs;
    tally.sinceNs = timeNs;
    if (ns <= 0) return;
    this.actors.set(lane.actor, (this.actors.get(lane.actor) ?? 0) + ns);
    if (lane.top !== undefined) tally.ns[lane.top.kind] += ns;
    else tally.ns[lane.pid === 0 ? 'idle' : 'task'] += ns;
  }

  private shares({ ns }: CpuTally, cpu: number): Record<Kind | ContextName, number> {
    const user = this.userTimes?.get(cpu) ?? 0;
    return { ...ns, user, kernel: ns.task - user };
  }

  private cpu(id: number): CpuTally {
    for (let next = this.cpus.length; next <= id; next++) {
      const ns = { hardirq: 0, softirq: 0, task: 0, idle: 0 };
      this.cpus.push({ sinceNs: 0, ns, switches: 0 });
    }
    return this.cpus[id]!;
  }
}
