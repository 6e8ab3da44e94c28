/*
 * Programs that the catalogue tells in prose: endless loops (`repeat`), and a loop that backs off
 * when it does not get its second lock (`loop` ... `unlock-all on failure`, `retry`).
 */
import type { CatalogueStep } from './catalogue-entry.ts';

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
