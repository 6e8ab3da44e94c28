/*
 * Small programs with all detectors on: actors as lists of steps, each task on a CPU of its own.
 */
import type { Finding } from '../../../models/checks/findings.ts';
import { timed, RandomStreams } from '../../../engine/index.ts';
import { loadText } from '../../../scenarios/load/index.ts';
import { registry } from '../../../scenarios/registry.ts';
import { ScenarioRun } from '../../../scenarios/run/run.ts';

export type Steps = readonly (string | Readonly<Record<string, unknown>>)[];

export interface Small {
  readonly objects?: Readonly<Record<string, unknown>>;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly marked?: readonly string[];
  readonly kernel?: string;
  readonly preemption?: string;
  readonly cpus?: number;
  /** Steps of a kthread on a CPU of its own, or a whole actor. */
  readonly actors: Readonly<Record<string, Steps | Readonly<Record<string, unknown>>>>;
}

/** What one run in virtual time finds. */
export function findingsOf({ cpus, preemption = 'full', actors, ...rest }: Small): Finding[] {
  const all = Object.entries(actors);
  const entries = all.map(([name, actor], i) => [
    name,
    Array.isArray(actor)
      ? { kind: 'kthread', cpu: Math.min(i, (cpus ?? all.length) - 1), steps: actor }
      : actor,
  ]);
  const scenario = {
    name: 'small',
    machine: { cpus: cpus ?? all.length, preemption },
    until: '10s',
    actors: Object.fromEntries(entries) as unknown,
    ...rest,
  };
  const result = loadText('small', JSON.stringify(scenario), registry);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
  const strategy = timed(new RandomStreams(1).stream('choice'));
  return [...new ScenarioRun(result.loaded, { strategy }).end()];
}

/** The kinds, once each. */
export function kindsOf(small: Small): string[] {
  return [...new Set(findingsOf(small).map(({ kind }) => kind))];
}
