import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { leftOutOf, readRecords } from '../../scenarios/conformance/run.ts';
import { recordingsIn } from '../../scenarios/conformance/words.ts';
import { generatedFiles } from '../../scenarios/reference.ts';
import { registry } from '../../scenarios/registry.ts';

const fidelity = readFileSync('docs/fidelity.md', 'utf8');
const leftOut = leftOutOf(['test/conformance']);
const recordings = readRecords(['test/conformance']).flatMap((json) =>
  recordingsIn(json, registry.ops),
);

test.each([...generatedFiles(registry, { recordings, leftOut, fidelity })])(
  '%s is what the code says (npm run generated)',
  (file, text) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);

test('one recording in a hundred is left out at most, and only real ones', () => {
  const names = new Set(recordings.map(({ name }) => name));
  const exceptions = Object.keys(leftOut);
  expect(exceptions.filter((name) => !names.has(name))).toEqual([]);
  expect(exceptions.length).toBeLessThanOrEqual(recordings.length / 100);
});
