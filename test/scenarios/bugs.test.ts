/*
 * The bug catalogue and the article's bugs as they are shipped: the search finds each bug with the
 * settings of its file, and nothing in its repaired twin. LOCKSTEP_BUG_RUNS=20000 looks at that
 * many schedules of each twin, by each way of drawing them, and at all with two preemptions.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StrategyName } from '../../scenarios/explore/hunt.ts';
import { huntFor, huntOf } from '../../scenarios/explore/settings.ts';
import { formatDiagnostic, loadFile, type LoadedScenario } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';
import { ScenarioRun } from '../../scenarios/run/run.ts';

const scenarios = join(import.meta.dirname, '../../scenarios');
const names = ['bugs', 'article/bugs'].flatMap((folder) =>
  readdirSync(join(scenarios, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `${folder}/${file.slice(0, -'.yaml'.length)}`),
);
const bugs = names.filter((name) => !name.endsWith('-fixed'));

const thorough = Number(process.env['LOCKSTEP_BUG_RUNS'] ?? 0);
const SAMPLES = 100;
/** Exhaustive searches that are not over by then are left. */
const EXHAUSTIVE = thorough > 0 ? 1_000_000 : 300;
const SECONDS = 60_000;

function load(name: string): LoadedScenario {
  const result = loadFile(join(scenarios, `${name}.yaml`), registry);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.loaded;
}

/** What the search, or the run of a scenario that is about time, finds. */
function findings(
  loaded: LoadedScenario,
  strategy: StrategyName,
  runs: number,
  kind: string | null,
): string[] {
  const hunt = huntOf(loaded, { strategy, runs });
  huntFor(hunt, kind);
  return hunt.found.map(({ finding }) => `${finding.kind}: ${finding.text}`);
}

function inTime(loaded: LoadedScenario): string[] {
  return new ScenarioRun(loaded).end().map(({ kind, text }) => `${kind}: ${text}`);
}

describe.each(bugs)('the bug %s', (name) => {
  const loaded = load(name);
  const { runs, strategy, findings: searched } = loaded.scenario.explore;
  const { must } = loaded.scenario.expect.findings;

  it('is found by the search that its file asks for, or in time', () => {
    const [kind = ''] = [...searched.must, ...must];
    const found = must.length > 0 ? inTime(loaded) : findings(loaded, strategy, runs, kind);
    const known = new Set([kind, ...searched.may, ...loaded.scenario.expect.findings.may]);
    const kinds = found.map((text) => text.split(':')[0]);
    expect(kinds).toContain(kind);
    expect(kinds.filter((other) => !known.has(other!))).toEqual([]);
  });

  it('has a repaired twin in which there is nothing to find', { timeout: SECONDS * 5 }, () => {
    const twin = load(`${name}-fixed`);
    expect(inTime(twin)).toEqual([]);
    // Where the bug is one of time, so is the repair: other orders of its steps may well starve.
    if (must.length > 0) return;
    for (const strategy of ['random', 'pct', 'pos', 'urw'] as const) {
      expect(findings(twin, strategy, thorough || SAMPLES, null)).toEqual([]);
    }
    expect(findings(twin, 'dfs', EXHAUSTIVE, null)).toEqual([]);
  });
});

it('every scenario of the catalogue has its twin', () => {
  expect(names.filter((name) => name.endsWith('-fixed'))).toEqual(
    bugs.map((name) => `${name}-fixed`),
  );
});
