/*
 * What a run leaves behind, apart from its trace.
 */
import type { Finding } from '../../models/checks/findings.ts';
import type { ContextName } from '../../models/cpu/accounting.ts';
import type { ConsoleLine } from '../../models/machine.ts';
import type { ProcSight } from './proc-looks.ts';

/** How a run came to its end. */
export type RunEnding =
  /** The scenario's `until` was reached. */
  | 'until'
  /** Nothing could happen any more. */
  | 'quiescent'
  /** A limit of the scenario stopped it. */
  | 'limit'
  /** An explored run has come back to a state in which it was: it would go round for ever. */
  | 'circle'
  /** An explored run was given up after as many steps as its schedule allows. */
  | 'bound'
  /** The user interrupted it. */
  | 'interrupted';

/** The units of metrics. */
export const UNITS = ['count', 'ns', 'ms', 'bytes', '1/s', 'jiffies', ''] as const;

/** A row of summary.csv. Values are numbers with at most three decimals. */
export interface Metric {
  readonly metric: string;
  /** What it was measured on; empty for the machine as a whole. */
  readonly object: string;
  readonly value: number;
  readonly unit: (typeof UNITS)[number];
}

/** A line of `expect`, and how it came out. */
export interface Check {
  readonly text: string;
  readonly passed: boolean;
  /** The value found, for people. */
  readonly found: string;
}

/** Texts and figures, one behind the other. */
export type ResultCell = readonly (string | Metric)[];

/** What the scenario's `table` says of the run. */
export interface ResultTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly ResultCell[])[];
}

export interface CpuSummary {
  readonly cpu: number;
  readonly ns: Readonly<Record<ContextName, number>>;
  readonly switches: number;
}

export interface LockSummary {
  readonly name: string;
  readonly type: string;
  readonly acquired: number;
  readonly contended: number;
  readonly waitMaxNs: number;
  readonly holdMaxNs: number;
}

export interface TaskSummary {
  readonly actor: string;
  readonly pid: number;
  /** Wake-ups, and how often it gave up the CPU of itself and was made to. */
  readonly wakeups: number;
  readonly voluntary: number;
  readonly involuntary: number;
  readonly runNs: number;
  /** Empty while it runs or has ended. */
  readonly waitingFor: string;
}

export interface RunResult {
  readonly ending: RunEnding;
  /** What stopped it, when the ending is `limit`. */
  readonly limit?: string;
  readonly timeNs: number;
  readonly steps: number;
  readonly metrics: readonly Metric[];
  readonly cpus: readonly CpuSummary[];
  readonly locks: readonly LockSummary[];
  readonly tasks: readonly TaskSummary[];
  readonly findings: readonly Finding[];
  readonly checks: readonly Check[];
  readonly table?: ResultTable;
  /** The kernel log and what programs printed, in order. */
  readonly console: readonly ConsoleLine[];
  /** Files of /proc that somebody has looked at. */
  readonly procfs?: readonly ProcSight[];
  /** Every decision behind the door for choices. */
  readonly choices: readonly number[];
}
