/*
 * Where something was done, and by whom, as reports about memory name it (mm/kasan/report.c).
 */
import type { Machine } from '../machine.ts';
import type { Place } from './findings.ts';

export interface Site extends Place {
  readonly comm: string;
  readonly pid: number;
}

export function siteOn(machine: Machine, cpu: number): Site {
  const { top, current } = machine.cpus[cpu]!;
  return { actor: top.actor, line: top.line, comm: current.comm, pid: current.pid };
}

/** `Freed by task 3:` and the step. */
export function described(what: string, { actor, line, pid }: Site): string[] {
  return [`${what} by task ${pid}:`, ` ${actor}${line > 0 ? ` line ${line}` : ''}`];
}
