/*
 * node scripts/generated.mjs: writes what follows from the code, the reference pages of docs/ and
 * the JSON Schema of scenario files. A test compares.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildIfStale, fail, install, root } from './bootstrap.mjs';

try {
  await install();
  await buildIfStale();
  const { generatedFiles } = await import('../dist/scenarios/reference.js');
  const { registry } = await import('../dist/scenarios/registry.js');
  for (const [file, text] of generatedFiles(registry)) writeFileSync(path.join(root, file), text);
} catch (error) {
  fail(error);
}
