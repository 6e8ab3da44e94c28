/*
 * Chromium without a screen, and what a page does in it that it should not.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

export const CHROMIUM = 'chromium';

export async function launched(): Promise<Browser> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const executablePath = folders.map((folder) => join(folder, CHROMIUM)).find(existsSync)!;
  const args = [
    ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
    ...['--disable-background-networking', '--disable-component-update'],
  ];
  return chromium.launch({ executablePath, headless: true, args });
}

export interface Opened {
  readonly page: Page;
  /** What the console said, and errors. */
  readonly said: readonly string[];
  /** What was asked for, the file itself left out. */
  readonly requests: readonly string[];
}

/** Opens a report and waits until it is ready. */
export async function opened(
  browser: Browser,
  file: string,
  colorScheme: 'light' | 'dark' = 'light',
  hash = '',
): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, colorScheme });
  const said: string[] = [];
  const requests: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== url + hash && request.url() !== url) requests.push(request.url());
  });
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme });
  await page.goto(url + hash);
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  return { page, said, requests };
}
