/*
 * What a format has to do: it sees every row, once, and then the end of the run.
 */
import type { TraceRow } from '../analysis/trace-row.ts';
import type { ByteSink } from './byte-sink.ts';
import type { Survey } from './survey.ts';

export interface Exporter {
  see(row: TraceRow): void;
  end(): void;
}

export interface Target {
  readonly sink: ByteSink;
  /** A file for what has to wait until the end; it goes away with the export. */
  spool(name: string): Spool;
}

export interface Spool {
  readonly sink: ByteSink;
  /** Bytes that were written. */
  finish(): number;
  /** Moves them into the target's own file. */
  pour(): void;
}

/** A format that traces can be exported to. */
export interface ExportFormat {
  /** Of the file, if the user names none. */
  readonly file: string;
  open(target: Target, survey: Survey): Exporter;
}
