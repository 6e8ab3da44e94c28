/*
 * Two lists of lines side by side, with a mark where they first differ.
 */

/** Lines shown before the first difference, and after it. */
const BEFORE = 12;
const AFTER = 12;

export interface Sides {
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

/** `divergence` is the index of the first line that differs. */
export function sideBySide({ expected, actual }: Sides, divergence: number): string {
  const from = Math.max(0, divergence - BEFORE);
  const to = Math.min(Math.max(expected.length, actual.length), divergence + AFTER);
  const shown = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  const left = shown.map((i) => expected[i] ?? '(nothing)');
  const width = Math.max('expected'.length, ...left.map(({ length }) => length));
  const row = (mark: string, one: string, other: string): string =>
    `  ${mark} ${one.padEnd(width)} | ${other}`.trimEnd();
  return [
    row(' ', 'expected', 'actual'),
    ...(from > 0 ? [row(' ', `(${from} equal)`, '')] : []),
    ...shown.map((i, at) => row(i === divergence ? '>' : ' ', left[at]!, actual[i] ?? '(nothing)')),
  ].join('\n');
}
