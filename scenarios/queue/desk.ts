/*
 * Where a worker does the units of one order: it makes what the order says anew, and keeps it for
 * the next unit.
 */
import { searcherOf } from '../explore/order.ts';
import { Performer } from '../sweep/performer.ts';
import { unpackOrder } from './unit.ts';

/** A unit is given back with what was done in this time, of the host's. */
const SPELL_MS = 1000;
/** So much goes through Redis easily. */
const ANSWER_BYTES = 100_000;

export interface Desk {
  /** The answers to the first of the numbers, one at least. */
  spell(numbers: readonly number[]): Promise<string[]>;
}

/** @param text the order */
export function deskFor(text: string): Desk {
  const work = unpackOrder(text);
  if (work.kind === 'sweep') {
    const performer = new Performer(work.order);
    return {
      spell: (numbers) => inOneSpell(numbers, (run) => performer.perform(run, () => false)),
    };
  }
  const searcher = searcherOf(work.order);
  return {
    spell: (numbers) => {
      searcher.forget();
      return inOneSpell(numbers, (number) => Promise.resolve(searcher.run(number)));
    },
  };
}

async function inOneSpell(
  numbers: readonly number[],
  answerTo: (number: number) => Promise<unknown>,
): Promise<string[]> {
  const answers: string[] = [];
  const end = performance.now() + SPELL_MS;
  let bytes = 0;
  for (const number of numbers) {
    const answer = JSON.stringify(await answerTo(number));
    answers.push(answer);
    bytes += answer.length;
    if (performance.now() >= end || bytes >= ANSWER_BYTES) break;
  }
  return answers;
}
