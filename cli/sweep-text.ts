/*
 * What a sweep prints: its axes, how many runs failed and how to see the first of them, and where
 * the figures are.
 */
import { Grid } from '../engine/index.ts';
import type { Style } from '../scenarios/output/summary.ts';
import { formatNumber, plural, printable, table } from '../scenarios/output/text.ts';
import { EXIT, worst, type ExitCode } from '../scenarios/output/verdict.ts';
import { runCommand } from '../scenarios/sweep/command.ts';
import type { Written } from '../scenarios/sweep/folder.ts';
import type { SweepHead } from '../scenarios/sweep/manifest.ts';
import type { Io } from './io.ts';

/** Of more values than this the middle is left out. */
const VALUES_MAX = 8;

export function sweepHeadText(
  { scenario, axes, seeds, shard }: Pick<SweepHead, 'scenario' | 'axes' | 'seeds' | 'shard'>,
  { bold }: Style,
): string {
  const { points } = new Grid(axes, seeds);
  const part = shard.of === 1 ? '' : `, shard ${shard.index}/${shard.of}`;
  const rows = [...axes.map(({ path, values }) => [path, shown(values)]), ['seed', shown(seeds)]];
  return [
    `${bold(scenario)}  ${plural(points, 'point')}, ${plural(seeds.length, 'seed')}${part}`,
    '',
    ...table([{ title: 'AXIS' }, { title: 'values' }], rows),
    '',
    '',
  ].join('\n');
}

function shown(values: readonly string[]): string {
  const { length } = values;
  const some =
    length > VALUES_MAX ? [...values.slice(0, 3), '...', ...values.slice(length - 1)] : values;
  return printable(some.join(', '));
}

/**
 * Prints what came of it.
 * @param name the scenario as the user calls it
 * @returns the exit code.
 */
export function tellSweep(
  name: string,
  head: SweepHead,
  written: Written,
  style: Style,
  io: Io,
): ExitCode {
  const { path, outcome, exits, runs, failed, firstFailed } = written;
  const count = failed === 0 ? 'all as expected' : `${formatNumber(failed)} failed`;
  io.out(`${plural(runs, 'run')}, ${count}\n`);
  if (firstFailed !== undefined) {
    const { run, why } = firstFailed;
    io.out(`first    ${printable(runCommand(name, head, run))}\n         ${printable(why)}\n`);
  }
  io.out(`results  ${path}\n`);
  if (outcome === 'whole') io.out('all runs were there already\n');
  if (outcome === 'identical') io.out('identical to the first sweep (verified)\n');
  const failures: [ExitCode, string][] = [];
  if (outcome === 'differs')
    failures.push([EXIT.irreproducible, 'not the same as the first sweep']);
  if (failed > 0) {
    const code = worst(exits as ExitCode[]);
    failures.push([code, `${formatNumber(failed)} of ${plural(runs, 'run')} failed`]);
  }
  const exit = worst(failures.map(([code]) => code));
  if (exit !== EXIT.fine) {
    io.out(`${style.red(`exit ${exit}: ${failures.map(([, why]) => why).join('; ')}`)}\n`);
  }
  return exit;
}
