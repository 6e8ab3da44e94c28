/**
 * Loads a scenario: text to a validated scenario with every default, its actors one by one, and
 * their steps compiled. Everything wrong with the file is reported at once; nothing is run.
 */
import { z } from 'zod';
import { ActorLoader } from './actors.ts';
import type { LoadedActor } from './actors.ts';
import { checkScenario } from './checks.ts';
import { Report, Source } from './diagnostics.ts';
import type { Diagnostic, Path, Position } from './diagnostics.ts';
import { formatEffective } from './effective.ts';
import { parseExpectation } from './expectations.ts';
import type { Expectation } from './expectations.ts';
import { IssueReporter, issueMessage } from './issues.ts';
import { canonicalJsonSchema } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { normalise } from './normalise.ts';
import { applyOverrides } from './overrides.ts';
import { Parameters } from './parameters.ts';
import type { Registry } from './registry.ts';
import { scenarioSchema } from './schema.ts';
import type { Scenario, ScenarioSchema } from './schema.ts';
import { ExpressionCompiler } from './scope.ts';
import type { Expression, Variable } from './scope.ts';
import { parseSource, readSource, UnreadableFile } from './source.ts';
import { loadTable } from './table.ts';
import type { LoadedTable } from './table.ts';
import { placeOf } from './tree.ts';
import type { TreeNode } from './tree.ts';

/** A scenario that is ready to be run. */
export interface LoadedScenario {
  /** The scenario with every default; of a replicated actor it shows the copy with index 0. */
  readonly scenario: Scenario;
  /** The actors in the order of the file, replicated ones copy by copy. */
  readonly actors: readonly LoadedActor[];
  /** The shared variables by slot. */
  readonly variables: readonly Variable[];
  /** What must hold when everything has ended. */
  readonly finally: readonly Expression[];
  readonly expectations: readonly Expectation[];
  readonly table: LoadedTable | undefined;
  /** The canonical YAML with every default written out; it loads to the same scenario. */
  readonly effective: string;
}

export type LoadResult =
  | { readonly ok: true; readonly loaded: LoadedScenario }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Loads a scenario file; `overrides` are `path=value`, applied in order. */
export function loadFile(
  file: string,
  registry: Registry,
  overrides: readonly string[] = [],
): LoadResult {
  try {
    return loadSource(readSource(file), registry, overrides);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const diagnostic = { file, line: 0, column: 0, path: '', message: error.message };
    return { ok: false, diagnostics: [diagnostic] };
  }
}

/** Loads a scenario from text; `file` is the name that errors give it. */
export function loadText(
  file: string,
  text: string,
  registry: Registry,
  overrides: readonly string[] = [],
): LoadResult {
  return loadSource(new Source(file, text), registry, overrides);
}

function loadSource(source: Source, registry: Registry, overrides: readonly string[]): LoadResult {
  const report = new Report(source);
  const root = parseSource(report);
  const loaded = root && new Loader(root, registry, report).load(overrides);
  return loaded && report.clean
    ? { ok: true, loaded }
    : { ok: false, diagnostics: report.sorted() };
}

/** The schemas of a registry take a while to make and never change. */
const SCHEMAS = new WeakMap<Registry, { schema: ScenarioSchema; json: JsonSchema }>();

function schemasOf(registry: Registry): { schema: ScenarioSchema; json: JsonSchema } {
  let schemas = SCHEMAS.get(registry);
  if (!schemas) {
    schemas = { schema: scenarioSchema(registry), json: canonicalJsonSchema(registry) };
    SCHEMAS.set(registry, schemas);
  }
  return schemas;
}

class Loader {
  private readonly root: TreeNode;
  private readonly registry: Registry;
  private readonly report: Report;
  private readonly schema: ScenarioSchema;
  private readonly json: JsonSchema;

  constructor(root: TreeNode, registry: Registry, report: Report) {
    this.root = root;
    this.registry = registry;
    this.report = report;
    ({ schema: this.schema, json: this.json } = schemasOf(registry));
  }

  load(overrides: readonly string[]): LoadedScenario | undefined {
    const { root, registry, report } = this;
    normalise(root, registry, report);
    if (root.kind === 'map') applyOverrides(root, overrides, this.json, report);
    normalise(root, registry, report);
    const parameters = new Parameters(root, report);
    const data = parameters.data(root);
    const issues = new IssueReporter(root, report, this.json, data);
    const parsed = this.schema.safeParse(data, { error: issueMessage, reportInput: true });
    if (!parsed.success) issues.add(parsed.error.issues, []);
    const actors = new ActorLoader(root, registry, parameters, data, report, this.json);
    // The steps are compiled even when something else is wrong: all errors are told at once.
    const instances = actors.load(parsed.data, this.schema.shape.actors.valueType);
    if (!parsed.success) return undefined;
    const scenario = { ...parsed.data, actors: actors.firstInstances(parsed.data, instances) };
    checkScenario(scenario, instances, root, report);
    const expectations = this.expectations(scenario, parameters.hz);
    const table = scenario.table && loadTable(scenario.table, parameters.hz, this.atPath);
    const compiler = new ExpressionCompiler(actors.scope, undefined);
    const last = scenario.finally.flatMap((text, i) => this.finally(compiler, text, i));
    if (!report.clean) return undefined;
    return {
      scenario,
      actors: instances,
      expectations,
      table,
      finally: last,
      variables: [...actors.scope.variables.values()],
      effective: formatEffective(z.encode(this.schema, scenario), instances, parameters.indexed),
    };
  }

  private expectations({ expect }: Scenario, hz: number): Expectation[] {
    return expect.that.flatMap(
      (text, i) => this.atPath(['expect', 'that', i], (at) => parseExpectation(text, hz, at)) ?? [],
    );
  }

  private finally(compiler: ExpressionCompiler, text: string, i: number): Expression[] {
    return this.atPath(['finally', i], () => [compiler.compile(text, 0, () => {})]) ?? [];
  }

  /** Parses a text of the file; what is wrong with it is reported at its place. */
  private readonly atPath = <T>(path: Path, parse: (at: Position) => T): T | undefined => {
    const place = placeOf(this.root, path);
    try {
      return parse(this.report.source.position(place));
    } catch (error) {
      this.report.textError(place, path, error);
      return undefined;
    }
  };
}
