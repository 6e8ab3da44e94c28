/*
 * A run on one screen: what was run, what was expected of it, where the time went, what happened,
 * what was found, and where the trace is.
 */
import { join } from 'node:path';
import { contextNames } from '../../models/cpu/accounting.ts';
import type { ResultCell, RunResult } from '../run/result.ts';
import { EXIT, type Verdict } from './verdict.ts';
import type { Recorded } from './record.ts';
import { formatMetric, metricTables } from './metrics.ts';
import { consoleLine } from './tables.ts';
import {
  formatDuration,
  formatNumber,
  formatPercent,
  plural,
  printable,
  table,
  type Column,
} from './text.ts';

/** The machine that a scenario ran on. */
export interface RunHead {
  readonly scenario: string;
  readonly seed: number | string;
  readonly kernel: string;
  readonly cpus: number;
  readonly hz: number;
  readonly preemption: string;
}

/** How a terminal shows emphasis; each is the identity where it cannot. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  /** More than ASCII may be shown. */
  readonly unicode: boolean;
}

const TASKS_MAX = 8;
const FINDINGS_MAX = 12;
const CONSOLE_FIRST = 6;
const CONSOLE_LAST = 2;

/** All of it, ending with the line about the trace. */
export function formatSummary(
  head: RunHead,
  recorded: Recorded,
  verdict: Verdict,
  style: Style,
): string {
  const { result } = recorded;
  const blocks = [
    headLines(head, result, style),
    checkLines(result, style),
    emphasised(ownTable(result), style.bold),
    ...[
      cpuTable(result),
      taskTable(result),
      lockTable(result),
      ...metricTables(result.metrics),
    ].map((lines) => emphasised(lines, style.bold)),
    emphasised(findingLines(result), style.yellow),
    emphasised(consoleLines(result), style.bold),
    traceLines(recorded, verdict, style),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function emphasised(lines: readonly string[], paint: (text: string) => string): string[] {
  return lines.map((line, i) => (i === 0 ? paint(line) : line));
}

function headLines(head: RunHead, result: RunResult, style: Style): string[] {
  const { kernel, cpus, hz, preemption } = head;
  const time = formatDuration(result.timeNs);
  return [
    `${style.bold(head.scenario)}  seed ${printable(String(head.seed))}`,
    `${kernel}  ${plural(cpus, 'CPU')}  HZ ${hz}  preemption ${preemption}`,
    `${time} simulated in ${plural(result.steps, 'step')}, ${ending(result)}`,
  ];
}

function ending(result: RunResult): string {
  switch (result.ending) {
    case 'until':
      return 'to the end of the scenario';
    case 'quiescent':
      return 'until nothing more could happen';
    case 'limit':
      return 'until a limit stopped it';
    case 'circle':
      return 'until it went round';
    case 'bound':
      return 'as many as its schedule allows';
    case 'interrupted':
      return 'until it was interrupted';
  }
}

function checkLines({ checks }: RunResult, style: Style): string[] {
  if (checks.length === 0) return [];
  const [yes, no] = style.unicode ? ['✓', '✗'] : ['ok  ', 'FAIL'];
  const rows = checks.map(({ text, passed, found }) => [
    `${passed ? yes : no} ${printable(text)}`,
    printable(found),
  ]);
  const [title = '', ...lines] = table([{ title: 'EXPECT' }, { title: 'found' }], rows);
  const marked = lines.map((line, i) =>
    checks[i]?.passed === true ? line.replace(yes, style.green) : line.replace(no, style.red),
  );
  return [style.bold(title), ...marked];
}

/** The scenario's own table, under its title. */
function ownTable({ table: own }: RunResult): string[] {
  if (own === undefined) return [];
  const shown = (cell: ResultCell): string =>
    printable(cell.map((part) => (typeof part === 'string' ? part : formatMetric(part))).join(''));
  const columns = own.columns.map((title) => ({ title: printable(title) }));
  const rows = own.rows.map((row) => row.map(shown));
  return [printable(own.title), ...table(columns, rows)];
}

function numbers(...titles: readonly string[]): Column[] {
  return titles.map((title) => ({ title, right: true }));
}

function cpuTable({ cpus }: RunResult): string[] {
  const rows = cpus.map(({ cpu, ns, switches }) => {
    const total = contextNames.reduce((sum, name) => sum + ns[name], 0);
    const shares = contextNames.map((name) => formatPercent(ns[name], total));
    return [String(cpu), ...shares, formatNumber(switches)];
  });
  return table([{ title: 'CPU' }, ...numbers(...contextNames, 'switches')], rows);
}

function taskTable({ tasks }: RunResult): string[] {
  if (tasks.length === 0) return [];
  const busiest = [...tasks].sort((a, b) => b.runNs - a.runNs || a.pid - b.pid);
  const rows = busiest
    .slice(0, TASKS_MAX)
    .map((task) => [
      printable(task.actor),
      String(task.pid),
      formatDuration(task.runNs),
      formatNumber(task.wakeups),
      formatNumber(task.voluntary),
      formatNumber(task.involuntary),
      printable(task.waitingFor),
    ]);
  const columns = numbers('pid', 'run time', 'wake-ups', 'voluntary', 'involuntary');
  const lines = table([{ title: 'TASK' }, ...columns, { title: 'waiting for' }], rows);
  return more(lines, tasks.length - rows.length);
}

function lockTable({ locks }: RunResult): string[] {
  const used = locks.filter(({ acquired, contended }) => acquired + contended > 0);
  if (used.length === 0) return [];
  const rows = used.map((lock) => [
    printable(lock.name),
    lock.type,
    formatNumber(lock.acquired),
    formatNumber(lock.contended),
    formatDuration(lock.waitMaxNs),
    formatDuration(lock.holdMaxNs),
  ]);
  const columns = numbers('acquired', 'contended', 'max wait', 'max hold');
  return table([{ title: 'LOCK' }, { title: 'type' }, ...columns], rows);
}

function findingLines({ findings }: RunResult): string[] {
  if (findings.length === 0) return [];
  const shown = findings.slice(0, FINDINGS_MAX).flatMap((found) => {
    const { kind, actor, timeNs, cpu, count } = found;
    const times = count === 1 ? '' : `, ${formatNumber(count)} times`;
    const where = `${printable(actor)} on CPU ${cpu} at ${formatDuration(timeNs)}${times}`;
    return [`  ${kind}: ${where}`, `    ${printable(found.text)}`];
  });
  return more(['FINDINGS', ...shown], findings.length - FINDINGS_MAX);
}

function consoleLines(result: RunResult): string[] {
  const lines = result.console;
  if (lines.length === 0) return [];
  const hidden = lines.length - CONSOLE_FIRST - CONSOLE_LAST;
  const show = (part: typeof lines): string[] => part.map((line) => `  ${consoleLine(line)}`);
  if (hidden <= 1) return ['CONSOLE', ...show(lines)];
  return [
    'CONSOLE',
    ...show(lines.slice(0, CONSOLE_FIRST)),
    `  and ${formatNumber(hidden)} lines between, in console.txt`,
    ...show(lines.slice(-CONSOLE_LAST)),
  ];
}

function more(lines: string[], count: number): string[] {
  return count <= 0 ? lines : [...lines, `  and ${formatNumber(count)} more`];
}

/** `trace  PATH  N rows  sha256 HEX`. */
export function traceLine({ digests, settled }: Recorded): string {
  const { rows, sha256 } = digests.files['trace.csv'];
  return `trace  ${join(settled.path, 'trace.csv')}  ${plural(rows, 'row')}  sha256 ${sha256}`;
}

/** The trace, what became of its folder, and why the exit code is not 0. */
export function traceLines(recorded: Recorded, { exit, why }: Verdict, style: Style): string[] {
  const { settled } = recorded;
  const lines = [traceLine(recorded)];
  if (settled.kind === 'identical') lines.push('identical to the first run (verified)');
  if (settled.kind === 'differs') {
    lines.push(`NOT identical to the first run, in ${settled.first}:`);
    for (const { file, first = 'missing', second = 'missing' } of settled.differences) {
      lines.push(`  ${file}`, `    first  sha256 ${first}`, `    now    sha256 ${second}`);
    }
  }
  if (exit !== EXIT.fine) lines.push(style.red(`exit ${exit}: ${printable(why)}`));
  return lines;
}
