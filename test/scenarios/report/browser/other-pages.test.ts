/*
 * The reports of an exploration, of the run of a schedule and of a sweep in a browser.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCsv } from '../../../../scenarios/report/csv.ts';
import { lockstep, write } from '../../../cli/harness.ts';
import { outside } from '../../../outside.ts';
import { faintTexts, structureOf } from './accessible.ts';
import { CHROMIUM, launched, opened, type Opened } from './chromium.ts';

const SWEPT = `name: swept
about: A thread sleeps; some of its runs fail.
kernel: linux-6.1
machine: { cpus: 1, hz: 100, preemption: none, costs: ideal }
until: 200ms
params: { rounds: 2 }
vars: { counter: 0 }
actors:
  device: { kind: irq, arrivals: { poisson: 10ms }, steps: [counter = counter + 1] }
  worker:
    steps: [{ repeat: $rounds, do: [msleep 10, log round] }]
metrics: { arrivals: { count: irq_handler_entry device } }
expect: { that: [arrivals >= 18] }
`;

let out = '';
let browser: Browser;

async function reportOf(folder: string, name: string): Promise<string> {
  const file = join(out, `${name}.html`);
  const made = await lockstep(['report', folder, '--out', file]);
  expect(made).toMatchObject({ exit: 0, err: '' });
  return file;
}

function checked({ said, requests }: Opened): void {
  expect(said).toEqual([]);
  expect(requests).toEqual([]);
}

describe.skipIf(!outside(CHROMIUM))('reports of', () => {
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'lockstep-report-'));
    browser = await launched();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    rmSync(out, { recursive: true });
  });

  test('an exploration show the schedule found beside one that passes', async () => {
    const made = await lockstep(['explore', 'sleep-on-lost-wakeup', '--quiet', '--out', out]);
    const folder = /^results {2}(\S+)/.exec(made.out)![1]!;
    const open = await opened(browser, await reportOf(folder, 'explored'));
    const { page } = open;
    const rows = await page.$$eval('.pair tbody tr', (lines) =>
      lines.map((line) =>
        [...line.querySelectorAll('code, .between, .wrong')].map((one) => one.textContent),
      ),
    );
    expect(rows).toEqual([
      ['17: if cond == 0', '', '17: if cond == 0'],
      ['only right', '19: sleep_on q'],
      ['24: cond = 1', '', '24: cond = 1'],
      ['25: wake_up q', '', '25: wake_up q'],
      ['19: sleep_on q', 'only left'],
      ['✗ at the end: hang: w/2 waits for q for ever: lost wake-up'],
    ]);
    expect(await page.textContent('.pair thead')).toMatch(/found.*passes/s);
    expect(await page.textContent('.verdict')).toMatch(/all as expected: 1 finding/);
    expect(await structureOf(page)).toEqual([]);
    expect(await faintTexts(page)).toEqual([]);
    checked(open);
  });

  test('the run of a schedule count rows, and findings lead to theirs', async () => {
    const explored = await lockstep(['explore', 'abba-spin', '--out', out]);
    const [schedule] = explored.out.match(/ls1\.\S+(?=')/g)!.slice(-1);
    await lockstep(['replay', 'abba-spin', schedule!, '--out', out]);
    const name = readdirSync(join(out, 'abba-spin')).find((one) => !one.startsWith('explore'))!;
    const folder = join(out, 'abba-spin', name);
    const open = await opened(browser, await reportOf(folder, 'replayed'), 'dark');
    const { page } = open;
    const { rows } = parseCsv(readFileSync(join(folder, 'findings.csv'), 'utf8'));
    const deadlock = rows.find(({ kind }) => kind === 'deadlock')!;
    await page.click(`#findings article:last-child a[href="#row=${deadlock['rows']}"]`);
    await page.waitForSelector('#details tr[aria-current]');
    expect(await page.textContent('#details tr[aria-current] td')).toBe(deadlock['rows']);
    expect(await page.textContent('#range')).toMatch(/^row 1 to row 14, 14 rows$/);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('timeline-canvas');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    const task = await page.textContent('#details');
    expect(task).toMatch(/t[12]\/\d/);
    expect(task).toMatch(/holds[AB]/);
    expect(task).toMatch(/waits for[AB]which hast[12]\/\d/);
    expect(await faintTexts(page)).toEqual([]);
    checked(open);
  });

  test('a sweep show its figures and every run that failed', async () => {
    const sweep = ['sweep', write(out, SWEPT, 'swept.yaml'), '--sweep', 'params.rounds=1,2,4'];
    const made = await lockstep([...sweep, '--seeds', '1..4', '--out', out]);
    const folder = /^results {2}(\S+)/m.exec(made.out)![1]!;
    const open = await opened(browser, await reportOf(folder, 'swept'));
    const { page } = open;
    const runs = parseCsv(readFileSync(join(folder, 'runs.csv'), 'utf8')).rows;
    const failed = runs.filter(({ exit }) => exit !== '0');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(runs.length);
    const shown = await page.$$eval('#failed tbody tr', (lines) =>
      lines.map((line) => [...line.children].slice(0, 3).map((cell) => cell.textContent)),
    );
    expect(shown).toEqual(failed.map((row) => [row['run'], row['params.rounds'], row['seed']]));
    const summary = parseCsv(readFileSync(join(folder, 'summary.csv'), 'utf8')).rows;
    const means = await page.$$eval('#figures details tbody tr', (lines) =>
      lines.map((line) => line.querySelectorAll('data')[1]!.value),
    );
    expect(means).toEqual(summary.map(({ mean }) => String(Number(mean))));
    expect(await page.$$eval('svg', (all) => all.map((one) => one.getAttribute('role')))).toContain(
      'img',
    );
    expect(await structureOf(page)).toEqual([]);
    expect(await faintTexts(page)).toEqual([]);
    checked(open);
  });
});
