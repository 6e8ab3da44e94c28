/*
 * node scripts/reference.mjs [--update] [SCENARIO ...]: runs the shipped scenarios (or those named)
 * and compares with output/reference/; with --update writes what is there now. The overrides that
 * keep a long scenario short stand in its file, and stay. Ends with 1 where something differs.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale, fail, install, root } from './bootstrap.mjs';

const folder = path.join(root, 'output', 'reference');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean', default: false } },
});

try {
  await install();
  await buildIfStale();
  const { scenarioFiles } = await import('../dist/cli/shipped.js');
  const shipped = scenarioFiles(path.join(root, 'scenarios'));
  const chosen = shipped.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const known = new Set(shipped.map(({ name }) => name));
  const unknown = positionals.find((name) => !known.has(name));
  if (unknown !== undefined) throw new Error(`there is no shipped scenario '${unknown}'`);
  mkdirSync(folder, { recursive: true });
  const same = await Promise.all(chosen.map(refer));
  const orphans = readdirSync(folder).filter((file) => !known.has(path.parse(file).name));
  for (const orphan of orphans) forget(orphan);
  process.exitCode = same.every(Boolean) && (values.update || orphans.length === 0) ? 0 : 1;
} catch (error) {
  fail(error);
}

/** Runs one scenario; true if it is what its file says, or the file now says what it is. */
async function refer({ name, path: scenario }) {
  const { formatReference, makeReference } = await import('../dist/scenarios/output/reference.js');
  const file = path.join(folder, `${name}.json`);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const overrides = before === '' ? [] : JSON.parse(before).overrides;
  const now = formatReference(makeReference(scenario, overrides));
  const verdict = now === before ? 'same' : before === '' ? 'new' : 'DIFFERENT';
  console.log(`${verdict.padEnd(10)} ${name}`);
  if (values.update && now !== before) writeFileSync(file, now);
  return values.update || now === before;
}

/** A file whose scenario is gone. */
function forget(orphan) {
  console.log(`${'GONE'.padEnd(10)} ${orphan}`);
  if (values.update) rmSync(path.join(folder, orphan));
}
