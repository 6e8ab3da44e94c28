/** Records as numbers, in columns, until there are enough to format together. */
export const BATCH_ROWS = 512;

/** Ids, processors and flags are 32-bit; times, values and arguments are any number. */
export class Batch {
  readonly timeNs = new Float64Array(BATCH_ROWS);
  readonly cpu = new Int32Array(BATCH_ROWS);
  readonly context = new Int32Array(BATCH_ROWS);
  readonly pid = new Int32Array(BATCH_ROWS);
  readonly comm = new Int32Array(BATCH_ROWS);
  readonly flags = new Int32Array(BATCH_ROWS);
  readonly event = new Int32Array(BATCH_ROWS);
  readonly object = new Int32Array(BATCH_ROWS);
  readonly value = new Float64Array(BATCH_ROWS);
  readonly a = new Float64Array(BATCH_ROWS);
  readonly b = new Float64Array(BATCH_ROWS);
  readonly c = new Float64Array(BATCH_ROWS);
}
