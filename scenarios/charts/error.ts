/*
 * A chart that cannot be drawn, in words.
 */
import { nearest } from '../load/index.ts';

/** There is no such chart; the message says what there is. */
export class ChartError extends Error {
  override readonly name = 'ChartError';
}

const NAMES_MAX = 24;

/** Says that there is no such thing, which is the nearest and which there are. */
export function noSuch(what: string, got: string, among: readonly string[]): ChartError {
  const near = nearest(got, among);
  const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
  return new ChartError(`there is no ${what} '${got}'${hint}; ${thereAre(among)}`);
}

/** The names there are, or the first of them. */
export function thereAre(names: readonly string[]): string {
  if (names.length === 0) return 'there are none';
  const more = names.length - NAMES_MAX;
  const rest = more <= 0 ? '' : ` and ${more} more`;
  return `there are ${names.slice(0, NAMES_MAX).join(', ')}${rest}`;
}
