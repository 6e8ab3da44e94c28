/*
 * What the kernel prints about a data race: kernel/kcsan/report.c. In place of addresses stand the
 * names of variables, in place of functions the actors and the lines of their steps.
 */
import { ACCESS_MARKED, ACCESS_UNCHANGED, ACCESS_WRITE } from '../instrumented.ts';
import type { Machine } from '../machine.ts';
import type { Held } from './clocks.ts';
import type { Access } from './races.ts';

/** Of what KCSAN as it is usually configured passes over: plain writes count as atomic then. */
export const STRICT_ONLY =
  'KCSAN reports this only without ASSUME_PLAIN_WRITES_ATOMIC and REPORT_VALUE_CHANGE_ONLY';

export function report_race(machine: Machine, name: string, before: Access, now: Access): void {
  const pair = [before, now].sort((one, other) => (one.actor < other.actor ? -1 : 1));
  const actors = pair.map(({ actor }) => actor);
  const text = `BUG: KCSAN: data-race in ${actors.join(' / ')}`;
  machine.findings.report(machine.cpus[now.cpu]!, 'data-race', text, {
    actors: [...new Set(actors)],
    objects: [memoryOf(name)],
    places: [before, now].map(({ actor, line }) => ({ actor, line })),
    lines: [
      ...[now, before].flatMap((access) => described(machine, name, access)),
      ...(isUsuallyReported(before, now) ? [] : [STRICT_ONLY]),
    ],
  });
}

/** The ints of a buffer, `umsg+8`, are one object: a copy races on all of them at once. */
function memoryOf(name: string): string {
  return name.replace(/\+\d+$/, '');
}

function described(machine: Machine, name: string, access: Access): string[] {
  const { how, actor, line, cpu, pid, interrupt, held } = access;
  const type = (how & ACCESS_WRITE) === 0 ? 'read' : 'write';
  const marked = (how & ACCESS_MARKED) === 0 ? '' : ' (marked)';
  const by = interrupt ? 'interrupt' : `task ${pid}`;
  const locks = lockNames(machine, held);
  return [
    `${type}${marked} to ${name} by ${by} on cpu ${cpu}:`,
    ` ${actor}${line > 0 ? ` line ${line}` : ''}, holding ${locks.join(', ') || 'no lock'}`,
  ];
}

function lockNames(machine: Machine, list: Held | null): string[] {
  const names: string[] = [];
  for (let held = list; held !== null; held = held.next) {
    names.push(machine.texts.text(held.object) + (held.read ? ' (read)' : ''));
  }
  return names.reverse();
}

/** A plain read that may see another value or a torn one. */
function isUsuallyReported(one: Access, other: Access): boolean {
  return [
    [one, other],
    [other, one],
  ].some(([read, write]) => {
    const plainRead = (read!.how & (ACCESS_WRITE | ACCESS_MARKED)) === 0;
    return plainRead && (write!.how & ACCESS_WRITE) !== 0 && (write!.how & ACCESS_UNCHANGED) === 0;
  });
}
