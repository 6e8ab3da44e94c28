/*
 * The folder of a search: OUT/<scenario>/explore-<seed>-<hash>/ with what was found and covered as
 * CSV, and everything in explore.json; nothing of the host, no clock and no path in any of them.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Constraint } from '../explore/constraints.ts';
import type { Explained } from '../explore/explain.ts';
import type { Point } from '../explore/timeline.ts';
import { isSystemError, writing } from './errors.ts';
import { notExplored, type Report } from './explore-text.ts';
import { fileName, settleBeside } from './folder.ts';
import type { RunIdentity } from './manifest.ts';
import { csv } from './tables.ts';

const FORMAT = 1;

/** The folder, and how it compares with one that was there before. */
export interface Written {
  readonly path: string;
  readonly outcome: 'new' | 'identical' | 'differs';
}

/** @throws OutputError */
export function writeExplored(out: string, identity: RunIdentity, report: Report): Written {
  const files = filesOf(identity, report);
  const parent = join(out, identity.scenario);
  const path = join(parent, folderOf(identity, report));
  const before = existsSync(path);
  if (before && files.every(([name, text]) => text === readIfThere(join(path, name)))) {
    return { path, outcome: 'identical' };
  }
  const draft = join(parent, `.draft-${randomUUID()}`);
  try {
    writing(path, () => mkdirSync(draft, { recursive: true }));
    for (const [name, text] of files) {
      writing(join(path, name), () => writeFileSync(join(draft, name), text));
    }
    const rename = (to: string): void => renameSync(draft, to);
    const kept = settleBeside({ rename }, before ? `${path}-differs` : path);
    return { path: kept, outcome: before ? 'differs' : 'new' };
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/** Where the clock or the user ended the search, how far it came decides, and so is in the name. */
function folderOf({ effective, overrides, lines }: RunIdentity, report: Report): string {
  const { hunt, stopped } = report;
  const byHost = stopped === 'time' || stopped === 'interrupted';
  const runs = byHost ? hunt.schedules : hunt.options.runs;
  const content = JSON.stringify([
    effective,
    overrides,
    { ...hunt.options, runs },
    hunt.program.bounds,
    byHost,
    ...(report.findings.length === 0 ? [] : [lines]),
  ]);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  return `explore-${fileName(hunt.options.seed)}-${hash}`;
}

function filesOf(identity: RunIdentity, report: Report): (readonly [string, string])[] {
  return [
    ['findings.csv', findingsText(report.findings)],
    ['coverage.csv', coverageText(report)],
    ['scenario.yaml', identity.effective],
    ['explore.json', `${JSON.stringify(everything(identity, report), null, 2)}\n`],
  ];
}

function findingsText(findings: readonly Explained[]): string {
  return csv(
    [
      'kind',
      'verdict',
      'text',
      'actors',
      'objects',
      'places',
      'first_run',
      'strategy',
      'preemptions',
      'interrupts',
      'steps',
      'rows',
      'schedule',
      'lines',
    ],
    findings.map(({ finding, found, preemptions, interrupts, timeline, schedule }) => [
      finding.kind,
      finding.verdict,
      finding.text,
      finding.actors.join(' '),
      finding.objects.join(' '),
      finding.places.map(({ actor, line }) => `${actor}:${line}`).join(' '),
      found.run,
      found.strategy,
      preemptions,
      interrupts,
      timeline.steps.length,
      finding.rows.join(' '),
      schedule,
      finding.lines.join('\n'),
    ]),
  );
}

function coverageText({ hunt }: Report): string {
  const { coverage, schedules, exhausted, cutShort } = hunt;
  return csv(
    ['measure', 'object', 'value'],
    [
      ['schedules', '', schedules],
      ['schedules.distinct', '', coverage.distinct],
      ['schedules.exhaustive', '', exhausted],
      ['schedules.given_up', '', cutShort],
      ...coverage.orders.map((order) => ['lock_order', order, 1]),
      ...coverage.contexts.flatMap(({ object, contexts }) =>
        contexts.map((context) => [`touched.${context}`, object, 1]),
      ),
    ],
  );
}

function everything(identity: RunIdentity, report: Report): unknown {
  const { version, scenario, seed, overrides } = identity;
  const { hunt, stopped, judged, findings } = report;
  const { coverage, schedules, complete, unbounded, options, program } = hunt;
  return {
    lockstep: version,
    formats: { explore: FORMAT, schedule: 1 },
    scenario,
    hash: program.hash,
    seed,
    overrides,
    ...(findings.length === 0 ? {} : { lines: identity.lines.join(' ') }),
    options,
    bounds: program.bounds,
    schedules,
    stopped,
    complete,
    unbounded,
    findings: findings.map((explained) => findingOf(report, explained)),
    missing: judged.missing,
    coverage: {
      distinct: coverage.distinct,
      lockOrders: coverage.orders,
      contexts: coverage.contexts,
    },
    notExplored: notExplored(report),
  };
}

function findingOf({ judged }: Report, explained: Explained): unknown {
  const { finding, found, plan, schedule, preemptions, interrupts, constraints } = explained;
  const { kind, verdict, text, actors, objects, places, rows, lines } = finding;
  return {
    kind,
    verdict,
    text,
    expected: !judged.unexpected.includes(found),
    actors,
    objects,
    places,
    rows,
    lines,
    firstRun: found.run,
    strategy: found.strategy,
    preemptions,
    interrupts,
    switches: plan.switches,
    schedule,
    constraints: constraints.map(({ first, then, schedule: flipped, shows }: Constraint) => ({
      first: pointOf(first),
      then: pointOf(then),
      flipped,
      shows,
    })),
  };
}

function pointOf({ kind, actor, line, text }: Point): Point {
  return { kind, actor, line, text };
}
