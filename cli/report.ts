/*
 * lockstep report: one HTML file that shows what a folder holds.
 */
import { writeFileSync } from 'node:fs';
import { report as reportOf } from '../scenarios/report/report.ts';
import { writing } from '../scenarios/output/errors.ts';
import { printable } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';

export interface ReportFlags {
  readonly out: string;
}

export function report(folder: string, { out }: ReportFlags, io: Io): ExitCode {
  const { text, page } = reportOf(folder);
  writing(out, () => writeFileSync(out, text));
  io.out(`${out}  ${page.of} ${printable(page.name)}: ${page.size}; ${page.verdict}\n`);
  return EXIT.fine;
}
