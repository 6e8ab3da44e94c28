/*
 * lockstep plot: draws what a sweep measured, or how the durations of a run are distributed, as an
 * SVG file.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { histograms } from '../scenarios/charts/histogram.ts';
import { runChart } from '../scenarios/charts/run-chart.ts';
import { smallMultiples, type Scales } from '../scenarios/charts/small-multiples.ts';
import { sweepChart, type SweepView } from '../scenarios/charts/sweep-chart.ts';
import { readSweep } from '../scenarios/charts/sweep-table.ts';
import { writing } from '../scenarios/output/errors.ts';
import { plural } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { SWEEP_MANIFEST } from '../scenarios/sweep/manifest.ts';
import { UsageError } from './failures.ts';
import type { Io } from './io.ts';

export interface PlotFlags {
  readonly x?: string;
  readonly by?: string;
  readonly metric: readonly string[];
  readonly only: readonly string[];
  readonly title?: string;
  readonly xScale?: NonNullable<Scales['x']>;
  readonly yScale?: NonNullable<Scales['y']>;
  readonly out: string;
}

export function plot(folder: string, flags: PlotFlags, io: Io): ExitCode {
  const has = (name: string): boolean => existsSync(join(folder, name));
  if (has('explore.json')) {
    throw new UsageError(
      `${folder} is that of an exploration, which has no figures; ` +
        `'lockstep replay' makes the run of a schedule, which can be plotted`,
    );
  }
  const { picture, about } = has(SWEEP_MANIFEST)
    ? sweepPicture(folder, flags)
    : runPicture(folder, flags);
  writing(flags.out, () => writeFileSync(flags.out, picture));
  io.out(`${flags.out}  ${about}\n`);
  return EXIT.fine;
}

interface Picture {
  readonly picture: string;
  /** What it shows, for people. */
  readonly about: string;
}

function sweepPicture(folder: string, flags: PlotFlags): Picture {
  const { x, by, only, title, xScale, yScale } = flags;
  const view: SweepView = { x, by, metrics: flags.metric, only, title };
  const chart = sweepChart(readSweep(folder), view);
  const scales: Scales = { ...(xScale && { x: xScale }), ...(yScale && { y: yScale }) };
  const lines = chart.by === undefined ? '' : `, a line for each ${chart.by}`;
  return {
    picture: smallMultiples(chart, scales),
    about: `${plural(chart.panels.length, 'panel')} by ${chart.x.name}${lines}`,
  };
}

function runPicture(folder: string, flags: PlotFlags): Picture {
  const { x, by, only, xScale, yScale } = flags;
  const given = {
    '--x': x,
    '--by': by,
    '--only': only[0],
    '--x-scale': xScale,
    '--y-scale': yScale,
  };
  const wrong = Object.entries(given).find(([, value]) => value !== undefined);
  const chart = runChart(folder, flags.metric, flags.title);
  if (wrong !== undefined) {
    throw new UsageError(`${wrong[0]} is for the folder of a sweep; ${folder} is that of a run`);
  }
  return { picture: histograms(chart), about: plural(chart.spreads.length, 'distribution') };
}
