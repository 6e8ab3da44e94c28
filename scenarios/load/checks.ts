/**
 * What the parts of a valid scenario say about each other: CPUs that exist, names that are
 * defined, names that are unique.
 */
import type { LoadedActor } from './actors.ts';
import type { Path, Report, Wrong } from './diagnostics.ts';
import type { Scenario } from './schema.ts';
import { placeOf } from './tree.ts';
import type { TreeNode } from './tree.ts';

/** Reports every contradiction. */
export function checkScenario(
  scenario: Scenario,
  actors: readonly LoadedActor[],
  root: TreeNode,
  report: Report,
): void {
  const error = (path: Path, message: string, wrong?: Wrong, key = false) =>
    report.error(placeOf(root, path, key), path, message, wrong);
  const seen = new Set<string>();
  for (const { name, group } of actors) {
    const path = ['actors', group];
    if (name === 'self') {
      error(path, "'self' means the acting actor; use another name", undefined, true);
    }
    if (seen.has(name)) error(path, `there is another actor '${name}'`, undefined, true);
    seen.add(name);
  }
  checkCpus(scenario, actors, error);
  const groups = new Set(actors.flatMap(({ name, group }) => [group, name]));
  for (const [i, { target }] of scenario.faults.entries()) {
    if (groups.has(target)) continue;
    const wrong = { got: target, among: groups };
    error(['faults', i, 'target'], `unknown actor '${target}'`, wrong);
  }
  for (const [i, row] of (scenario.table?.rows ?? []).entries()) {
    for (const [j, cell] of row.entries()) {
      if (typeof cell !== 'object' || Array.isArray(cell) || groups.has(cell.findings)) continue;
      const wrong = { got: cell.findings, among: groups };
      error(['table', 'rows', i, j, 'findings'], `unknown actor '${cell.findings}'`, wrong);
    }
  }
  const named = scenario.marked.map((name, i) => [['marked', i], name] as const);
  const counted = Object.keys(scenario.counts).map((name) => [['counts', name], name] as const);
  checkVariables(scenario, [...named, ...counted], error);
}

/** Every name is one of a shared variable. */
function checkVariables(
  { vars }: Scenario,
  names: readonly (readonly [Path, string])[],
  error: ErrorAt,
): void {
  for (const [path, name] of names) {
    if (Object.hasOwn(vars, name)) continue;
    error(path, `unknown variable '${name}'`, { got: name, among: Object.keys(vars) });
  }
}

type ErrorAt = (path: Path, message: string, wrong?: Wrong) => void;

function checkCpus(
  { machine, metrics }: Scenario,
  actors: readonly LoadedActor[],
  error: ErrorAt,
): void {
  const { cpus } = machine;
  const check = (cpu: number | undefined, path: Path) => {
    if (cpu === undefined || cpu < cpus) return;
    const range = cpus === 1 ? 'only CPU 0' : `CPUs 0 to ${cpus - 1}`;
    error(path, `the machine has ${range}, got ${cpu}`);
  };
  for (const { group, spec } of actors) {
    check('cpu' in spec ? spec.cpu : undefined, ['actors', group, 'cpu']);
    const list = 'cpus' in spec ? (spec.cpus ?? []) : [];
    for (const [i, cpu] of list.entries()) check(cpu, ['actors', group, 'cpus', i]);
  }
  for (const [metric, definition] of Object.entries(metrics)) {
    if ('wanted' in definition) check(definition.cpu, ['metrics', metric, 'cpu']);
  }
}
