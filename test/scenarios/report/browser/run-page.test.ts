/*
 * The report of a run in a browser: nothing asked of the network, the figures of the statistics,
 * and a timeline that keys alone can use.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { statsFiles } from '../../../../scenarios/analysis/stats-csv.ts';
import { statsOf } from '../../../../scenarios/analysis/stats.ts';
import { parseCsv } from '../../../../scenarios/report/csv.ts';
import { lockstep } from '../../../cli/harness.ts';
import { outside } from '../../../outside.ts';
import { faintTexts, structureOf } from './accessible.ts';
import { CHROMIUM, launched, opened, type Opened } from './chromium.ts';

let out = '';
let folder = '';
let file = '';
let browser: Browser;

describe.skipIf(!outside(CHROMIUM))('the report of a run', () => {
  let open: Opened;
  let page: Page;

  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'lockstep-report-'));
    const made = await lockstep(['run', 'netlink-icmp', '--quiet', '--out', out]);
    folder = /^trace {2}(\S+)\/trace\.csv/.exec(made.out)![1]!;
    file = join(out, 'report.html');
    expect((await lockstep(['report', folder, '--out', file])).exit).toBe(0);
    browser = await launched();
    open = await opened(browser, file);
    ({ page } = open);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    rmSync(out, { recursive: true });
  });
  beforeEach(async () => {
    await page.focus('#timeline-canvas');
    await page.keyboard.press('0');
  });

  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  };
  const range = (): Promise<string | null> => page.textContent('#range');
  const title = (): Promise<string | null> => page.textContent('#details h3');

  test('asks for nothing but itself, and has nothing to complain of', () => {
    expect(open.requests).toEqual([]);
    expect(open.said).toEqual([]);
  });

  test('has the durations of stats.csv', async () => {
    const { rows } = parseCsv(statsFiles(statsOf(folder)).get('stats.csv')!);
    const value = (metric: string, object: string): number =>
      Number(rows.find((row) => row['metric'] === metric && row['object'] === object)!['value']);
    const shown = await page.$$eval('#latencies table', (tables) =>
      (tables as HTMLTableElement[]).flatMap((table) =>
        [...table.querySelectorAll('tbody tr')].map((row) => ({
          metric: table.caption!.textContent!.split(' ')[0]!,
          object: row.querySelector('th')!.textContent!,
          values: [...row.querySelectorAll('data')].map((cell) => Number(cell.value)),
        })),
      ),
    );
    expect(shown.length).toBeGreaterThan(10);
    for (const { metric, object, values } of shown) {
      const names = ['count', 'min', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'];
      expect(values).toEqual(names.map((name) => value(`${metric}.${name}`, object)));
    }
  });

  test('has the locks of stats.csv and the figures of summary.csv', async () => {
    const { rows } = parseCsv(statsFiles(statsOf(folder)).get('stats.csv')!);
    const acquired = rows.filter(({ metric }) => metric === 'lock.acquired');
    const locks = await page.$$eval('#locks table:first-of-type tbody tr', (lines) =>
      lines.map((row) => [row.querySelector('th')!.textContent, row.querySelector('data')!.value]),
    );
    expect(new Map(locks as [string, string][])).toEqual(
      new Map(acquired.map(({ object, value }) => [object, value])),
    );
    const summary = parseCsv(readFileSync(join(folder, 'summary.csv'), 'utf8')).rows;
    const figures = await page.$$eval('#figures data', (cells) =>
      (cells as HTMLDataElement[]).map(({ value }) => value),
    );
    expect(figures.map(Number)).toEqual(summary.map(({ value }) => Number(value)));
  });

  test('zooms, moves and shows all again by keys', async () => {
    expect(await range()).toBe('0 ns to 3 s, 3 s');
    await press('+', '+');
    expect(await range()).toMatch(/^914\.\d+ ms to 2\.08\d+ s, 1\.172 s$/);
    await press('Home');
    expect(await range()).toMatch(/^0 ns to 1\.171875 s/);
    await press('ArrowRight', 'ArrowRight', 'ArrowLeft');
    expect(await range()).toMatch(/^175\.78125 ms/);
    await press('End');
    expect(await range()).toMatch(/ to 3 s, /);
    await press('-', '-', '-');
    expect(await range()).toBe('0 ns to 3 s, 3 s');
  });

  test('goes from lane to lane and from interval to interval by keys', async () => {
    await press('ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown');
    expect(await title()).toMatch(/^imp2_u\/3/);
    await press(',');
    const before = await page.textContent('#status');
    await press(',');
    expect(await page.textContent('#status')).not.toBe(before);
    await press('.');
    expect(await page.textContent('#status')).toBe(before);
    expect(before).toMatch(/^imp2_u\/3: \w+.*, from [\d.]+ \w+, to [\d.]+ \w+, lasts/);
  });

  test('finds rows, shows them as they stand in the file, and says who woke whom', async () => {
    await press('/');
    await page.keyboard.type('netlinkReceive');
    await press('Enter', 'Enter');
    expect(await page.textContent('#found')).toBe('2 of 32 rows found');
    const cells = await page.$$eval('#details tr[aria-current] td', (all) =>
      all.map(({ textContent }) => textContent),
    );
    const lines = readFileSync(join(folder, 'trace.csv'), 'utf8').split('\n');
    const found = lines.filter((line) => line.includes(',netlinkReceive,'));
    expect(cells.join(',')).toBe(found[1]);
    expect(await page.textContent('#details dl')).toMatch(
      /woken bysoftirq NET_RX on CPU 0, on top of swapper\/0, at 20\.175875 ms row 98/,
    );
    await press('Escape', 'N');
    expect(await page.textContent('#found')).toBe('1 of 32 rows found');
    await press(']');
    const next = await page.textContent('#details tr[aria-current] td:nth-child(2)');
    expect(Number(next)).toBeGreaterThanOrEqual(Number(cells[1]!) - 1e6);
  });

  test('draws a hard interrupt in its colour at its place', async () => {
    await press('Home', 'ArrowUp', 'ArrowUp', 'ArrowUp', '/');
    await page.fill('#search', 'irq_handler_entry');
    await press('Enter', 'Escape', 'Enter');
    expect(await title()).toMatch(/^CPU 0: hard IRQ /);
    const [drawn, meant] = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('#timeline-canvas')!;
      const x = (190 + canvas.clientWidth) / 2;
      const pixel = canvas.getContext('2d')!.getImageData(x + 60, 24 + 5, 1, 1).data;
      const style = getComputedStyle(document.documentElement).getPropertyValue('--hardirq');
      return [
        [...pixel].slice(0, 3),
        style
          .trim()
          .match(/\w\w/g)!
          .map((hex) => parseInt(hex, 16)),
      ];
    });
    expect(drawn).toEqual(meant);
  });

  test('zooms, moves and tells by mouse too', async () => {
    const box = (await page.locator('#timeline-canvas').boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + 35];
    await page.mouse.move(x, y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await page.waitForFunction(
      () => document.querySelector('#range')!.textContent !== '0 ns to 3 s, 3 s',
    );
    const zoomed = await range();
    await page.mouse.down();
    await page.mouse.move(x + 50, y);
    await page.mouse.move(x + 100, y);
    await page.mouse.up();
    await press('Shift');
    const dragged = await range();
    expect(parseFloat(dragged!)).toBeLessThan(parseFloat(zoomed!));
    expect(dragged!.split(', ')[1]).toBe(zoomed!.split(', ')[1]);
    await page.mouse.click(x, box.y + 24 + 62);
    expect(await title()).toBe('CPU 0: idle');
    await page.click('#zoom-out');
    await page.click('#whole');
    await press('Shift');
    expect(await range()).toBe('0 ns to 3 s, 3 s');
  });

  test('hides and shows groups of lanes', async () => {
    const height = (): Promise<number> =>
      page.$eval('#timeline-canvas', (canvas) => canvas.getBoundingClientRect().height);
    const before = await height();
    await page.click('[data-group=task]');
    expect(await height()).toBeLessThan(before);
    expect(await page.getAttribute('[data-group=task]', 'aria-pressed')).toBe('false');
    await page.click('[data-group=task]');
    expect(await height()).toBe(before);
  });

  test('shows where the focus is', async () => {
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outline);
    expect(outline).toMatch(/ solid 3px$/);
  });

  test('names its controls and keeps its headings in order', async () => {
    expect(await structureOf(page)).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('is easy to read in %s', async (scheme) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.$$eval('details', (all) => all.forEach((one) => (one.open = true)));
    expect(await faintTexts(page)).toEqual([]);
  });

  test('has the same bytes when it is made again', async () => {
    const again = join(out, 'again.html');
    await lockstep(['report', folder, '--out', again]);
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
  });
});
