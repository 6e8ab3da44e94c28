/*
 * A run's choices as a short text: `0*412 1 0*7` is 412 zeros, a one and seven zeros.
 */

export function encodeChoices(choices: readonly number[]): string {
  const runs: string[] = [];
  for (let at = 0; at < choices.length;) {
    const choice = choices[at];
    let end = at + 1;
    while (choices[end] === choice) end++;
    runs.push(end - at === 1 ? `${choice}` : `${choice}*${end - at}`);
    at = end;
  }
  return runs.join(' ');
}

/** More choices than this in one text are taken for damage. */
const CHOICES_MAX = 100_000_000;

/** @throws Error if the text is not one that `encodeChoices` makes. */
export function decodeChoices(text: string): number[] {
  const choices: number[] = [];
  for (const run of text === '' ? [] : text.split(' ')) {
    const parts = /^(\d{1,9})(?:\*(\d{1,9}))?$/.exec(run);
    if (parts === null) throw new Error(`'${run}' is no choice`);
    const count = Number(parts[2] ?? 1);
    if (choices.length + count > CHOICES_MAX) throw new Error('there are too many choices');
    for (let i = 0; i < count; i++) choices.push(Number(parts[1]));
  }
  return choices;
}
