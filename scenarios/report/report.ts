/*
 * A folder as a report: of a run, of a sweep or of an exploration, by what is in it.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SWEEP_MANIFEST } from '../sweep/manifest.ts';
import { ReportError } from './error.ts';
import { EXPLORE_RECORD } from './explore-record.ts';
import { exploreReport } from './explore-report.ts';
import { pageText, type Page } from './page.ts';
import { runReport } from './run-report.ts';
import { sweepReport } from './sweep-report.ts';

/** Each by a file that it has. */
const KINDS: readonly (readonly [file: string, of: (folder: string) => Page])[] = [
  [SWEEP_MANIFEST, sweepReport],
  [EXPLORE_RECORD, exploreReport],
  ['trace.csv', runReport],
];

export interface Report {
  /** The HTML. */
  readonly text: string;
  readonly page: Page;
}

/** The report of a folder. @throws ReportError, NoTraceFolder, SweepError, ChartError */
export function report(folder: string): Report {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) throw new ReportError(`there is no folder ${folder}`);
  if (!stat.isDirectory()) {
    throw new ReportError(
      `${folder} is a file; expected the folder of a run, sweep or exploration`,
    );
  }
  const kind = KINDS.find(([file]) => existsSync(join(folder, file)));
  if (kind !== undefined) {
    const page = kind[1](folder);
    return { text: pageText(page), page };
  }
  const files = KINDS.map(([file]) => file).join(', ');
  const unfinished = existsSync(join(folder, 'journal.jsonl'));
  throw new ReportError(
    unfinished
      ? `${folder} is of a sweep that has not ended; 'lockstep sweep --resume' goes on with it`
      : `${folder} has none of ${files}: 'lockstep run', 'sweep' and 'explore' leave such folders`,
  );
}
