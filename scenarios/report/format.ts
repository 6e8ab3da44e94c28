/*
 * How the timeline of a report is packed, for the side that writes it and the one in the browser
 * that reads it: a header in JSON, behind its length in four bytes, and behind both the columns.
 */

/** Where a column of numbers stands behind the header, and how many there are. */
export interface Column {
  readonly at: number;
  readonly count: number;
}

/** What an interval is; each kind has a look and a place of its own in a lane. */
export const KINDS = [
  'hardirq',
  'softirq',
  'kernel',
  'user',
  'idle',
  'runnable',
  'sleeping',
  'waiting',
  'holding',
] as const;

export type Kind = (typeof KINDS)[number];

/** Intervals in the order of their beginnings. */
export interface PackedTrack {
  readonly kind: Kind;
  /** Several may last at a time: what is drawn is how many. */
  readonly overlaps: boolean;
  /** Each as its distance from the one before. */
  readonly from: Column;
  readonly length: Column;
  /** In the list of labels. */
  readonly label: Column;
}

/** A figure over time: at each moment that it changes, what it becomes. */
export interface PackedSteps {
  /** What is counted. */
  readonly of: string;
  readonly time: Column;
  readonly value: Column;
}

export const GROUPS = ['cpu', 'task', 'lock', 'queue'] as const;

export type Group = (typeof GROUPS)[number];

export interface PackedLane {
  readonly group: Group;
  readonly name: string;
  /** The CPU's number or the task's pid; -1 for others. */
  readonly id: number;
  readonly tracks: readonly PackedTrack[];
  readonly steps: PackedSteps | null;
}

/** The columns of trace.csv. Texts are numbers in the list of their column. */
export interface PackedRows {
  readonly seq: Column;
  readonly timeNs: Column;
  readonly cpu: Column;
  readonly pid: Column;
  /** NaN where there is none. */
  readonly value: Column;
  readonly texts: Readonly<Record<TextColumn, Column>>;
  readonly lists: Readonly<Record<TextColumn, readonly string[]>>;
}

export const TEXT_COLUMNS = ['context', 'comm', 'flags', 'event', 'object', 'detail'] as const;

export type TextColumn = (typeof TEXT_COLUMNS)[number];

/** What the horizontal axis counts: nanoseconds, or rows of the trace where time means nothing. */
export type Axis = 'time' | 'rows';

export interface PackedTimeline {
  readonly axis: Axis;
  /** On the axis. */
  readonly end: number;
  readonly labels: readonly string[];
  readonly lanes: readonly PackedLane[];
  readonly rows: PackedRows;
}
