/*
 * node scripts/gallery.mjs [--update] [PAGE ...]: runs the commands that the pages of docs/gallery/
 * show, in an empty folder, and compares what they print and the files they leave with the page and
 * the files beside it; with --update writes what came out. Ends with 1 where something differs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale, fail, install, root } from './bootstrap.mjs';

const gallery = path.join(root, 'docs', 'gallery');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean', default: false } },
});

/** A block of commands, and what they print. */
const SHOWN = /```sh\n([^`]*)```\n\n```text\n([^`]*)```/g;

try {
  await install();
  await buildIfStale();
  const pages = readdirSync(gallery)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => path.parse(name).name);
  const unknown = positionals.find((name) => !pages.includes(name));
  if (unknown !== undefined) throw new Error(`docs/gallery/ has no page '${unknown}'`);
  const chosen = pages.filter((name) => positionals.length === 0 || positionals.includes(name));
  const { withTables } = await import('./gallery-tables.mjs');
  process.exitCode = chosen.map((name) => remade(name, withTables)).every(Boolean) ? 0 : 1;
} catch (error) {
  fail(error);
}

/** Runs the commands of a page; true if all is as it stands there, or has been written. */
function remade(name, withTables) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-gallery-'));
  try {
    const file = path.join(gallery, `${name}.md`);
    const page = readFileSync(file, 'utf8');
    const told = page.replaceAll(SHOWN, (_all, commands) => {
      const { said, asked } = performed(commands, folder);
      return `\`\`\`sh\n${asked}\`\`\`\n\n\`\`\`text\n${said}\`\`\``;
    });
    const now = withTables(told, (made) => readFileSync(path.join(folder, made), 'utf8'));
    const different = now === page ? [] : [`${name}.md`];
    if (values.update) writeFileSync(file, now);
    for (const made of readdirSync(folder).filter((one) => /\.(svg|csv)$/.test(one))) {
      const bytes = readFileSync(path.join(folder, made));
      if (!bytes.equals(before(path.join(gallery, made)))) different.push(made);
      if (values.update) writeFileSync(path.join(gallery, made), bytes);
    }
    const outcome = different.length === 0 ? 'same' : values.update ? 'written' : 'DIFFERENT';
    console.log(`${outcome.padEnd(10)} ${[name, ...different].join('  ')}`);
    return different.length === 0 || values.update;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function before(file) {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Runs the commands of a block: what they say, and themselves with the folders there are now. */
function performed(commands, folder) {
  const said = [];
  let asked = commands;
  const count = linesOf(commands).length;
  for (let i = 0; i < count; i++) {
    said.push(printed(linesOf(asked)[i], folder));
    const [, path, hash] = /^results {2}(output\/.+\/sweep-)(\w+)$/m.exec(said[i]) ?? [];
    if (path !== undefined) asked = asked.replaceAll(new RegExp(`${path}\\w+`, 'g'), path + hash);
  }
  return { said: said.join('\n'), asked };
}

function linesOf(commands) {
  return commands
    .replaceAll(/\\\n\s*/g, '')
    .trimEnd()
    .split('\n');
}

function printed(line, folder) {
  const [tool, verb, ...words] = wordsOf(line);
  if (tool !== 'npx' || verb !== 'lockstep') throw new Error(`not a command of ours: ${line}`);
  const program = path.join(root, 'dist', 'cli', 'lockstep.js');
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, LANG: 'C.UTF-8' } };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], options);
  if (status !== 0) throw new Error(`${line}\nended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** The words of a command line, as a shell takes them. */
function wordsOf(line) {
  return [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
}
