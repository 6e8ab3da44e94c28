/**
 * The nearest valid name for "did you mean": the Damerau-Levenshtein distance in its
 * restricted form (optimal string alignment), which counts a swap of neighbours as one edit.
 */
import { LIMITS } from './limits.ts';

/** Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/**
 * The candidate with the fewest edits from `got`, the first of equals; one that begins with
 * `got` when more than a third of the letters would have to change (but one letter may, in a
 * name of two or more); undefined when there is neither.
 */
export function nearest(got: string, candidates: Iterable<string>): string | undefined {
  if (got.length > LIMITS.nameLength) return undefined;
  let limit = got.length < 2 ? 0 : Math.max(1, Math.floor(got.length / 3));
  let best: string | undefined;
  let longer: string | undefined;
  let compared = 0;
  for (const candidate of candidates) {
    if (++compared > LIMITS.candidates) break;
    if (got.length > 2 && candidate.startsWith(got)) longer ??= candidate;
    if (Math.abs(candidate.length - got.length) > limit) continue;
    const distance = editDistance(got.toLowerCase(), candidate.toLowerCase());
    if (distance > limit) continue;
    best = candidate;
    limit = distance - 1;
    if (limit < 0) break;
  }
  return best ?? longer;
}
