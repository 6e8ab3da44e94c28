/*
 * The statistics of a run as tables and charts: the figures of `lockstep stats`, all of them.
 */
import { PERCENTILES, type Distribution } from '../analysis/distribution.ts';
import type { Figure, Latency } from '../analysis/statistic.ts';
import type { Stats } from '../analysis/stats.ts';
import { histograms, type Spread } from '../charts/histogram.ts';
import { parseCsv, type CsvRow } from './csv.ts';
import { duration, figure, figureTable, number, rowLink } from './figures.ts';
import { htmlTable, markup, nothing, type Html, type Part } from './html.ts';

/** What is told of each object, by the name of the figure. */
type Columns = readonly (readonly [metric: string, title: string])[];

const LOCK: Columns = [
  ['lock.acquired', 'acquired'],
  ['lock.contended', 'contended'],
  ['lock.given_up', 'given up'],
  ['lock.wait_total', 'waited'],
  ['lock.wait_max', 'max wait'],
  ['lock.hold_total', 'held'],
  ['lock.hold_max', 'max hold'],
];
const PAIR: Columns = [
  ['lock.pair.count', 'times'],
  ['lock.pair.total', 'total'],
  ['lock.pair.max', 'max'],
];
const QUEUE: Columns = [
  ['queue.mean', 'mean'],
  ['queue.max', 'max'],
  ['queue.at_end', 'at end'],
];
const OFF: Columns = [
  ['off.count', 'sections'],
  ['off.total', 'total'],
  ['off.max', 'longest'],
];
const CPU: Columns = [
  ['cpu.hardirq', 'hard IRQ'],
  ['cpu.softirq', 'softirq'],
  ['cpu.task', 'tasks'],
  ['cpu.idle', 'idle'],
  ['cpu.switches', 'switches'],
];
/** As the run itself has counted; a trace does not tell the kernel from user mode. */
const CPU_SUMMARY: Columns = [
  ['cpu.hardirq', 'hard IRQ'],
  ['cpu.softirq', 'softirq'],
  ['cpu.kernel', 'kernel'],
  ['cpu.user', 'user'],
  ['cpu.idle', 'idle'],
  ['cpu.switches', 'switches'],
];

export function figuresOf({ statistics }: Stats): Figure[] {
  return statistics.flatMap((statistic) => statistic.figures?.() ?? []);
}

export function cpuSection(figures: readonly Figure[], summary: readonly CsvRow[]): Html {
  const counted = summary
    .filter(({ metric = '' }) => metric.startsWith('cpu.'))
    .map(({ metric = '', object = '', value, unit }) => ({
      ...{ metric, object, value: Number(value), unit: unit === 'ns' ? 'ns' : 'count' },
    })) as Figure[];
  const hasModes = counted.some(({ metric }) => metric === 'cpu.user');
  const who = figures
    .filter(({ metric, object }) => metric === 'time' && !object.startsWith('swapper/'))
    .sort((a, b) => b.value - a.value);
  return markup`${
    hasModes
      ? pivot('Time of each CPU by context', 'CPU', CPU_SUMMARY, counted)
      : pivot('Time of each CPU by context', 'CPU', CPU, figures)
  }
${figureTable(
  'Who had the CPUs, longest first',
  'who',
  ['CPU time'],
  who.map(({ object, value }) => [object, duration(value)]),
)}`;
}

export function lockSection(figures: readonly Figure[]): Html {
  const locks = pivot('Locks, longest waited for first', 'lock', LOCK, figures, 'lock.wait_total');
  const pairs = pivot(
    'Who waited for whom, longest first',
    'lock: waiter for holder',
    PAIR,
    figures,
  );
  return markup`${locks}${pairs}`;
}

export function queueSection(figures: readonly Figure[]): Html {
  const queues = pivot(
    'Lengths of queues; the mean is over time',
    'queue',
    QUEUE,
    figures,
    'queue.max',
  );
  const drops = figures.filter(({ metric }) => metric === 'drops');
  return markup`${queues}${figureTable(
    'What was dropped or refused',
    'what',
    ['times'],
    drops.map(({ object, value }) => [object, number(value)]),
  )}`;
}

