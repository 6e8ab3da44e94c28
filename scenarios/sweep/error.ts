/*
 * What is wrong with the sweep that the command line asks for.
 */

/** There cannot be such a sweep, or such a merge of shards; the message says why. */
export class SweepError extends Error {
  override readonly name = 'SweepError';
}
