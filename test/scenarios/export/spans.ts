/*
 * What slices a trace should give, counted from its rows without the code that exports them.
 */
import type { TraceRow } from '../../../scenarios/analysis/trace-row.ts';

export interface Span {
  readonly name: string;
  readonly n: number;
  readonly ns: number;
}

/** Count and summed time of what lies between rows that begin and that end, innermost first. */
export function spans(
  rows: readonly TraceRow[],
  begin: string,
  end: string,
  where: (row: TraceRow) => number,
): Span[] {
  const open = new Map<string, number[]>();
  const found: [name: string, ns: number][] = [];
  for (const row of rows) {
    const key = `${where(row)} ${row.object}`;
    if (row.event === begin) open.set(key, [...(open.get(key) ?? []), row.timeNs]);
    else if (row.event === end) found.push([row.object, row.timeNs - open.get(key)!.pop()!]);
  }
  return sums(found);
}

/** Names with how many there are and their sum, in the order of SQL. */
export function sums(found: readonly (readonly [name: string, ns: number])[]): Span[] {
  const names = [...new Set(found.map(([name]) => name))].sort();
  return names.map((name) => {
    const times = found.filter(([other]) => other === name).map(([, ns]) => ns);
    return { name, n: times.length, ns: times.reduce((sum, ns) => sum + ns, 0) };
  });
}

/** How long each task was on a CPU, by pid, up to the last time it left one. */
export function running(rows: readonly TraceRow[]): Span[] {
  const since = new Map<number, number>();
  const found: [string, number][] = [];
  for (const { event, pid, value, timeNs } of rows) {
    if (event !== 'sched_switch') continue;
    if (pid > 0 && since.has(pid)) found.push([`${pid}`, timeNs - since.get(pid)!]);
    since.set(value, timeNs);
  }
  return sums(found);
}
