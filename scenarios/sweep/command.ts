/*
 * The command that makes a run of a sweep alone.
 */
import { Grid } from '../../engine/index.ts';
import { quoted } from '../output/shell.ts';
import type { SweepHead } from './manifest.ts';

/** @param name the scenario as the user calls it */
export function runCommand(
  name: string,
  { overrides, axes, seeds }: Pick<SweepHead, 'overrides' | 'axes' | 'seeds'>,
  run: number,
): string {
  const grid = new Grid(axes, seeds);
  const values = grid.valuesAt(grid.pointOf(run));
  const set = [...overrides, ...axes.map(({ path }, i) => `${path}=${values[i]}`)];
  const words = [name, ...set.flatMap((one) => ['--set', one]), '--seed', grid.seedOf(run)];
  return `lockstep run ${words.map(quoted).join(' ')}`;
}
