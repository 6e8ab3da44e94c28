/** What detectors ask to be told of is what they look at: an event left out would go unseen. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../../models/checks/', import.meta.url);

/** Events that a file names in its lists of interest, and those that its code decides by. */
function eventsIn(file: string): { asked: Set<string>; decides: Set<string> } {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  const lists = /(?:new Interest\(\[|ORDERING: readonly number\[\] = \[)([^\]]*)\]/g;
  const asked = [...text.matchAll(lists)].flatMap(([, list]) => list!.match(/[A-Za-z_.]+/g) ?? []);
  const decided = /(?:case|event ===) ((?:EV|HOOK)\.\w+|[a-z]+_[a-z_]+)\b/g;
  return {
    asked: new Set(asked),
    decides: new Set([...text.matchAll(decided)].map(([, e]) => e!)),
  };
}

test.each([
  ['races.ts'],
  ['happens-before.ts'],
  ['lifetime.ts'],
  ['leaks.ts'],
  ['toctou.ts'],
  ['waits.ts'],
  ['hung-task.ts'],
  ['lockdep/lockdep.ts'],
])('%s asks for every event by which it decides, and for no other', (file) => {
  const { asked, decides } = eventsIn(file);
  // What orders is listed once, a context switch with it.
  if (asked.delete('...ORDERING')) decides.delete('EV.sched_switch');
  expect(decides.size).toBeGreaterThan(1);
  expect(asked).toEqual(decides);
});
