/*
 * Flags that are times on the clock.
 */
import { duration } from '../scenarios/load/index.ts';
import { UsageError } from './failures.ts';

/** Milliseconds; without limit if the flag is not given. @throws UsageError */
export function hostTimeMs(flag: string, text: string | undefined): number {
  if (text === undefined) return Infinity;
  const { data, error } = duration.safeParse(text);
  if (error === undefined) return data / 1e6;
  throw new UsageError(`${flag} ${text}: expected a duration such as 10s`);
}
