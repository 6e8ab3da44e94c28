/*
 * The outcome of a netlink experiment whose whole value is compared.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from './format.ts';

/** Passes if `run` gives one of the values that the kernel was seen to give. */
export function outcomeOf(name: string, accepted: readonly unknown[], run: () => unknown): Outcome {
  try {
    const actual = run();
    if (accepted.some((one) => isDeepStrictEqual(one, actual))) return { name, difference: null };
    const expected = accepted.map((one) => JSON.stringify(one)).join('\n        or   ');
    const difference = `    expected ${expected}\n    actual   ${JSON.stringify(actual)}`;
    return { name, difference };
  } catch (error) {
    return { name, difference: `  the model stopped: ${(error as Error).message}` };
  }
}
