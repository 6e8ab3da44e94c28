/*
 * The gallery: what its pages show is what their commands leave. One page is made again; of the
 * others the sweeps are those that the present scenarios and commands stand for, by their hashes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findScenario } from '../cli/shipped.ts';
import { registry } from '../scenarios/registry.ts';
import { loadFile } from '../scenarios/load/index.ts';
import { sweepFolder } from '../scenarios/sweep/manifest.ts';
import { planOf } from '../scenarios/sweep/plan.ts';
import { lockstep } from './cli/harness.ts';
import { elementsOf } from './scenarios/charts/well-formed.ts';
import { temporaryFolder } from './scenarios/output/temporary-folder.ts';

// A script of the project, which is plain JavaScript.
const { withTables } = (await import('../scripts/gallery-tables.mjs' as string)) as {
  withTables(page: string, read: (name: string) => string): string;
};

const FOLDER = 'docs/gallery';
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const pages = readdirSync(FOLDER).filter((name) => name.endsWith('.md') && name !== 'README.md');

/** The commands of a page, without the program's name, as words. */
function commandsOf(page: string): string[][] {
  return [...page.matchAll(/```sh\n([^`]*)```/g)]
    .flatMap(([, block = '']) =>
      block
        .replaceAll(/\\\n\s*/g, '')
        .trimEnd()
        .split('\n'),
    )
    .map((line) => [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, inside]) => inside ?? word))
    .map(([, , ...words]) => words);
}

/** The values of a flag. */
function given(words: readonly string[], flag: string): string[] {
  return words.filter((_, i) => words[i - 1] === flag);
}

test('the index leads to each page, and each page is in it', () => {
  const linked = [...read('README.md').matchAll(/\]\((\w+\.md)\)/g)].map(([, name]) => name);
  expect(linked.sort()).toEqual([...pages].sort());
});

test('the commands of a page leave what it shows, byte for byte', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/gallery.mjs', 'channels'],
    { encoding: 'utf8' },
  );
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: 'same       channels\n' });
}, 120_000);

describe.each(pages)('%s', (name) => {
  const page = read(name);
  const commands = commandsOf(page);

  test('its sweeps are those of the present scenarios', () => {
    const sweeps = commands.filter(([verb]) => verb === 'sweep');
    expect(sweeps.length).toBeGreaterThan(0);
    for (const [, scenario = '', ...words] of sweeps) {
      const file = findScenario(scenario);
      const set = given(words, '--set');
      const result = loadFile(file, registry, set);
      if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
      const asked = { sweep: given(words, '--sweep'), seeds: given(words, '--seeds')[0] };
      const planned = planOf(file, readFileSync(file, 'utf8'), result.loaded, set, asked);
      if (!planned.ok) throw new Error(JSON.stringify(planned.diagnostics));
      const folder = `output/${scenario}/${sweepFolder(planned.plan.hash, { index: 1, of: 1 })}`;
      expect(page.split(folder).length).toBeGreaterThan(2);
    }
  });

  test('its commands are understood', async () => {
    for (const [verb = '', ...words] of commands.filter(([verb]) => verb === 'plot')) {
      // The folder is not there; all that is wrong with flags is told before that.
      const { err } = await lockstep([verb, ...words]);
      expect(err).toMatch(/^error: (there is no folder output|output\S* is not the folder)/);
    }
  });

  test('its tables are those of the files beside it', () => {
    expect(page).toContain('<!-- table of ');
    expect(withTables(page, read)).toBe(page);
  });

  test('its picture is there and well-formed, and says in words what it shows', () => {
    const [, picture = ''] = /!\[[^\]]+\]\((\w+\.svg)\)/.exec(page)!;
    const [, csv = ''] = /--csv (\S+)/.exec(page)!;
    expect(existsSync(join(FOLDER, csv))).toBe(true);
    const [svg, title, desc] = elementsOf(read(picture));
    expect(svg!.attributes).toMatchObject({ role: 'img', 'aria-label': title!.text });
    expect(desc!.text.length).toBeGreaterThan(20);
    expect(page.replaceAll("'\\''", "'")).toContain(`--title '${title!.text}'`);
  });

  test('the scenarios and pages that it links to are there', () => {
    for (const [, target = ''] of page.matchAll(/\]\(([^)#]+)\)/g)) {
      expect({ target, there: existsSync(join(FOLDER, target)) }).toEqual({ target, there: true });
    }
  });
});

test('the distribution shown in the guide to plots is the one that its commands draw', async () => {
  const guide = readFileSync('docs/plots.md', 'utf8');
  const [run, plot] = commandsOf(guide).slice(-2) as [string[], string[]];
  const out = temporaryFolder();
  expect((await lockstep([...run, '--out', join(out, 'output')])).exit).toBe(0);
  const words = plot.map((word) => word.replace(/^output\//, `${out}/output/`));
  const picture = join(out, 'plot.svg');
  expect(await lockstep([...words, '--out', picture])).toMatchObject({ exit: 0, err: '' });
  expect(readFileSync(picture, 'utf8')).toBe(read('distribution.svg'));
}, 60_000);
