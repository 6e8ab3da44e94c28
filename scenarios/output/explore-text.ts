/*
 * A search on the terminal: each finding in the kernel's words with its shortest schedule and why
 * that fails, then what was covered and what was not.
 */
import type { Constraint } from '../explore/constraints.ts';
import type { Explained } from '../explore/explain.ts';
import type { Hunt } from '../explore/hunt.ts';
import type { Judged, Stopped } from '../explore/search.ts';
import { isExhaustive } from '../explore/searcher.ts';
import type { Point } from '../explore/timeline.ts';
import type { RunHead, Style } from './summary.ts';
import { plural, printable, table } from './text.ts';
import { stepText, timelineText } from './timeline-text.ts';

/** A search that has ended, as it is told and written. */
export interface Report {
  readonly head: RunHead;
  readonly hunt: Hunt;
  readonly stopped: Stopped;
  readonly judged: Judged;
  readonly findings: readonly Explained[];
  /** How to see a schedule again. */
  readonly replay: (schedule: string) => string;
}

/** As much of it as the findings need. */
type FindingReport = Pick<Report, 'judged' | 'findings' | 'replay'>;

export function exploreText(report: Report, style: Style): string {
  const { findings } = report;
  const blocks = [
    headLines(report, style),
    ...findings.map((explained, i) => findingLines(report, explained, i, style)),
    coverageLines(report, style),
    notExploredLines(report, style),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function headLines({ head, hunt, stopped }: Report, style: Style): string[] {
  const { scenario, kernel, cpus, preemption } = head;
  const { strategy, seed } = hunt.options;
  return [
    `${style.bold(scenario)}  ${strategy}  seed ${printable(seed)}`,
    `${kernel}  ${plural(cpus, 'CPU')}  preemption ${preemption}`,
    `${plural(hunt.schedules, 'schedule')} run, ${ENDINGS[stopped]}`,
  ];
}

const ENDINGS: Readonly<Record<Stopped, string>> = {
  found: 'until something was found',
  complete: 'until none was left',
  runs: 'as many as were asked for',
  time: 'until the time was up',
  interrupted: 'until it was interrupted',
};

/** One finding, whole. */
export function findingLines(
  report: FindingReport,
  explained: Explained,
  i: number,
  style: Style,
): string[] {
  const { finding, found, constraints } = explained;
  const number = report.findings.length === 1 ? '' : ` ${i + 1} of ${report.findings.length}`;
  const expected = report.judged.unexpected.includes(found) ? '' : ', expected';
  const title = `FINDING${number}  ${finding.kind}  ${finding.verdict}${expected}`;
  return [
    style.yellow(`${title}  (schedule ${found.run}, ${found.strategy})`),
    `  ${printable(finding.text)}`,
    ...finding.lines.map((line) => `  ${printable(line)}`),
    ...concerned(explained),
    '',
    ...scheduleLines(explained),
    ...standingLines(explained),
    ...(constraints.length === 0 ? [] : ['', ...constraintLines(constraints)]),
    '',
    `  replay  ${report.replay(explained.schedule)}`,
  ];
}

function concerned({ finding }: Explained): string[] {
  const { actors, objects, places } = finding;
  const where = places.filter(({ line }) => line > 0).map(({ actor, line }) => `${actor}:${line}`);
  const parts = [
    actors.length === 0 ? '' : `actors ${[...new Set(actors)].join(', ')}`,
    objects.length === 0 ? '' : `objects ${[...new Set(objects)].join(', ')}`,
    where.length === 0 ? '' : `lines ${[...new Set(where)].join(', ')}`,
  ];
  const said = parts.filter((part) => part !== '').join('; ');
  return said === '' ? [] : [`  ${printable(said)}`];
}

function scheduleLines({ timeline, turns, plan, preemptions, interrupts }: Explained): string[] {
  const switches = plan.switches.length;
  const what =
    switches === 0
      ? 'Whoever runs goes on as long as it can, and it happens'
      : `The shortest schedule has ${plural(switches, 'switch').replace('switchs', 'switches')} ` +
        `(=>): ${plural(preemptions, 'preemption')}, ${plural(interrupts, 'arrival')}`;
  return [`  ${what}`, ...timelineText(timeline, turns).map((line) => `  ${line}`.trimEnd())];
}

function standingLines({ timeline }: Explained): string[] {
  const { left } = timeline;
  if (left.length === 0) return [];
  const rows = left.map(({ actor, cpu, line, text, fate, waitsFor, holds }) => [
    printable(actor),
    `CPU ${cpu}`,
    stepText({ kind: 'step', line, text }),
    `${fate}${waitsFor === '' ? '' : ` (${printable(waitsFor)})`}`,
    printable(holds.join(', ')),
  ]);
  const titles = ['At the end', 'where', 'step', 'state', 'holds'];
  const lines = table(
    titles.map((title) => ({ title })),
    rows,
  );
  return ['', ...lines.map((line) => `  ${line}`)];
}

function constraintLines(constraints: readonly Constraint[]): string[] {
  const lines = constraints.flatMap(({ first, then, schedule, shows }) => {
    const outcome = shows.length === 0 ? 'it passes' : `only ${[...new Set(shows)].join(', ')}`;
    return [
      `    ${pointText(first)}  BEFORE  ${pointText(then)}`,
      `      the other way round ${outcome}: ${schedule}`,
    ];
  });
  return ['  It takes', ...lines];
}

function pointText(point: Point): string {
  return `${printable(point.actor)} ${stepText(point)}`;
}

function coverageLines({ hunt }: Report, style: Style): string[] {
  const { coverage, schedules } = hunt;
  const { orders, contexts } = coverage;
  const rows = [
    ['schedules', `${schedules}, of which ${coverage.distinct} are different`],
    ['lock orders', orders.length === 0 ? 'none' : orders.join(', ')],
    ...contexts.map(({ object, contexts: names }) => [object, `touched in ${names.join(', ')}`]),
  ];
  const [title = '', ...lines] = table([{ title: 'COVERED' }, { title: '' }], rows);
  return [style.bold(title.trimEnd()), ...lines.map(printable)];
}

/** What may hide a bug that was not found. */
export function notExplored({ hunt, stopped }: Pick<Report, 'hunt' | 'stopped'>): string[] {
  const { options, program, bounded, complete, unbounded, pruned, exhausted, cutShort, found } =
    hunt;
  const { timeouts, curbed } = hunt.coverage;
  const { preemptions, arrivals, strategy } = options;
  const { interrupts, steps, anyTimeouts } = program.bounds;
  const bounds = `${plural(preemptions, 'preemption')} and ${plural(arrivals, 'interrupt')}`;
  const lines: string[] = [];
  if (bounded && found.length === 0) {
    const within = unbounded || strategy === 'dpor' ? '' : ` with at most ${bounds}`;
    const what = pruned ? 'no bug in any state of any schedule' : 'no bug in any schedule';
    lines.push(`${what}${within} (${plural(exhausted, 'schedule')})`);
  }
  if (complete && !unbounded) {
    const more = `schedules with more than ${bounds}`;
    lines.push(strategy === 'dpor' ? 'what the longest schedules went on to do' : more);
  }
  if (!complete && isExhaustive(strategy)) {
    lines.push(`the search was not finished (${ENDINGS[stopped]}): schedules are left`);
  } else if (!complete) {
    lines.push('schedules are drawn, not counted off: others may show more');
  }
  if (curbed)
    lines.push(`more than ${plural(interrupts, 'interrupt')} of a line that may bring more`);
  if (timeouts && !anyTimeouts)
    lines.push('timeouts that end a sleep while others could (--timeouts any)');
  if (pruned) lines.push('lock orders and data races on a second way to a state (--strategy dpor)');
  if (cutShort > 0) lines.push(`what ${plural(cutShort, 'schedule')} did after ${steps} steps`);
  return lines;
}

function notExploredLines(report: Report, style: Style): string[] {
  const lines = notExplored(report);
  const [first = ''] = lines;
  const isBounded = first.startsWith('no bug');
  const rest = isBounded ? lines.slice(1) : lines;
  return [
    ...(isBounded ? [style.green(first)] : []),
    ...(isBounded && rest.length > 0 ? [''] : []),
    ...(rest.length > 0 ? [style.bold('NOT EXPLORED')] : []),
    ...rest.map((line) => `  ${line}`),
  ];
}
