/*
 * Makes a clone ready to run: installs the packages and builds dist/, each only when it must.
 *
 * Whether to install is read from the account that npm itself leaves in node_modules; whether to
 * build, from a digest of the sources kept in dist/ (file times lie after a checkout). Everything
 * is said on stderr, so that stdout belongs to the program that runs afterwards.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const SOURCE_FOLDERS = ['engine', 'models', 'scenarios', 'cli'];
/** What runs in the browser is a project of its own, which knows the browser's types. */
const BROWSER = 'scenarios/report/browser/tsconfig.json';
const BUILD_SETTINGS = ['tsconfig.json', 'tsconfig.build.json', BROWSER, 'package-lock.json'];
const LOCK = path.join(root, 'package-lock.json');
const INSTALLED = path.join(root, 'node_modules', '.package-lock.json');
const STAMP = path.join(root, 'dist', '.sources');

export function say(text) {
  process.stderr.write(`lockstep: ${text}\n`);
}

/**
 * Runs a program to its end, its output on our stderr. An interrupt ends both at once: npm would
 * take many seconds to undo what the next start does over anyway.
 * @throws Error if the program fails.
 */
export function run([program, ...args], options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
    const interrupt = (signal) => {
      child.kill('SIGKILL');
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      if (code === 0) resolve();
      else reject(new Error(`${[program, ...args].join(' ')} ended with ${signal ?? code}`));
    });
  });
}

/** The words that call npm: the one that runs us, if it does, and never through a shell. */
export function npm(...args) {
  const running = process.env.npm_execpath;
  if (running?.endsWith('npm-cli.js')) return [process.execPath, running, ...args];
  if (process.platform !== 'win32') return ['npm', ...args];
  const home = path.dirname(process.execPath);
  return [process.execPath, path.join(home, 'node_modules', 'npm', 'bin', 'npm-cli.js'), ...args];
}

/** Installs the packages of package-lock.json unless they are there. */
export async function install() {
  requireNode();
  if (isInstalled()) return;
  say('installing the packages (npm ci) ...');
  rmSync(INSTALLED, { force: true }); // so that an installation cut short does not count
  // The development packages are wanted even under NODE_ENV=production; one of them that is
  // particular about the version of Node must not keep a user from running the program.
  await run(npm('ci', '--include=dev', '--no-engine-strict', '--loglevel=error'));
}

/** Builds dist/ if it was not built from the present sources. */
export async function buildIfStale() {
  const built = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  if (built !== digestOfSources()) await build();
}

/** Builds dist/ from nothing. The stamp comes last: a build cut short does not count. */
export async function build() {
  const digest = digestOfSources();
  say('building dist/ ...');
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await run([process.execPath, tsc, '-p', 'tsconfig.build.json']);
  await run([process.execPath, tsc, '-p', BROWSER]);
  writeFileSync(STAMP, digest);
}

/** Reports what went wrong in one line and ends with code 1. */
export function fail(error) {
  say(error.message);
  process.exit(1);
}

function requireNode() {
  const { engines } = readJson(path.join(root, 'package.json'));
  const [major, minor] = engines.node.match(/\d+/g).map(Number);
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return;
  throw new Error(`Node ${engines.node} is needed, this is ${process.version}`);
}

function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const present = readJson(INSTALLED).packages;
  return Object.entries(readJson(LOCK).packages).every(([place, wanted]) => {
    const mayBeAbsent = place === '' || wanted.optional === true || wanted.devOptional === true;
    return mayBeAbsent || present[place]?.version === wanted.version;
  });
}

function digestOfSources() {
  const hash = createHash('sha256');
  for (const file of [...SOURCE_FOLDERS.flatMap(sourcesIn), ...BUILD_SETTINGS]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function sourcesIn(folder) {
  const full = path.join(root, folder);
  if (!existsSync(full)) return [];
  const files = readdirSync(full, { recursive: true }).filter((file) => file.endsWith('.ts'));
  return files.sort().map((file) => path.join(folder, file));
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
