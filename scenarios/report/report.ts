/*
 * A folder as a report: of a run, of a sweep or of an exploration, by what is in it.
 */
import { pageText } from './page.ts';
import { runReport } from './run-report.ts';

/** The HTML of a folder's report. @throws NoTraceFolder */
export function report(folder: string): string {
  return pageText(runReport(folder));
}
