/*
 * lockstep check: validates scenarios without running them and tells all errors of all files.
 */
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';
import { formatDiagnostics, load } from './scenario.ts';
import { findScenario } from './shipped.ts';

export function check(names: readonly string[], io: Io): ExitCode {
  const results = names.map(findScenario).map((file) => ({ file, result: load(file) }));
  for (const { file, result } of results) {
    if (result.ok) io.out(`${file}: valid\n`);
    else io.err(formatDiagnostics(result.diagnostics));
  }
  return results.every(({ result }) => result.ok) ? EXIT.fine : EXIT.invalid;
}
