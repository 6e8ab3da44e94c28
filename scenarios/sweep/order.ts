/*
 * What whoever makes the runs of a sweep needs for them: nothing but data, with all files in it.
 */
import { Grid, type Axis } from '../../engine/index.ts';
import type { KeptInput } from '../output/kept-inputs.ts';

/** A scenario and what varies. */
export interface Varied {
  readonly file: string;
  readonly text: string;
  readonly overrides: readonly string[];
  readonly axes: readonly Axis[];
  readonly seeds: readonly string[];
}

export interface Order extends Varied {
  /** The files that the runs read. */
  readonly inputs: readonly KeptInput[];
}

/** The overrides that make a point of the scenario. */
export function overridesAt({ overrides, axes, seeds }: Varied, point: number): string[] {
  const values = new Grid(axes, seeds).valuesAt(point);
  return [...overrides, ...axes.map(({ path }, i) => `${path}=${values[i]}`)];
}

/** As a scenario has it: a number if it is one. */
export function seedValue(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
