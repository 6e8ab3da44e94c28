/*
 * A folder of which there is nothing to report.
 */

export class ReportError extends Error {
  override readonly name = 'ReportError';
}
