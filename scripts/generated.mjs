/*
 * node scripts/generated.mjs: writes what follows from the code and the recordings, the reference
 * pages of docs/ and the JSON Schema of scenario files. A test compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildIfStale, fail, install, root } from './bootstrap.mjs';

try {
  await install();
  await buildIfStale();
  const { leftOutOf, readRecords } = await import('../dist/scenarios/conformance/run.js');
  const { recordingsIn } = await import('../dist/scenarios/conformance/words.js');
  const { generatedFiles } = await import('../dist/scenarios/reference.js');
  const { registry } = await import('../dist/scenarios/registry.js');
  const recorded = [path.join(root, 'test/conformance')];
  const records = readRecords(recorded);
  const files = generatedFiles(registry, {
    recordings: records.flatMap((json) => recordingsIn(json, registry.ops)),
    leftOut: leftOutOf(recorded),
    fidelity: readFileSync(path.join(root, 'docs/fidelity.md'), 'utf8'),
  });
  for (const [file, text] of files) writeFileSync(path.join(root, file), text);
} catch (error) {
  fail(error);
}
