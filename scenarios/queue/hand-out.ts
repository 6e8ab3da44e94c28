/*
 * Gives numbers out in units. What a worker has not done at the end of its spell comes back, and
 * goes out again one by one, so that long runs are spread over all who work.
 */
import type { Errands } from './errands.ts';

const UNIT_MAX = 64;

/**
 * @param count how many they are
 * @param pieces units under way at a time: several for each worker that there may be
 */
export async function handOut(
  errands: Pick<Errands, 'ask'>,
  numbers: Iterator<number, undefined>,
  count: number,
  pieces: number,
  keep: (number: number, answer: string) => void,
): Promise<void> {
  const size = Math.max(1, Math.min(UNIT_MAX, Math.ceil(count / pieces)));
  const ask = async (unit: readonly number[]): Promise<void> => {
    const answers = await errands.ask(unit);
    for (const [i, answer] of answers.entries()) keep(unit[i]!, answer);
    await Promise.all(unit.slice(answers.length).map((number) => ask([number])));
  };
  const some = async (): Promise<void> => {
    for (let unit = take(numbers, size); unit.length > 0; unit = take(numbers, size)) {
      await ask(unit);
    }
  };
  await Promise.all(Array.from({ length: pieces }, some));
}

function take(numbers: Iterator<number, undefined>, size: number): number[] {
  const taken: number[] = [];
  while (taken.length < size) {
    const { value, done } = numbers.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}
