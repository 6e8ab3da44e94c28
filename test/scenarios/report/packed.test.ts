/*
 * What one side packs the other reads.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../../scenarios/report/format.ts';
import { Packer } from '../../../scenarios/report/packer.ts';
import { inflate, open } from '../../../scenarios/report/browser/unpack.ts';

const value = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.maxSafeInteger(),
  fc.constant(NaN),
  fc.constantFrom(63, 64, 8191, 8192, -64, 2 ** 53 - 1, -(2 ** 53 - 1)),
);

test('any numbers come out as they went in, missing ones too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 200 }), async (values) => {
      const packer = new Packer();
      const first = packer.numbers(values);
      const second = packer.numbers(values.slice().reverse());
      const bytes = await inflate(packer.text({ first, second }));
      const { header, unpacker } = open<{ first: Column; second: Column }>(bytes);
      expect([...unpacker.numbers(header.second)].reverse()).toEqual(values);
      expect([...unpacker.numbers(header.first)]).toEqual(values);
    }),
    { numRuns: 50 },
  );
});

test('numbers in order come out of their distances, and texts of their places', async () => {
  const packer = new Packer();
  const times = [0, 0, 5, 5, 1e9, 9e15];
  const header = { times: packer.distances(times), places: packer.numbers([0, 299, 7]) };
  const read = open<typeof header>(await inflate(packer.text({ ...header, name: 'ä' })));
  expect([...read.unpacker.distances(read.header.times)]).toEqual(times);
  expect([...read.unpacker.places(read.header.places, 300)]).toEqual([0, 299, 7]);
  expect(read.header).toMatchObject({ name: 'ä' });
});
