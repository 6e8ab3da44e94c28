/*
 * Sweeps of a small scenario for tests, and what they leave.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenario, write } from './harness.ts';

/** Two axes, of which one decides whether the runs are as expected. */
export const SWEPT = scenario(`params: { gap: 100us }
sweep: { axes: { machine.hz: [100, 1000], params.gap: 50us..150us:50us }, seeds: 1..4 }
expect: { that: [lock.acquired(lock) == 10] }
`)
  .replace('until: 20ms', 'until: 3ms')
  .replace('delay 100us]', 'delay $gap]');

export function writeSwept(folder: string): string {
  return write(folder, SWEPT, 'swept.yaml');
}

/** Every file of a folder with its text. */
export function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The folder that a command says the results are in. */
export function resultsOf(out: string): string {
  const path = /^results {2}(.*)$/m.exec(out)?.[1];
  if (path === undefined) throw new Error(`there are no results in: ${out}`);
  return path;
}
