/*
 * From a scenario's file to a run of it.
 */
import type { TextTable } from '../engine/index.ts';
import { followed, onlyIfItFits, type NamedPlan } from '../scenarios/explore/names.ts';
import type { Program } from '../scenarios/explore/program.ts';
import {
  formatDiagnostic,
  loadFile,
  stepLines,
  type Diagnostic,
  type LoadedScenario,
  type LoadResult,
} from '../scenarios/load/index.ts';
import type { RunIdentity } from '../scenarios/output/manifest.ts';
import type { Start } from '../scenarios/output/record.ts';
import type { RunHead } from '../scenarios/output/summary.ts';
import { registry } from '../scenarios/registry.ts';
import { ScenarioRun, type RunOptions } from '../scenarios/run/run.ts';
import { version } from './package.ts';

/** Reads a scenario file; `overrides` are `path=value`, applied in order. */
export function load(file: string, overrides: readonly string[] = []): LoadResult {
  return loadFile(file, registry, overrides);
}

export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`).join('');
}

export function headOf({ scenario }: LoadedScenario): RunHead {
  const { name, seed, kernel, machine } = scenario;
  const { cpus, hz, preemption } = machine;
  return { scenario: name, seed, kernel, cpus, hz, preemption };
}

export function identityOf(loaded: LoadedScenario, overrides: readonly string[]): RunIdentity {
  const { name, seed } = loaded.scenario;
  const { effective } = loaded;
  return { version, scenario: name, seed, overrides, effective, lines: stepLines(loaded) };
}

/** How to build a run of the scenario. */
export function starter(
  loaded: LoadedScenario,
  options: Pick<RunOptions, 'strategy' | 'procLooks'> = {},
): Start {
  return (sink, readFile) => new ScenarioRun(loaded, { sink, readFile, ...options });
}

/** How to build a run that follows a plan; where that does not fit, it goes on if `anyway`. */
export function followerOf(program: Program, plan: NamedPlan, anyway: boolean): Start {
  return (sink, readFile) =>
    program.start(
      (world) => {
        const texts = (): TextTable => world().machine.texts;
        return followed(plan, texts, anyway ? undefined : onlyIfItFits(texts));
      },
      sink,
      readFile,
    );
}
