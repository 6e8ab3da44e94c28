/*
 * The report of a sweep: how its figures depend on what was varied, and the runs that failed.
 */
import { Grid } from '../../engine/index.ts';
import { ChartError } from '../charts/error.ts';
import { smallMultiples } from '../charts/small-multiples.ts';
import { sweepChart } from '../charts/sweep-chart.ts';
import { readSweep } from '../charts/sweep-table.ts';
import { formatNumber, plural } from '../output/text.ts';
import { worst, type ExitCode } from '../output/verdict.ts';
import { runCommand } from '../sweep/command.ts';
import { readSweepManifest, SWEEP_MANIFEST, type SweepManifest } from '../sweep/manifest.ts';
import { recordsOf } from '../sweep/shard.ts';
import { keyOf } from '../run/metrics.ts';
import { readCsv, type CsvRow } from './csv.ts';
import { figure, number } from './figures.ts';
import { fileText } from './files-section.ts';
import { htmlTable, markup, nothing, type Heading, type Html } from './html.ts';
import type { Page } from './page.ts';
import { readText, scenarioFacts } from './run-record.ts';

/** @throws SweepError, ChartError */
export function sweepReport(folder: string): Page {
  const manifest = readSweepManifest(folder);
  const { scenario, axes, seeds, runs, failed, exits, lockstep } = manifest;
  const about = scenarioFacts(folder);
  const { chart, charted } = chartOf(folder);
  const codes = Object.keys(exits).map(Number) as ExitCode[];
  const sections = [
    {
      id: 'figures',
      title: 'Figures',
      content: markup`${chart}${tables(folder, manifest, charted)}`,
    },
    { id: 'failed', title: 'Failed runs', content: failedRuns(folder, manifest) },
    { id: 'made', title: 'How it was made', content: madeFrom(folder, manifest) },
  ];
  return {
    of: 'sweep',
    name: scenario,
    size: plural(runs, 'run'),
    about: about.about ?? '',
    facts: [
      ['kernel', about.kernel ?? ''],
      ...axes.map(({ path, values }) => [path, values.join(', ')] as const),
      ['seeds', seeds.length <= 8 ? seeds.join(', ') : formatNumber(seeds.length)],
      ['runs', formatNumber(runs)],
      ['lockstep', lockstep],
    ],
    passed: failed === 0,
    verdict:
      failed === 0
        ? `all ${plural(runs, 'run')} as expected`
        : `exit ${worst(codes)}: ${formatNumber(failed)} of ${plural(runs, 'run')} failed`,
    sections: sections.filter(({ content }) => content.html !== ''),
  };
}

/** The metrics that a chart shows, and the chart; where there can be none, why. */
function chartOf(folder: string): { chart: Html; charted: readonly string[] } {
  const table = readSweep(folder);
  try {
    const chart = sweepChart(table);
    const { failed, runs } = table;
    const some = failed > 0 && failed < runs;
    const rate = some ? [sweepChart(table, { metrics: ['failed'] })] : [];
    const drawn = [chart, ...rate].map((one) => smallMultiples(one, { ground: 'page' }));
    return {
      chart: markup`${drawn.map((one) => markup`<figure>${{ html: one }}</figure>`)}`,
      charted: chart.panels.map(({ scale }) => scale),
    };
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    return { chart: markup`<p>No chart: ${error.message}.</p>`, charted: [] };
  }
}

/** More rows than this stay in summary.csv. */
const ROWS_MAX = 3000;
const STATISTICS = ['n', 'mean', 'ci95_low', 'ci95_high', 'min', 'p50', 'p90', 'p99', 'max'];

/** The figures that are charted, then all of them, folded. */
function tables(folder: string, { axes }: SweepManifest, charted: readonly string[]): Html {
  const { rows } = readCsv(folder, 'summary.csv');
  const paths = axes.map(({ path }) => path);
  const name = ({ metric = '', object = '' }: CsvRow): string => keyOf(metric, object);
  const wanted = [...new Set([...charted, 'failed'])];
  const shown = wanted.flatMap((one) => rows.filter((row) => name(row) === one));
  const some = rows.slice(0, ROWS_MAX);
  const more = rows.length - some.length;
  const all =
    more === 0 ? 'All figures' : `The first ${formatNumber(ROWS_MAX)} rows of all figures`;
  return markup`${summaryTable('What the charts show, at each point', paths, shown, name)}
<details><summary>${all}</summary>
${summaryTable(more === 0 ? 'summary.csv' : `summary.csv has ${more} more`, paths, some, name)}
</details>`;
}

function summaryTable(
  caption: string,
  paths: readonly string[],
  rows: readonly CsvRow[],
  name: (row: CsvRow) => string,
): Html {
  const headings: Heading[] = [
    { title: 'figure' },
    ...paths.map((title) => ({ title, right: true })),
    ...STATISTICS.map((title) => ({ title: TITLES[title] ?? title, right: true })),
  ];
  const cells = rows.map((row) => [
    name(row),
    ...paths.map((path) => row[path] ?? ''),
    ...STATISTICS.map((column) => {
      const text = row[column] ?? '';
      if (text === '') return '';
      return column === 'n' ? number(Number(text)) : figure(Number(text), row['unit'] ?? '');
    }),
  ]);
  return htmlTable(caption, headings, cells);
}

const TITLES: Readonly<Record<string, string>> = { ci95_low: '95 % from', ci95_high: '95 % to' };

const FAILED_MAX = 500;

/** Each with why it failed, and the command that makes it again. */
function failedRuns(folder: string, manifest: SweepManifest): Html {
  const { axes, seeds, scenario, failed } = manifest;
  if (failed === 0) return nothing;
  const grid = new Grid(axes, seeds);
  const records = recordsOf({ folder, manifest }, grid.runs);
  const rows: (string | Html)[][] = [];
  try {
    for (let run = 0; run < grid.runs && rows.length < FAILED_MAX; run++) {
      const { exit, why } = records.read(run);
      if (exit === 0) continue;
      const again = runCommand(scenario, manifest, run);
      rows.push([
        String(run),
        ...grid.valuesAt(grid.pointOf(run)),
        grid.seedOf(run),
        String(exit),
        why,
        markup`<code>${again}</code>`,
      ]);
    }
  } finally {
    records.close();
  }
  const rest = failed - rows.length;
  return htmlTable(
    rest === 0 ? 'All of them' : `The first of them; ${formatNumber(rest)} more are in runs.csv`,
    ['run', ...axes.map(({ path }) => path), 'seed', 'exit', 'why', 'the same run again'].map(
      (title) => ({ title }),
    ),
    rows,
  );
}

function madeFrom(folder: string, { overrides }: SweepManifest): Html {
  return markup`${
    overrides.length === 0
      ? nothing
      : markup`<p>Set in all runs: <code>${overrides.join(' ')}</code></p>`
  }
${fileText('scenario.yaml: the effective scenario', readText(folder, 'scenario.yaml'), true)}
${fileText(SWEEP_MANIFEST, readText(folder, SWEEP_MANIFEST))}`;
}
