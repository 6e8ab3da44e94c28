/*
 * node scripts/runtimes.mjs [--runtimes node@20,bun,...] [--seed N] [SCENARIO.yaml ...]
 *
 * Runs scenarios (all of scenarios/article by default) under several JavaScript runtimes, fetched
 * as npm packages into a cache in the temporary folder, and compares the bytes of every CSV file
 * they write. Without names it also searches some of scenarios/bugs everywhere, and replays
 * everywhere the schedule that the first runtime found. Each runtime gets another time zone and
 * language, which must not show. Ends with 1 on any difference, when fewer than two runtimes were
 * there to compare and, where CI=true, when any of those asked for could not be fetched.
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
/** Bugs of one CPU and of several, of interrupts, works and sleepers. */
const BUGS = ['spin-vs-hardirq', 'cycle3-mutex', 'work-requeued-after-cancel', 'treiber-aba'];
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
  const bugs = positionals.length > 0 ? [] : BUGS;
  const all = scenarios.length + 2 * bugs.length;
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
    const seed = options.seed === undefined ? [] : ['--seed', options.seed];
    for (const scenario of scenarios) {
      if (agree(['run', scenario, ...seed], 'trace.csv', runtimes, out).same) same++;
    }
    for (const bug of bugs) {
      const searched = agree(['explore', bug], 'findings.csv', runtimes, out);
      if (searched.same) same++;
      const replay = ['replay', bug, lastSchedule(searched.folder)];
      if (agree(replay, 'trace.csv', runtimes, out).same) same++;
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  const names = runtimes.map(({ label }) => label).join(', ');
  console.log(`${same} of ${all} commands give the same bytes under ${names}`);
  if (missing > 0) console.log(`${missing} runtime(s) could not be fetched and were not compared`);
  if (runtimes.length < 2) console.log('fewer than two runtimes: nothing was compared');
  const complete = missing === 0 || process.env.CI !== 'true';
  return complete && runtimes.length > 1 && same === all;
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

/** Gives one command everywhere, prints a row for each runtime, tells whether all are the same. */
function agree(argv, telling, runtimes, out) {
  console.log(argv.map((word) => word.replace(`${root}${path.sep}`, '')).join(' '));
  const results = new Set();
  const folders = [];
  for (const runtime of runtimes) {
    const folder = mkdtempSync(path.join(out, 'run-'));
    folders.push(folder);
    const { exit, digests } = outcome(argv, runtime, folder);
    results.add(JSON.stringify({ exit, digests }));
    const told = Object.entries(digests).find(([file]) => path.basename(file) === telling);
    const shown = told?.[1] ?? 'IS NOT THERE';
    console.log(`  ${runtime.label.padEnd(14)} exit ${exit}  ${telling} ${shown}`);
    if (told === undefined) results.add(`no ${telling} under ${runtime.label}`);
  }
  if (results.size > 1) console.log('  DIFFERENT');
  return { same: results.size === 1, folder: folders[0] };
}

/** The schedule of the last finding of a search. */
function lastSchedule(folder) {
  const files = readdirSync(folder, { recursive: true });
  const findings = files.find((file) => path.basename(file) === 'findings.csv');
  const text = readFileSync(path.join(folder, findings), 'utf8');
  return [...text.matchAll(/,(ls1\.[\w.-]+),/g)].at(-1)[1];
}

/** Exit code and digest of each CSV file of one command. */
function outcome(argv, { command, env }, folder) {
  const cli = path.join(root, 'dist', 'cli', 'lockstep.js');
  const args = [...command.slice(1), cli, ...argv, '--out', folder];
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
