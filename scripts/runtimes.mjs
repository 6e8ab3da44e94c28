/*
 * node scripts/runtimes.mjs [--runtimes node@20,bun,...] [--seed N] [SCENARIO.yaml ...]
 *
 * Runs scenarios (all of scenarios/article by default) under several JavaScript runtimes, fetched
 * as npm packages into a cache in the temporary folder, and compares the bytes of every CSV file
 * they write. Each runtime gets another time zone and language, which must not show. Ends with 1 on
 * any difference, when fewer than two runtimes were there to compare and, where CI=true, when any
 * of those asked for could not be fetched.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale, fail, install, npm, root, run, say } from './bootstrap.mjs';

const EXE = process.platform === 'win32' ? '.exe' : '';
/** How to call each runtime from the folder its npm package was installed in. */
const COMMANDS = {
  node: (modules) => [path.join(modules, 'node', 'bin', `node${EXE}`)],
  bun: (modules) => [path.join(modules, 'bun', 'bin', 'bun.exe')],
  deno: (modules) => [path.join(modules, 'deno', `deno${EXE}`)],
};
const RUN_FLAGS = { node: [], bun: [], deno: ['run', '--allow-all'] };
const PLACES = [
  { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' },
  { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8' },
  { TZ: 'Asia/Kathmandu', LC_ALL: 'C' },
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtimes: { type: 'string', default: 'node@20,node@22,node@24,node@26,bun,deno' },
    seed: { type: 'string' },
  },
});

try {
  await install();
  await buildIfStale();
  process.exitCode = (await compare()) ? 0 : 1;
} catch (error) {
  fail(error);
}

async function compare() {
  const scenarios = positionals.length > 0 ? positionals : articleScenarios();
  const runtimes = [];
  let missing = 0;
  for (const [index, spec] of options.runtimes.split(',').entries()) {
    const runtime = await fetched(spec.trim(), PLACES[index % PLACES.length]);
    if (runtime !== undefined) runtimes.push(runtime);
    else missing++;
  }
  const out = mkdtempSync(path.join(tmpdir(), 'lockstep-runs-'));
  let same = 0;
  try {
    for (const scenario of scenarios) if (agree(scenario, runtimes, out)) same++;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  const names = runtimes.map(({ label }) => label).join(', ');
  console.log(`${same} of ${scenarios.length} scenarios give the same bytes under ${names}`);
  if (missing > 0) console.log(`${missing} runtime(s) could not be fetched and were not compared`);
  if (runtimes.length < 2) console.log('fewer than two runtimes: nothing was compared');
  const complete = missing === 0 || process.env.CI !== 'true';
  return complete && runtimes.length > 1 && scenarios.length > 0 && same === scenarios.length;
}

function articleScenarios() {
  const folder = path.join(root, 'scenarios', 'article');
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return files.sort().map((file) => path.join(folder, file));
}

/** The runtime that an npm package (`node@22`, `bun`) holds, undefined if it cannot be had. */
async function fetched(spec, place) {
  const kind = spec.split('@')[0];
  if (!Object.hasOwn(COMMANDS, kind)) {
    throw new Error(
      `--runtimes knows ${Object.keys(COMMANDS).join(', ')} (with @version): ${spec}`,
    );
  }
  const cache = path.join(tmpdir(), 'lockstep-runtimes', spec);
  const command = COMMANDS[kind](path.join(cache, 'node_modules'));
  try {
    if (versionOf(command) === undefined) {
      say(`fetching ${spec} ...`);
      rmSync(cache, { recursive: true, force: true });
      mkdirSync(cache, { recursive: true });
      const manifest = { private: true, allowScripts: { [kind]: true } };
      writeFileSync(path.join(cache, 'package.json'), JSON.stringify(manifest));
      await run(npm('install', '--loglevel=error', '--no-audit', '--no-fund', spec), {
        cwd: cache,
      });
    }
    const version = versionOf(command);
    if (version === undefined) throw new Error(`${command[0]} does not run`);
    const env = { ...process.env, ...place };
    return { label: `${kind} ${version}`, command: [...command, ...RUN_FLAGS[kind]], env };
  } catch (error) {
    console.log(`${spec} COULD NOT BE FETCHED: ${error.message}`);
    return undefined;
  }
}

function versionOf([program]) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

/** Runs one scenario everywhere, prints a row for each runtime, tells whether all are the same. */
function agree(scenario, runtimes, out) {
  console.log(path.relative(root, path.resolve(scenario)));
  const results = new Set();
  for (const runtime of runtimes) {
    const folder = mkdtempSync(path.join(out, 'run-'));
    const { exit, digests } = outcome(scenario, runtime, folder);
    results.add(JSON.stringify({ exit, digests }));
    const trace = Object.entries(digests).find(([file]) => path.basename(file) === 'trace.csv');
    const shown = trace?.[1] ?? 'NO TRACE';
    console.log(`  ${runtime.label.padEnd(14)} exit ${exit}  trace.csv ${shown}`);
    if (trace === undefined) results.add(`no trace under ${runtime.label}`);
  }
  if (results.size > 1) console.log('  DIFFERENT');
  return results.size === 1;
}

/** Exit code and digest of each CSV file of one run. */
function outcome(scenario, { command, env }, folder) {
  const cli = path.join(root, 'dist', 'cli', 'lockstep.js');
  const seed = options.seed === undefined ? [] : ['--seed', options.seed];
  const args = [...command.slice(1), cli, 'run', scenario, '--out', folder, ...seed];
  const { status, stderr, error } = spawnSync(command[0], args, { env, encoding: 'utf8' });
  const digests = {};
  for (const file of readdirSync(folder, { recursive: true }).sort()) {
    if (file.endsWith('.csv')) digests[file] = sha256(path.join(folder, file));
    if (file.endsWith('run.json')) requireRecorded(path.join(folder, file));
  }
  if (Object.keys(digests).length === 0) console.log(error?.message ?? stderr);
  return { exit: status, digests };
}

/** The digest that a run records in run.json must be that of the trace on the disk. */
function requireRecorded(runJson) {
  const digest = sha256(path.join(path.dirname(runJson), 'trace.csv'));
  if (readFileSync(runJson, 'utf8').includes(digest)) return;
  throw new Error(`${runJson} does not record ${digest}, the digest of the trace.csv beside it`);
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
