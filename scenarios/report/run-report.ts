/*
 * The report of one run.
 */
import { basename, resolve } from 'node:path';
import { statsOf, type Stats } from '../analysis/stats.ts';
import { MANIFEST } from '../output/manifest.ts';
import { quoted } from '../output/shell.ts';
import { formatDuration, formatNumber, plural } from '../output/text.ts';
import type { CsvRow } from './csv.ts';
import { figure } from './figures.ts';
import { command, fileText } from './files-section.ts';
import { checksTable, findingArticle } from './findings.ts';
import type { Axis } from './format.ts';
import { htmlTable, markup, nothing, type Html } from './html.ts';
import type { Page, Section } from './page.ts';
import { readRun, readText, type RunRecord } from './run-record.ts';
import {
  cpuSection,
  figuresOf,
  latencySection,
  leftOutSection,
  lockSection,
  offSection,
  queueSection,
} from './stats-sections.ts';
import { timelineSection } from './timeline-section.ts';
import { timelineOf, type QueueChange } from './timeline.ts';

/** @throws NoTraceFolder, ReportError */
export function runReport(folder: string): Page {
  const record = readRun(folder);
  const stats = statsOf(folder);
  const { run, scenario, verdict } = record;
  // The virtual time of a schedule is the least that its steps take: their order is what counts.
  const axis: Axis = run?.schedule === undefined ? 'time' : 'rows';
  const timeline = timelineOf(folder, axis, stats.timeNs, queueChanges(stats));
  const shown = timelineSection(axis, stats.rows, timeline.lanes);
  return {
    of: 'run',
    name: run?.scenario ?? scenario.name ?? basename(resolve(folder)),
    size: plural(stats.rows, 'row'),
    about: scenario.about ?? '',
    facts: facts(record, stats),
    passed: verdict === undefined || verdict.exit === 0,
    verdict: verdictText(record),
    sections: sections(folder, record, stats, shown).filter(({ content }) => content.html !== ''),
    ...(stats.rows === 0 ? {} : { data: timeline.text }),
  };
}

function facts({ run, scenario }: RunRecord, stats: Stats): Page['facts'] {
  const { cpus, hz, preemption } = scenario.machine ?? {};
  const known: [string, string | number | undefined][] = [
    ['seed', run?.seed],
    ['kernel', scenario.kernel],
    ['CPUs', cpus],
    ['HZ', hz],
    ['preemption', preemption],
    ['simulated', formatDuration(stats.timeNs)],
    ['steps', run === undefined ? undefined : formatNumber(run.steps)],
    ['rows', formatNumber(stats.rows)],
  ];
  return known.flatMap(([term, value]): Page['facts'] =>
    value === undefined ? [] : [[term, String(value)]],
  );
}

function verdictText({ run, verdict, findings }: RunRecord): string {
  const found = findings.length === 0 ? '' : `, ${plural(findings.length, 'finding')}`;
  if (run === undefined || verdict === undefined) return `no run.json, so no verdict${found}`;
  if (verdict.exit !== 0) return `exit ${verdict.exit}: ${verdict.why}${found}`;
  return `all as expected: ${plural(run.checks.length, 'check')} passed${found}`;
}

function sections(folder: string, record: RunRecord, stats: Stats, timeline: Html): Section[] {
  const { run, findings, summary } = record;
  const figures = figuresOf(stats);
  const latencies = stats.statistics
    .flatMap((statistic) => statistic.latencies ?? [])
    .filter(({ byObject }) => byObject.size > 0);
  const found = findings.map((finding) => findingArticle(finding));
  return [
    { id: 'verdict', title: 'Verdict', content: checksTable(run?.checks ?? []) },
    { id: 'findings', title: 'Findings', content: markup`${found}` },
    { id: 'timeline', title: 'Timeline', content: timeline },
    { id: 'latencies', title: 'Latencies', content: latencySection(latencies) },
    { id: 'cpus', title: 'CPUs', content: cpuSection(figures, summary) },
    { id: 'locks', title: 'Locks', content: lockSection(figures) },
    { id: 'queues', title: 'Queues and drops', content: queueSection(figures) },
    { id: 'off', title: 'Interrupts and preemption off', content: offSection(figures, stats) },
    { id: 'left-out', title: 'Left out', content: leftOutSection(stats) },
    { id: 'figures', title: 'All figures of the run', content: summaryTable(summary) },
    { id: 'made', title: 'How it was made', content: madeFrom(folder, record) },
  ];
}

function summaryTable(summary: readonly CsvRow[]): Html {
  return htmlTable(
    'summary.csv',
    [{ title: 'metric' }, { title: 'object' }, { title: 'value', right: true }],
    summary.map(({ metric = '', object = '', value = '', unit = '' }) => [
      metric,
      object,
      figure(Number(value), unit),
    ]),
  );
}

function madeFrom(folder: string, { run }: RunRecord): Html {
  const digest = run?.files['trace.csv']?.sha256;
  return markup`${run === undefined ? nothing : again(folder, run)}
${
  digest === undefined
    ? nothing
    : markup`<p>SHA-256 of the trace: <code>${digest}</code>, of lockstep ${run!.lockstep}</p>`
}
${fileText('scenario.yaml: the effective scenario', readText(folder, 'scenario.yaml'), true)}
${fileText(MANIFEST, readText(folder, MANIFEST))}
${fileText('console.txt', readText(folder, 'console.txt'))}`;
}

function again(folder: string, run: NonNullable<RunRecord['run']>): Html {
  const { scenario, overrides, schedule, ending } = run;
  const set = overrides.map((one) => ` --set ${quoted(one)}`).join('');
  const words =
    schedule === undefined
      ? `lockstep run ${quoted(scenario)}${set}`
      : `lockstep replay ${quoted(scenario)}${set} ${quoted(schedule)}`;
  const verify = `lockstep verify output/${quoted(`${scenario}/${basename(resolve(folder))}`)}`;
  return markup`<p>The command that makes this run again; your own scenarios go by their files:</p>
${command('again', words)}
${
  ending === 'interrupted'
    ? nothing
    : markup`<p>Made again from its folder and compared, byte for byte:</p>
${command('verify', verify)}`
}`;
}

/** The changes of lengths that the statistics have found; a row each in queues.csv. */
function* queueChanges({ statistics }: Stats): Generator<QueueChange> {
  const texts = statistics.flatMap((statistic) => statistic.files?.().get('queues.csv') ?? []);
  for (const text of texts) {
    let at = text.indexOf('\n') + 1;
    for (let end = text.indexOf('\n', at); end > 0; at = end + 1, end = text.indexOf('\n', at)) {
      const line = text.slice(at, end);
      const [first, last] = [line.indexOf(','), line.lastIndexOf(',')];
      const name = line.slice(first + 1, last);
      yield {
        timeNs: Number(line.slice(0, first)),
        queue: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
        length: Number(line.slice(last + 1)),
      };
    }
  }
}
