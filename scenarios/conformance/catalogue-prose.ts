/*
 * Programs that the catalogue tells in prose: endless loops (`repeat`), a loop that backs off when
 * it does not get its second lock (`loop` ... `unlock-all on failure`, `retry`), a condition and
 * what depends on it in one line (`if $c == 0 sleep`), an actor that sleeps until somebody calls it
 * (`sleep`, `wake`).
 */
import type { CatalogueActor, CatalogueStep } from './catalogue-entry.ts';
import { lines } from './catalogue-names.ts';

const LOCKS = /^(\w+?)_(try)?lock(\w*)\s+(\S+)/;

export function isProse(step: string): boolean {
  return step === 'repeat' || step === 'loop';
}

/** The rest of an actor from `repeat` or `loop` on, as blocks. */
export function backOff(head: string, rest: readonly CatalogueStep[]): CatalogueStep[] {
  const end = rest.indexOf('retry');
  if (head === 'repeat' || end < 0) return [{ repeat: 'forever', do: rest }];
  const held: string[] = [];
  const body: CatalogueStep[] = [];
  for (const step of rest.slice(0, end)) {
    const [, kind, tries, variant = '', lock = ''] = LOCKS.exec(String(step)) ?? [];
    if (step === 'unlock-all on failure') {
      body.push({ if: '$got == 0', then: [...held.slice(0, -1)].reverse() });
    } else {
      body.push(tries === undefined ? step : `${String(step)} $got`);
      if (kind !== undefined) held.push(`${kind}_unlock${variant} ${lock}`);
    }
  }
  return ['$got = 0', { while: '$got == 0', do: body }, ...held.reverse(), ...rest.slice(end + 1)];
}

/** After it an expression goes on. */
export const OPERATOR = /[=<>!&|+\-*/%(]$/;

/** `if CONDITION STEP` as a block; `isWord` tells where the step begins. */
export function conditional(
  line: string,
  isWord: (word: string) => boolean,
): { readonly if: string; readonly then: readonly string[] } | null {
  const [head, ...tokens] = line.split(/\s+/);
  if (head !== 'if') return null;
  const begins = (token: string, i: number): boolean => isWord(token) || tokens[i + 1] === '=';
  const at = tokens.findIndex(
    (token, i) => i > 0 && begins(token, i) && !OPERATOR.test(tokens[i - 1]!),
  );
  if (at < 0) return null;
  return { if: tokens.slice(0, at).join(' '), then: [tokens.slice(at).join(' ')] };
}

/** Actors that sleep until they are called. */
export function sleepers(actors: readonly CatalogueActor[]): string[] {
  const sleeps = ({ steps }: CatalogueActor): boolean =>
    lines(steps).some((line) => /(?:^|\s)sleep$/.test(line));
  return actors.filter(sleeps).map(({ name }) => name);
}

/** What a call of that actor completes: one that comes early is not lost. */
export function callOf(actor: string): string {
  return `called_${actor}`;
}
