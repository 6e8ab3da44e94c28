/*
 * Searching in what is in order.
 */

/** The first index from `low` whose value is not less than `value`. */
export function firstFrom(values: ArrayLike<number>, value: number, low = 0): number {
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index from `low` whose value is greater than `value`. */
export function firstAfter(values: ArrayLike<number>, value: number, low = 0): number {
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** As `firstFrom`, where the answer is likely to be near `low`. */
export function nextFrom(values: ArrayLike<number>, value: number, low: number): number {
  let step = 1;
  let at = low;
  while (at < values.length && values[at]! < value) {
    low = at + 1;
    at += step;
    step *= 2;
  }
  let high = Math.min(at, values.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
