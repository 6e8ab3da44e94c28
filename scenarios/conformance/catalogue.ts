/*
 * Bug catalogues: each bug must be found by a search with the default settings, and in its repaired
 * twin there must be nothing to find. Programs that are about time are run in virtual time.
 */
import { formatDiagnostic, loadText, type LoadedScenario } from '../load/index.ts';
import type { StrategyName } from '../explore/hunt.ts';
import { huntFor, huntOf } from '../explore/settings.ts';
import { registry } from '../registry.ts';
import { ScenarioRun } from '../run/run.ts';
import type { MemoryModel } from '../../models/cpu/store-buffer.ts';
import type { Finding } from '../../models/checks/findings.ts';
import {
  isCatalogue,
  isCatalogueEntry,
  repaired,
  type Catalogue,
  type CatalogueEntry,
  type CatalogueProgram,
} from './catalogue-entry.ts';
import { lines } from './catalogue-names.ts';
import { scenarioOf } from './catalogue-scenario.ts';
import type { Format, Outcome } from './format.ts';

/** Schedules in which a bug must show itself. */
const RUNS = 2000;
/** Schedules of a repaired program: of the portfolio, then of the exhaustive search. */
const CLEAN_RUNS = 300;
const CLEAN_EXHAUSTIVE = 1000;

/** Words for which only virtual time has a meaning. */
const ABOUT_TIME = /^(?:at|work|delay|deadline)\s+\d/;

/** What was found before the search was over, each with the number of its schedule. */
interface Seen {
  readonly findings: readonly { readonly finding: Finding; readonly run: number }[];
  readonly schedules: number;
}

function runEntry(entry: CatalogueEntry): Outcome[] {
  const name = entry.id === undefined ? entry.name : `${entry.id} ${entry.name}`;
  const fixed = repaired(entry);
  const memory = /store buffer|\btso\b/i.test(entry.needs ?? '') ? 'tso' : 'sc';
  const difference = attempt(entry.name, entry.bug, memory, (p) => missed(entry, p));
  const outcomes = [{ name, difference }];
  if (fixed === null) return outcomes;
  const alarm = attempt(`${entry.name}-fixed`, fixed, memory, falseAlarm);
  return [...outcomes, { name: `${name} (fixed)`, difference: alarm }];
}

/** What is different about the program, or why it cannot be run. */
function attempt(
  name: string,
  program: CatalogueProgram,
  memory: MemoryModel,
  judge: (searched: Searched) => string | null,
): string | null {
  try {
    const scenario = scenarioOf(name, program, memory);
    const result = loadText(name, JSON.stringify(scenario, null, 1), registry);
    if (result.ok) return judge(new Searched(result.loaded, isTimed(program)));
    return result.diagnostics.map((diagnostic) => `  ${formatDiagnostic(diagnostic)}`).join('\n');
  } catch (error) {
    return `  the model stopped: ${(error as Error).message}`;
  }
}

function isTimed({ actors }: CatalogueProgram): boolean {
  return lines(actors.map(({ steps }) => steps)).some((line) => ABOUT_TIME.test(line));
}

function missed({ expect }: CatalogueEntry, searched: Searched): string | null {
  const seen = searched.search('portfolio', RUNS, expect.kind);
  if (seen.findings.some(({ finding }) => finding.kind === expect.kind)) return null;
  return shown(`no ${expect.kind} in ${seen.schedules} schedules`, seen);
}

function falseAlarm(searched: Searched): string | null {
  for (const [strategy, runs] of [
    ['portfolio', CLEAN_RUNS],
    ['dfs', CLEAN_EXHAUSTIVE],
  ] as const) {
    const seen = searched.search(strategy, runs, null);
    if (seen.findings.length > 0) return shown('expected no finding', seen);
  }
  return null;
}

function shown(title: string, { findings }: Seen): string {
  const rows = findings.map(
    ({ finding: { kind, text, actor }, run }) => `    ${kind} (schedule ${run}, ${actor}): ${text}`,
  );
  return [`  ${title}`, ...rows].join('\n');
}

class Searched {
  private readonly loaded: LoadedScenario;
  private readonly timed: boolean;

  constructor(loaded: LoadedScenario, timed: boolean) {
    this.loaded = loaded;
    this.timed = timed;
  }

  /** Goes on until there is a finding of the kind (null: any), or as long as it may. */
  search(strategy: StrategyName, runs: number, kind: string | null): Seen {
    if (this.timed) {
      const findings = new ScenarioRun(this.loaded).end();
      const shows = findings.some((finding) => finding.kind === kind);
      // Who comes first at one instant may decide whether virtual time shows it.
      if (kind === null || shows) {
        return { findings: findings.map((finding) => ({ finding, run: 1 })), schedules: 1 };
      }
    }
    const hunt = huntOf(this.loaded, { strategy, runs });
    huntFor(hunt, kind);
    return { findings: hunt.found, schedules: hunt.schedules };
  }
}

export const catalogueFormat: Format = {
  recognises: (json) => isCatalogue(json) || isCatalogueEntry(json),
  run: (json) => {
    const bugs = isCatalogue(json) ? (json as Catalogue).bugs : [json as CatalogueEntry];
    return bugs.flatMap(runEntry);
  },
};
