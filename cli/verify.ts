/*
 * lockstep verify: makes the run of a folder again, from what the folder records, and compares.
 */
import { join } from 'node:path';
import { parseSchedule, replay } from '../engine/index.ts';
import { Program } from '../scenarios/explore/program.ts';
import { withStepLines, type LoadedScenario } from '../scenarios/load/index.ts';
import { choicesOf, linesOf } from '../scenarios/output/manifest.ts';
import type { Start } from '../scenarios/output/record.ts';
import { formatComparison, readManifest, repeat } from '../scenarios/output/repeat.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { explain } from './failures.ts';
import type { Io } from './io.ts';
import { progressOn } from './progress.ts';
import { followerOf, formatDiagnostics, identityOf, load, starter } from './scenario.ts';

export async function verify(folder: string, io: Io, argv: readonly string[]): Promise<ExitCode> {
  const manifest = readManifest(folder);
  const file = join(folder, 'scenario.yaml');
  const result = load(file);
  if (!result.ok) {
    io.err(formatDiagnostics(result.diagnostics));
    return EXIT.invalid;
  }
  try {
    const { overrides, schedule } = manifest;
    const lines = linesOf(manifest);
    const loaded = lines === undefined ? result.loaded : withStepLines(result.loaded, lines);
    const identity = {
      ...identityOf(loaded, overrides),
      ...(schedule === undefined ? {} : { schedule }),
    };
    const start =
      schedule === undefined
        ? starter(loaded, { strategy: replay(choicesOf(manifest)) })
        : explored(loaded, schedule);
    const comparison = await repeat(folder, manifest, identity, start, progressOn(io));
    if (comparison === 'interrupted') return EXIT.interrupted;
    for (const line of formatComparison(comparison)) io.out(`${line}\n`);
    if (comparison.differences.length === 0) return EXIT.fine;
    io.out(`exit ${EXIT.irreproducible}: ${folder} is not what its run leaves\n`);
    return EXIT.irreproducible;
  } catch (error) {
    const { exit, text } = explain(error, { argv, file, seed: manifest.seed });
    io.err(text);
    return exit;
  }
}

/** A run that a schedule decided, not time. */
function explored(loaded: LoadedScenario, text: string): Start {
  const { bounds, plan } = parseSchedule(text);
  return followerOf(new Program(loaded, bounds), plan, true);
}
