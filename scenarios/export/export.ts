/*
 * Exports of a recorded run: its trace in a format that other tools open, made from nothing but the
 * run's folder, so that the same run always gives the same bytes.
 */
import { join } from 'node:path';
import { readTrace } from '../analysis/run-folder.ts';
import { isSystemError, OutputError } from '../output/errors.ts';
import { Draft } from './draft.ts';
import type { ExportFormat } from './exporter.ts';
import type { FormatName } from './format-names.ts';
import { ftrace } from './ftrace.ts';
import { perfetto } from './perfetto.ts';
import { survey } from './survey.ts';
import { traceDat } from './trace-dat.ts';
import { vcd } from './vcd.ts';

const FORMATS: Readonly<Record<FormatName, ExportFormat>> = {
  perfetto,
  'trace-dat': traceDat,
  ftrace,
  vcd,
};

export interface Exported {
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  /** It went to a pipe or a device. */
  readonly stream: boolean;
}

/**
 * Writes the trace of a run's folder to `path`, by default into the folder.
 * @throws NoTraceFolder, OutputError
 */
export function exportRun(folder: string, to: FormatName, path?: string): Exported {
  const format = FORMATS[to];
  const found = survey(folder);
  const file = path ?? join(folder, format.file);
  const draft = new Draft(file);
  try {
    const exporter = format.open(draft, found);
    readTrace(folder, (row) => exporter.see(row));
    exporter.end();
    draft.complete();
  } catch (error) {
    if (!isUnread(error)) throw error;
  } finally {
    draft.discard();
  }
  const rows = found.rows.reduce((sum, rows) => sum + rows, 0);
  return { path: file, bytes: draft.sink.length, rows, stream: draft.stream };
}

/** Whoever reads the pipe has enough, as in `| head`. */
function isUnread(error: unknown): boolean {
  const cause = error instanceof OutputError ? error.cause : undefined;
  return isSystemError(cause) && cause.code === 'EPIPE';
}
