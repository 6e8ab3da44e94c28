import { expect, test } from 'vitest';
import { LockUse } from '../../../scenarios/export/lock-use.ts';
import { emptyRow } from '../../../scenarios/analysis/trace-row.ts';

type Step = readonly [timeNs: number, actor: string, event: string, lock: string, value?: number];

/** What a lock's listener hears of some rows, and of the end. */
function heard(steps: readonly Step[]): string[] {
  const lines: string[] = [];
  const locks = new LockUse({
    held: (lock, { actor, sinceNs, reads }, toNs) =>
      lines.push(`${actor} ${reads ? 'reads' : 'holds'} ${lock} ${sinceNs}..${toNs ?? ''}`),
    waited: (lock, { actor, sinceNs, holder }, toNs) =>
      lines.push(`${actor} waits for ${lock} of ${holder || 'nobody'} ${sinceNs}..${toNs ?? ''}`),
  });
  for (const [timeNs, actor, event, object, value = NaN] of steps) {
    locks.see({ ...emptyRow(), timeNs, event: `lock_${event}`, object, value }, actor);
  }
  locks.end();
  return lines;
}

test('a hold without contention begins with the request', () => {
  expect(heard([[10, 'a', 'acquire', 'l', 0]])).toEqual(['a holds l 10..']);
  expect(
    heard([
      [10, 'a', 'acquire', 'l', 0],
      [25, 'a', 'release', 'l', 14],
    ]),
  ).toEqual(['a holds l 11..25']);
});

test('who waits is told whom for, and holds when it has got it', () => {
  expect(
    heard([
      [10, 'a', 'acquire', 'l', 0],
      [20, 'b', 'acquire', 'l', 0],
      [20, 'b', 'contended', 'l'],
      [30, 'a', 'release', 'l', 20],
      [30, 'b', 'acquired', 'l', 10],
    ]),
  ).toEqual(['a holds l 10..30', 'b waits for l of a 20..30', 'b holds l 30..']);
});

test('a wait in vain ends without a hold', () => {
  expect(
    heard([
      [10, 'a', 'acquire', 'l', 0],
      [20, 'b', 'acquire', 'l', 0],
      [20, 'b', 'contended', 'l'],
      [30, 'b', 'release', 'l'],
    ]),
  ).toEqual(['b waits for l of a 20..30', 'a holds l 10..']);
});

test('who finds a lock free when it comes to look has not waited', () => {
  expect(
    heard([
      [10, 'a', 'acquire', 'l', 0],
      [20, 'b', 'acquire', 'l', 0],
      [30, 'a', 'release', 'l', 20],
      [40, 'b', 'acquire', 'm', 0],
    ]),
  ).toEqual(['a holds l 10..30', 'b holds l 20..', 'b holds m 40..']);
});

test('readers hold together; a writer that waits keeps further ones from it', () => {
  expect(
    heard([
      [10, 'a', 'acquire', 'rw', 2],
      [12, 'b', 'acquire', 'rw', 2],
      [14, 'w', 'acquire', 'rw', 0],
      [14, 'w', 'contended', 'rw'],
      [16, 'c', 'acquire', 'rw', 2],
      [16, 'c', 'contended', 'rw'],
    ]),
  ).toEqual([
    'a reads rw 10..',
    'b reads rw 12..',
    'w waits for rw of a 14..',
    'c waits for rw of a 16..',
  ]);
});

test('a semaphore that another releases was held by who took it', () => {
  expect(
    heard([
      [10, 'a', 'acquire', 's', 1],
      [30, 'irq', 'release', 's', 20],
    ]),
  ).toEqual(['a holds s 10..30']);
});

test('a wait whose end shows under an interrupt is the waiter\u2019s', () => {
  expect(
    heard([
      [10, 'a', 'acquire', 'l', 0],
      [20, 'b', 'acquire', 'l', 0],
      [20, 'b', 'contended', 'l'],
      [30, 'a', 'release', 'l', 20],
      [30, 'timer/hardirq/1', 'acquired', 'l', 10],
    ]),
  ).toEqual(['a holds l 10..30', 'b waits for l of a 20..30', 'b holds l 30..']);
});
