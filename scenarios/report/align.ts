/*
 * Two lists side by side: what both have in the same order stands in one row, as much of it as
 * there can be.
 */

/** The indices of a row; -1 where one of the lists has nothing. */
export type Pair = readonly [number, number];

/** Longer lists are not compared by all that they could have in common. */
const CELLS_MAX = 30_000_000;

export function align(first: readonly string[], second: readonly string[]): Pair[] {
  let head = 0;
  while (head < first.length && head < second.length && first[head] === second[head]) head++;
  let tail = 0;
  const rest = Math.min(first.length, second.length) - head;
  while (tail < rest && first.at(-1 - tail) === second.at(-1 - tail)) tail++;
  const middle = aligned(
    first.slice(head, first.length - tail),
    second.slice(head, second.length - tail),
  );
  return [
    ...Array.from({ length: head }, (_, i): Pair => [i, i]),
    ...middle.map(([a, b]): Pair => [a < 0 ? a : a + head, b < 0 ? b : b + head]),
    ...Array.from({ length: tail }, (_, i): Pair => [
      first.length - tail + i,
      second.length - tail + i,
    ]),
  ];
}

/** By the longest common subsequence. */
function aligned(first: readonly string[], second: readonly string[]): Pair[] {
  const [n, m] = [first.length, second.length];
  const onlyFirst = first.map((_, i): Pair => [i, -1]);
  const onlySecond = second.map((_, i): Pair => [-1, i]);
  if (n * m > CELLS_MAX) return interleaved(onlyFirst, onlySecond);
  if (n * m === 0) return [...onlyFirst, ...onlySecond];
  const width = m + 1;
  const common = new Uint16Array((n + 1) * width);
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      const skip = Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
      const both = first[i] === second[j] ? common[(i + 1) * width + j + 1]! + 1 : 0;
      common[i * width + j] = Math.max(skip, both);
    }
  }
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < n && j < m) {
    if (first[i] === second[j]) pairs.push([i++, j++]);
    else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) pairs.push([i++, -1]);
    else pairs.push([-1, j++]);
  }
  return [...pairs, ...onlyFirst.slice(i), ...onlySecond.slice(j)];
}

/** One of each, as long as there are. */
function interleaved(first: readonly Pair[], second: readonly Pair[]): Pair[] {
  const longer = Math.max(first.length, second.length);
  return Array.from({ length: longer }, (_, i) => [first[i], second[i]])
    .flat()
    .filter((pair) => pair !== undefined);
}
