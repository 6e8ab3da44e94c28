/*
 * A run as waves: per CPU the task and the context, per lock its holders and waiters, and the
 * lengths of queues. One instant has one value: what changes and changes back in a nanosecond is
 * not seen.
 */
import { Lanes, type Lane } from '../analysis/lanes.ts';
import type { TraceRow } from '../analysis/trace-row.ts';
import type { ExportFormat, Exporter, Target } from './exporter.ts';
import { LockUse } from './lock-use.ts';
import type { Survey } from './survey.ts';
import { identifier, VcdDump, type Variable } from './vcd-dump.ts';

/** Numbers for the wire: a higher one interrupts the lower ones. */
const CONTEXTS = ['idle', 'user', 'kernel', 'softirq', 'hardirq'];

/** Locks are looked at as they are, not when a hold ends. */
const NOBODY = { held: () => {}, waited: () => {} };

class Vcd implements Exporter {
  private readonly survey: Survey;
  private readonly dump: VcdDump;
  private readonly lanes = new Lanes();
  private readonly locks = new LockUse(NOBODY);
  private readonly cpuVariables;
  private readonly lockVariables;
  private readonly queueVariables: ReadonlyMap<string, Variable>;
  /** The next of the lengths of queues. */
  private next = 0;
  /** Tasks that are in user mode when nothing interrupts them. */
  private readonly inUser = new Set<number>();

  constructor({ sink }: Target, survey: Survey) {
    const dump = new VcdDump(sink);
    this.dump = dump;
    this.survey = survey;
    this.cpuVariables = survey.rows.map((_, cpu) =>
      dump.scope(`cpu${cpu}`, () => ({
        task: dump.text('task'),
        pid: dump.number('pid', 32),
        context: dump.number('context', 3),
      })),
    );
    this.lockVariables = new Map(
      survey.locks.map((name, i) => [
        name,
        dump.scope(`lock${i}_${identifier(name)}`, () => ({
          holder: dump.text('holder'),
          holders: dump.number('holders', 32),
          waiters: dump.number('waiters', 32),
        })),
      ]),
    );
    const queues = [...new Set(survey.queueLengths.map(([, name]) => name))];
    this.queueVariables = dump.scope(
      'queues',
      () => new Map(queues.map((name) => [name, dump.number(name, 32)])),
    );
    dump.begin();
    for (const cpu of survey.rows.keys()) this.show(this.lanes.lane(cpu));
  }

  see(row: TraceRow): void {
    this.moveTo(row.timeNs);
    if (row.cpu < 0) return;
    const { lanes } = this;
    lanes.settle(row);
    const lane = lanes.lane(row.cpu);
    if (row.event.startsWith('lock_')) this.lock(row, lane.actor);
    this.mode(row);
    lanes.apply(row);
    this.show(lane);
  }

  end(): void {
    this.moveTo(this.survey.endNs);
    this.dump.end(this.survey.endNs);
  }

  /** Queues change between rows of what the dump looks at, and before those of their instant. */
  private moveTo(timeNs: number): void {
    const { dump } = this;
    const { queueLengths } = this.survey;
    for (; this.next < queueLengths.length; this.next++) {
      const [changeNs, name, length] = queueLengths[this.next]!;
      if (changeNs > timeNs) break;
      dump.moveTo(changeNs);
      dump.setNumber(this.queueVariables.get(name)!, length);
    }
    dump.moveTo(timeNs);
  }

  private lock(row: TraceRow, actor: string): void {
    const variables = this.lockVariables.get(row.object)!;
    this.locks.see(row, actor);
    const { holders, waiters } = this.locks.state(row.object);
    this.dump.setText(variables.holder, holders[0]?.actor ?? '');
    this.dump.setNumber(variables.holders, holders.length);
    this.dump.setNumber(variables.waiters, waiters.length);
  }

  /** What is between rows of one task: user mode from the end of a system call. */
  private mode({ event, pid, context }: TraceRow): void {
    if (context === 'user' || event === 'sys_exit') this.inUser.add(pid);
    else if (context === 'kernel') this.inUser.delete(pid);
  }

  private show({ cpu, pid, task, top }: Lane): void {
    const { dump } = this;
    const variables = this.cpuVariables[cpu]!;
    const mode = pid === 0 ? 'idle' : this.inUser.has(pid) ? 'user' : 'kernel';
    dump.setText(variables.task, task);
    dump.setNumber(variables.pid, pid);
    dump.setNumber(variables.context, CONTEXTS.indexOf(top?.kind ?? mode));
  }
}

export const vcd: ExportFormat = {
  file: 'trace.vcd',
  open: (target, survey) => new Vcd(target, survey),
};
