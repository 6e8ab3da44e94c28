import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handOut } from '../../../scenarios/queue/hand-out.ts';

test('each number is answered once, whatever part of a unit comes back and when', async () => {
  const sizes = fc.record({ count: fc.nat(300), pieces: fc.integer({ min: 1, max: 40 }) });
  await fc.assert(
    fc.asyncProperty(sizes, fc.infiniteStream(fc.nat(3)), async ({ count, pieces }, draw) => {
      const ask = async (numbers: readonly number[]): Promise<string[]> => {
        const { value } = draw.next() as { value: number };
        if (value > 1) await pause(value % 2);
        return numbers.slice(0, 1 + value * 3).map((number) => `answer ${number}`);
      };
      const kept: [number, string][] = [];
      const numbers = Array.from({ length: count }, (_, i) => i + 5);
      await handOut({ ask }, numbers.values(), count, pieces, (number, answer) => {
        kept.push([number, answer]);
      });
      const sorted = kept.sort(([a], [b]) => a - b);
      expect(sorted).toEqual(numbers.map((number) => [number, `answer ${number}`]));
    }),
    { numRuns: 50 },
  );
});

test('long runs are spread: of a unit that comes back each number is asked for alone', async () => {
  const units: (readonly number[])[] = [];
  const ask = (numbers: readonly number[]): Promise<string[]> => {
    units.push(numbers);
    return Promise.resolve([`${numbers[0]}`]);
  };
  await handOut({ ask }, [1, 2, 3, 4].values(), 4, 1, () => {});
  expect(units).toEqual([[1, 2, 3, 4], [2], [3], [4]]);
});
