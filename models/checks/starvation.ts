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
  if (++wait.overtaken !== PATIENCE) return;
  const { k, task, object, line, since } = wait;
  const name = machine.texts.text(object);
  const waited = Math.floor((machine.sim.now - since) / 1000);
  const text = `starvation: ${k.actor}/${task.pid} has waited for ${name} for ${waited} us`;
  machine.findings.report(k.cpu, 'starvation', text, {
    actors: [k.actor, by.actor],
    objects: [name],
    places: [
      { actor: k.actor, line },
      { actor: by.actor, line: by.line },
    ],
    lines: [`others that came later got it ${PATIENCE} times meanwhile`],
  });
}
