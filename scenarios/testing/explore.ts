/*
 * explore(scenario, options) for tests: searches the interleavings of a scenario or of a program in
 * TypeScript, and explains what it finds.
 */
import { parseSchedule, type RunBounds } from '../../engine/index.ts';
import type { FindingKind } from '../../models/checks/findings.ts';
import { explain, type Explained } from '../explore/explain.ts';
import type { Explorable } from '../explore/explorable.ts';
import {
  identity,
  type Found,
  Hunt,
  type HuntOptions,
  type StrategyName,
} from '../explore/hunt.ts';
import { Program } from '../explore/program.ts';
import { judged, type Stopped } from '../explore/search.ts';
import { loadFile, type LoadedScenario } from '../load/index.ts';
import { inputReader } from '../output/inputs.ts';
import { findingLines, notExplored } from '../output/explore-text.ts';
import { registry } from '../registry.ts';
import { DefinedProgram, type ProgramDefinition } from './program.ts';

export interface ExploreOptions {
  readonly strategy?: StrategyName;
  readonly seed?: number | string;
  readonly runs?: number;
  /** Of pct. */
  readonly depth?: number;
  /** Of the exhaustive search. */
  readonly preemptions?: number;
  /** How often a line interrupts that does not say how often. */
  readonly interrupts?: number;
  readonly steps?: number;
  readonly timeouts?: 'patient' | 'any';
  readonly keepGoing?: boolean;
  /** Runs this schedule and no other. */
  readonly schedule?: string;
}

export interface Explored {
  readonly findings: readonly Explained[];
  /** Those that nobody expects. */
  readonly unexpected: readonly Explained[];
  readonly kinds: readonly FindingKind[];
  readonly schedules: number;
  readonly distinct: number;
  /** Every schedule was run. */
  readonly exhaustive: boolean;
  readonly notExplored: readonly string[];
  /** Of the findings that nobody expects: splats, timelines, what makes them fail. */
  readonly text: string;
}

/** A scenario's file, a loaded one, or a program in TypeScript. */
export type Scenario = string | LoadedScenario | ProgramDefinition;

/** @throws Error if the scenario is not valid */
export function explore(scenario: Scenario, options: ExploreOptions = {}): Explored {
  const { schedule } = options;
  const bounds = schedule === undefined ? boundsOf(options) : parseSchedule(schedule).bounds;
  const subject = explorable(scenario, bounds);
  const hunt = new Hunt(subject, huntOptions(options));
  if (schedule === undefined) {
    while (!hunt.over) hunt.advance();
  } else {
    take(hunt, schedule);
  }
  return explored(hunt, schedule === undefined ? hunt.ended : 'found');
}

/** What can be run again and again. @throws Error if the scenario is not valid */
export function explorable(scenario: Scenario, bounds: RunBounds): Explorable {
  if (typeof scenario === 'string') {
    const result = loadFile(scenario, registry);
    if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
    return new Program(result.loaded, bounds, inputReader(scenario));
  }
  return 'setup' in scenario ? new DefinedProgram(scenario, bounds) : new Program(scenario, bounds);
}

export function boundsOf({ interrupts, steps, timeouts }: ExploreOptions): RunBounds {
  return { interrupts: interrupts ?? 2, steps: steps ?? 20_000, anyTimeouts: timeouts === 'any' };
}

function huntOptions(options: ExploreOptions): HuntOptions {
  const { interrupts = 2, seed = 1 } = options;
  return {
    strategy: options.strategy ?? 'portfolio',
    seed: String(seed),
    runs: options.runs ?? 2000,
    depth: options.depth ?? 3,
    preemptions: options.preemptions ?? 2,
    arrivals: interrupts,
    keepGoing: options.keepGoing ?? false,
  };
}

/** What one schedule shows. */
function take(hunt: Hunt, schedule: string): void {
  const { plan } = parseSchedule(schedule);
  const { findings } = hunt.program.follow(plan);
  const seen = new Set<string>();
  for (const finding of findings) {
    if (seen.has(identity(finding))) continue;
    seen.add(identity(finding));
    hunt.found.push({ finding, plan, run: 1, strategy: 'replay' });
  }
  hunt.schedules++;
}

function explored(hunt: Hunt, stopped: Stopped): Explored {
  const findings = hunt.found.map((found) => explain(hunt, found));
  const verdict = judged(hunt);
  const isUnexpected = (found: Found): boolean => verdict.unexpected.includes(found);
  const unexpected = findings.filter(({ found }) => isUnexpected(found));
  const report = {
    judged: verdict,
    findings: unexpected,
    replay: (schedule: string) => `explore(scenario, { schedule: '${schedule}' })`,
  };
  const plain = (text: string): string => text;
  const style = { bold: plain, red: plain, green: plain, yellow: plain, unicode: false };
  return {
    findings,
    unexpected,
    kinds: [...new Set(findings.map(({ finding }) => finding.kind))],
    schedules: hunt.schedules,
    distinct: hunt.coverage.distinct,
    exhaustive: hunt.complete && hunt.unbounded,
    notExplored: notExplored({ hunt, stopped }),
    text: unexpected
      .map((explained, i) => findingLines(report, explained, i, style).join('\n'))
      .join('\n\n'),
  };
}
