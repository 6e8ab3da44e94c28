/*
 * Where the CPUs' time went, by context and by who had them. Kernel and user mode of a task are
 * told apart by its system calls; a task that is switched in outside of one is in user mode, so the
 * costs of such a switch are counted there.
 */
import { contextNames, type ContextName } from '../../models/cpu/accounting.ts';
import { formatDuration, formatNumber, formatPercent, printable, table } from '../output/text.ts';
import type { Lane, Lanes } from './lanes.ts';
import type { Figure, Statistic } from './statistic.ts';
import type { TraceRow } from './trace-row.ts';

const ACTORS_MAX = 12;

interface CpuTally {
  sinceNs: number;
  readonly ns: Record<ContextName, number>;
  /** Of a task of which is not known yet whether it is in user mode. */
  switches: number;
}

/** Mode of a task, and the time since when it is not known. */
interface Mode {
  known: 'kernel' | 'user' | null;
  /** By CPU, waiting to be booked. */
  readonly open: Map<number, number>;
}

export class CpuTime implements Statistic {
  readonly name = 'CPU time';
  readonly needs = ['sched_switch', 'irq_handler_entry', 'softirq_entry', 'local_timer_entry'];
  readonly seesAll = true;
  private readonly cpus: CpuTally[] = [];
  private readonly modes: Mode[] = [];
  private readonly actors = new Map<string, number>();
  private lanes: Lanes | null = null;

  see(row: TraceRow, lanes: Lanes): void {
    this.lanes = lanes;
    if (row.cpu < 0) return;
    this.book(lanes.lane(row.cpu), row.timeNs);
    const { event, context, pid } = row;
    if (event === 'sched_switch') this.cpu(row.cpu).switches++;
    if (pid <= 0 || (context !== 'kernel' && context !== 'user')) return;
    const mode = this.mode(pid);
    if (event === 'sys_enter') this.become(mode, 'user', 'kernel');
    else if (event === 'sys_exit') this.become(mode, 'kernel', 'user');
    else if (context === 'user') this.become(mode, 'user', 'user');
    else if (mode.known === null) this.become(mode, 'kernel', 'kernel');
  }

  end(timeNs: number): void {
    for (const lane of this.lanes?.all ?? []) this.book(lane, timeNs);
    for (const mode of this.modes.filter((candidate) => candidate !== undefined)) {
      this.become(mode, mode.known ?? 'kernel', 'kernel');
    }
  }

  figures(): Figure[] {
    const byCpu = this.cpus.flatMap(({ ns, switches }, cpu): Figure[] => [
      ...contextNames.map((context): Figure => ({
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
    const right = [...contextNames, 'switches'].map((title) => ({ title, right: true }));
    const cpus = table(
      [{ title: 'CPU', right: true }, ...right],
      this.cpus.map(({ ns, switches }, cpu) => {
        const whole = contextNames.reduce((sum, context) => sum + ns[context], 0);
        const shares = contextNames.map((context) => formatPercent(ns[context], whole));
        return [String(cpu), ...shares, formatNumber(switches)];
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
    else if (lane.pid === 0) tally.ns.idle += ns;
    else {
      const { known, open } = this.mode(lane.pid);
      if (known === 'kernel') tally.ns.kernel += ns;
      else open.set(lane.cpu, (open.get(lane.cpu) ?? 0) + ns);
    }
  }

  /** Books what was open as `was`. */
  private become(mode: Mode, was: 'kernel' | 'user', is: 'kernel' | 'user'): void {
    for (const [cpu, ns] of mode.open) this.cpu(cpu).ns[was] += ns;
    mode.open.clear();
    mode.known = is;
  }

  private mode(pid: number): Mode {
    return (this.modes[pid] ??= { known: null, open: new Map() });
  }

  private cpu(id: number): CpuTally {
    for (let next = this.cpus.length; next <= id; next++) {
      const ns = { hardirq: 0, softirq: 0, kernel: 0, user: 0, idle: 0 };
      this.cpus.push({ sinceNs: 0, ns, switches: 0 });
    }
    return this.cpus[id]!;
  }
}