/** The longest sections with interrupts or preemption off, with the way to them. */
export function offSection(figures: readonly Figure[], { statistics }: Stats): Html {
  const text = statistics
    .map((statistic) => statistic.files?.().get('sections.csv') ?? '')
    .find((file) => file !== '');
  const sections = parseCsv(text ?? '').rows;
  const longest = htmlTable(
    'The longest sections of each kind',
    ['what', 'CPU', 'lasts', 'begins', 'from', 'to'].map((title, i) => ({
      title,
      right: i > 0 && i < 4,
    })),
    sections.map((one) => [
      one['tracer']!,
      one['cpu']!,
      duration(Number(one['to_ns']) - Number(one['from_ns'])),
      duration(Number(one['from_ns'])),
      markup`${one['from']!}, ${rowLink(one['from_seq']!)}`,
      markup`${one['to']!}, ${rowLink(one['to_seq']!)}`,
    ]),
  );
  const all = pivot('Sections with interrupts or preemption off', 'what', OFF, figures);
  return markup`${all}${longest}`;
}

/** Of each kind a table, and a chart of the objects with most values. */
export function latencySection(latencies: readonly Latency[]): Html {
  const all = latencies.map((latency) => {
    const objects = [...latency.byObject].sort(([, a], [, b]) => b.count - a.count);
    return markup`<h3>${sentence(latency.title)}</h3>
<p>${latency.about}.</p>
${chartOf(latency, objects)}
${figureTable(
  `${latency.metric} of stats.csv, most values first`,
  'what',
  ['count', 'min', 'mean', ...PERCENTILES.map((part) => `p${part}`), 'max'],
  objects.map(([object, distribution]) => [object, ...cellsOf(distribution)]),
)}`;
  });
  return markup`${all}`;
}

type Objects = readonly (readonly [string, Distribution])[];

/** Fewer values, or all the same, are no picture. */
const CHART_VALUES_MIN = 10;
const CHARTS_MAX = 2;
const CHART_PERCENTILES = [50, 90, 99];

function chartOf({ title }: Latency, objects: Objects): Html {
  const spreads = objects
    .filter(([, { count, min, max }]) => count >= CHART_VALUES_MIN && min < max)
    .slice(0, CHARTS_MAX)
    .map(([object, all]): Spread => ({
      title: object,
      bars: all.histogram(),
      count: all.count,
      marks: [
        ...CHART_PERCENTILES.map((part) => ({ name: `p${part}`, value: all.percentile(part) })),
        { name: 'max', value: all.max },
      ],
    }));
  if (spreads.length === 0) return nothing;
  const drawn = histograms({ title: sentence(title), spreads, notes: [] }, { ground: 'page' });
  return markup`<figure>${{ html: drawn }}</figure>`;
}

function cellsOf(all: Distribution): Part[] {
  const percentiles = PERCENTILES.map((part) => all.percentile(part));
  const mean = Math.round(all.mean * 1000) / 1000;
  return [number(all.count), ...[all.min, mean, ...percentiles, all.max].map(duration)];
}

/** `WAKE-UP LATENCY` is `Wake-up latency`. */
export function sentence(title: string): string {
  const words = title.toLowerCase().replace(/\birq\b/g, 'IRQ');
  return words[0]!.toUpperCase() + words.slice(1);
}

export function leftOutSection({ leftOut }: Stats): Html {
  if (leftOut.length === 0) return nothing;
  return markup`<p>The run was told not to record all events. Left out are:</p>
<ul>${leftOut.map(({ name, missing }) => markup`<li>${name}: ${missing.join(', ')}</li>`)}</ul>`;
}

/** A row for each object, a column for each metric. */
function pivot(
  caption: string,
  first: string,
  columns: Columns,
  figures: readonly Figure[],
  by = columns.find(([metric]) => metric.endsWith('.total'))?.[0],
): Html {
  const rows = new Map<string, Map<string, Figure>>();
  const metrics = new Set(columns.map(([metric]) => metric));
  for (const one of figures) {
    if (!metrics.has(one.metric)) continue;
    const row = rows.get(one.object) ?? new Map<string, Figure>();
    rows.set(one.object, row.set(one.metric, one));
  }
  const value = (row: ReadonlyMap<string, Figure>): number =>
    by === undefined ? 0 : (row.get(by)?.value ?? 0);
  const sorted = [...rows].sort(([, a], [, b]) => value(b) - value(a));
  return figureTable(
    caption,
    first,
    columns.map(([, title]) => title),
    sorted.map(([object, row]) => [
      object,
      ...columns.map(([metric]) => {
        const found = row.get(metric);
        return found === undefined ? '' : figure(found.value, found.unit);
      }),
    ]),
  );
}
