/* node scripts/schema.mjs: writes scenarios/schema.json as the loader of this clone defines it. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildIfStale, fail, install, root } from './bootstrap.mjs';

try {
  await install();
  await buildIfStale();
  const cli = path.join(root, 'dist', 'cli', 'lockstep.js');
  const schema = execFileSync(process.execPath, [cli, 'schema'], { encoding: 'utf8' });
  JSON.parse(schema);
  writeFileSync(path.join(root, 'scenarios', 'schema.json'), schema);
} catch (error) {
  fail(error);
}
