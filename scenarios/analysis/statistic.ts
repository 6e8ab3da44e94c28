/*
 * What a statistic of a trace is: it sees all rows, one after the other, and then says figures.
 */
import type { Distribution } from './distribution.ts';
import type { Lanes } from './lanes.ts';
import type { TraceRow } from './trace-row.ts';

/** A line of stats.csv, as those of summary.csv. */
export interface Figure {
  readonly metric: string;
  readonly object: string;
  readonly value: number;
  readonly unit: 'ns' | 'count';
}

/** Durations of one kind, by what they were measured on. */
export interface Latency {
  readonly metric: string;
  /** Heads the column of objects. */
  readonly title: string;
  /** What is measured, for people. */
  readonly about: string;
  readonly byObject: ReadonlyMap<string, Distribution>;
}

export interface Statistic {
  /** For people. */
  readonly name: string;
  /** Without all of these events there is nothing to say. */
  readonly needs: readonly string[];
  /** Events that it looks at, if the trace has them. */
  readonly uses?: readonly string[];
  /** Sees all rows, not only those of `needs` and `uses`. */
  readonly seesAll?: boolean;
  /** `lanes` are as they were before the row. */
  see(row: TraceRow, lanes: Lanes): void;
  /** The run has ended. */
  end?(timeNs: number): void;
  readonly latencies?: readonly Latency[];
  figures?(): Figure[];
  /** Tables for the terminal beside those of the latencies. */
  tables?(): string[][];
  /** Further files, by name. */
  files?(): ReadonlyMap<string, string>;
}
