/*
 * node scripts/package-check.mjs: checks the package as its users get it. Packs it once, lets
 * publint and attw judge the tarball, installs it in an empty folder, runs the command and imports
 * each entry of `exports`.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fail, install, npm, root, run, say } from './bootstrap.mjs';

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

try {
  await install();
  // A space in the path, as on many a user's machine.
  const temporary = mkdtempSync(path.join(tmpdir(), 'lockstep package '));
  try {
    await check(temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
} catch (error) {
  fail(error);
}

async function check(temporary) {
  await run(npm('pack', '--loglevel=error', '--pack-destination', temporary));
  const tarball = path.join(temporary, readdirSync(temporary)[0]);
  await run(tool('publint/src/cli.js', 'run', tarball, '--strict'));
  await run(tool('@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only'));

  const home = path.join(temporary, 'a user');
  mkdirSync(home);
  writeFileSync(path.join(home, 'package.json'), '{ "private": true, "type": "module" }');
  await run(npm('install', '--loglevel=error', '--no-audit', '--no-fund', tarball, ...peers()), {
    cwd: home,
  });
  const lockstep = (verb) => output(npm('exec', '--no', '--', 'lockstep', verb), home);
  const version = lockstep('--version').trim();
  if (version !== manifest.version) {
    throw new Error(`lockstep --version says ${version}, package.json ${manifest.version}`);
  }
  if (lockstep('list').trim() === '') throw new Error('lockstep list shows no scenario');
  for (const entry of Object.keys(manifest.exports)) importFrom(home, entry);
  say(`${manifest.name} ${version} installs, runs and can be imported`);
}

/** What the optional entries need besides, as a user of theirs has it. */
function peers() {
  return Object.keys(manifest.peerDependencies).map(
    (name) => `${name}@${manifest.devDependencies[name]}`,
  );
}

/** Imports one entry of `exports` in a program of the user's, which must find something in it. */
function importFrom(home, entry) {
  const name = `${manifest.name}${entry.slice(1)}`;
  const attributes = entry.endsWith('.json') ? "with { type: 'json' }" : '';
  const file = path.join(home, 'program.js');
  const program = [
    `import * as all from '${name}' ${attributes};`,
    'console.log(Object.keys(all).length);',
  ];
  writeFileSync(file, program.join('\n'));
  const found = Number(output([process.execPath, '--no-warnings', file], home));
  if (!(found > 0)) throw new Error(`${name} exports nothing`);
}

function tool(file, ...args) {
  return [process.execPath, path.join(root, 'node_modules', file), ...args];
}

function output([program, ...args], cwd) {
  return execFileSync(program, args, { cwd, encoding: 'utf8' });
}
