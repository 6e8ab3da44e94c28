/*
 * User mode or kernel, for the time in which a task has its CPU to itself. Not every crossing is a
 * row: what a row says holds up to the next one that says otherwise, and system calls are known to
 * begin and end the kernel's part.
 */
import type { TraceRow } from '../analysis/trace-row.ts';

type Mode = 'kernel' | 'user';

/** From when on a CPU's task is in which mode. */
interface Change {
  readonly at: number;
  readonly mode: Mode;
}

export class Modes {
  private readonly changes: Change[][] = [];
  private readonly byTask = new Map<number, Mode>();

  /** @param at the place of the row on the axis */
  see(row: TraceRow, at: number): void {
    const { cpu, pid, event, value, context } = row;
    if (cpu < 0) return;
    if (event === 'sched_switch') {
      this.change(cpu, at, this.byTask.get(value) ?? 'kernel');
    } else if (context === 'kernel' || context === 'user') {
      const mode = event === 'sys_exit' ? 'user' : event === 'sys_enter' ? 'kernel' : context;
      this.byTask.set(pid, mode);
      this.change(cpu, at, mode);
    }
  }

  private change(cpu: number, at: number, mode: Mode): void {
    const changes = (this.changes[cpu] ??= []);
    if (changes[changes.length - 1]?.mode !== mode) changes.push({ at, mode });
  }

  /** The parts of an interval by mode; what is before it is forgotten. */
  split(cpu: number, from: number, to: number, part: (mode: Mode, a: number, b: number) => void) {
    const changes = this.changes[cpu] ?? [];
    let kept = 0;
    while (kept + 1 < changes.length && changes[kept + 1]!.at <= from) kept++;
    changes.splice(0, kept);
    let begin = from;
    let mode = changes[0] !== undefined && changes[0].at <= from ? changes[0].mode : 'kernel';
    for (const change of changes) {
      if (change.at >= to) break;
      if (change.at > begin) part(mode, begin, change.at);
      begin = Math.max(begin, change.at);
      mode = change.mode;
    }
    if (to > begin) part(mode, begin, to);
  }
}
