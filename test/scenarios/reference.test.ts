import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRecords } from '../../scenarios/conformance/run.ts';
import { recordingsIn } from '../../scenarios/conformance/words.ts';
import { exceptionsOf } from '../../scenarios/reference-fidelity.ts';
import { generatedFiles } from '../../scenarios/reference.ts';
import { registry } from '../../scenarios/registry.ts';

const fidelity = readFileSync('docs/fidelity.md', 'utf8');
const recordings = readRecords(['test/conformance']).flatMap((json) =>
  recordingsIn(json, registry.ops),
);

test.each([...generatedFiles(registry, { recordings, fidelity })])(
  '%s is what the code says (npm run generated)',
  (file, text) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);

test('the fidelity page leaves out one recording in a hundred at most, and only real ones', () => {
  const names = new Set(recordings.map(({ name }) => name));
  const exceptions = [...exceptionsOf(fidelity)];
  expect(exceptions.filter((name) => !names.has(name))).toEqual([]);
  expect(exceptions.length).toBeLessThanOrEqual(recordings.length / 100);
});
