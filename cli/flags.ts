/*
 * How the values of flags are read.
 */
import { InvalidArgumentError } from 'commander';
import type { Shard } from '../engine/index.ts';

/** A flag that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** A whole number from `least`. */
export function count(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least}.`);
  };
}

/** `2/3`: the second of three. */
export function shardOf(text: string): Shard {
  const match = /^(\d{1,7})\/(\d{1,7})$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match !== null && index >= 1 && index <= of) return { index, of };
  throw new InvalidArgumentError('Expected i/n with i from 1 to n, such as 2/3.');
}
