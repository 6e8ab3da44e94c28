/*
 * Starvation: others get a lock again and again that somebody has been waiting for all the time. A
 * fair lock lets a waiter be overtaken a few times at most, by whoever came at the same moment.
 */
import type { Context } from '../context.ts';
import type { Machine } from '../machine.ts';
import type { Wait } from './waits.ts';

/** So often may somebody who came later go first. */
const PATIENCE = 100;

export function note_overtaken(machine: Machine, wait: Wait, by: Context): void {
  wait.passed = machine.exploration?.picks ?? 0;
  wait.by = by;
  if (++wait.overtaken === PATIENCE) report_starving(machine, wait);
}

/** Who has waited, and was overtaken, since so many choices had been made. */
export function starvingSince(machine: Machine, start: number): Wait | null {
  for (const wait of machine.waits.waiting.values()) {
    if (wait.begun <= start && wait.passed > start) return wait;
  }
  return null;
}

export function report_starving(machine: Machine, wait: Wait): void {
  const { k, task, object, line, by, overtaken } = wait;
  const name = machine.texts.text(object);
  const who = `${k.actor}/${task.pid}`;
  const text = `starvation: ${who} waits for ${name} while others get it again and again`;
  machine.findings.report(k.cpu, 'starvation', text, {
    actors: [k.actor, ...(by === null ? [] : [by.actor])],
    objects: [name],
    places: [
      { actor: k.actor, line },
      ...(by === null ? [] : [{ actor: by.actor, line: by.line }]),
    ],
    lines: [`others that came later got it ${overtaken} times meanwhile`],
  });
}
