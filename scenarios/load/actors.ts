/**
 * The actors of a scenario, one by one: copies of those with a `count`, each with its own
 * `$index`, the parameters of its program checked, its steps compiled.
 */
import type { z } from 'zod';
import type { Report } from './diagnostics.ts';
import { mentionsIndex } from './interpolate.ts';
import { IssueReporter, issueMessage } from './issues.ts';
import type { JsonSchema } from './json-schema.ts';
import { LIMITS } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { lower } from './program.ts';
import type { Program } from './program.ts';
import { ACTOR_KINDS } from './registry.ts';
import type { ActorKind, ProgramDeclaration, Registry } from './registry.ts';
import type { Actor, Scenario } from './schema.ts';
import type { Scope, Variable } from './scope.ts';
import { StepCompiler } from './steps.ts';
import { child, placeOf, toData } from './tree.ts';
import type { TreeNode } from './tree.ts';

/** One actor. */
export interface LoadedActor {
  /** `reader`, or `reader-3` when the file says `count`. */
  readonly name: string;
  /** The name in the file, which all copies share. */
  readonly group: string;
  /** The number of the copy, from 0. */
  readonly index: number;
  /** Its fields, with every default and the validated parameters of its program in `with`. */
  readonly spec: Actor;
  /** What it runs: a built-in program, or its compiled steps. */
  readonly body:
    | { readonly kind: 'program'; readonly program: ProgramDeclaration }
    | { readonly kind: 'steps'; readonly code: Program };
}

/** An actor of the file before it is expanded. */
interface Group {
  readonly name: string;
  readonly node: TreeNode;
  readonly kind: ActorKind | undefined;
  /** Undefined: a single actor without a number. */
  readonly count: number | undefined;
}

type ActorSchema = z.ZodType<Actor>;
type Data = Readonly<Record<string, unknown>>;

export class ActorLoader {
  readonly scope: Scope;
  private readonly root: TreeNode;
  private readonly registry: Registry;
  private readonly parameters: Parameters;
  private readonly report: Report;
  private readonly issues: IssueReporter;
  private readonly groups: readonly Group[];
  private instructions = 0;

  /** `data` is the whole scenario as written, which need not be valid. */
  constructor(
    root: TreeNode,
    registry: Registry,
    parameters: Parameters,
    data: unknown,
    report: Report,
    schema: JsonSchema,
  ) {
    this.root = root;
    this.registry = registry;
    this.parameters = parameters;
    this.report = report;
    this.issues = new IssueReporter(root, report, schema, data);
    this.groups = this.readGroups(data);
    this.scope = {
      registry,
      hz: parameters.hz,
      variables: readVariables(data),
      objects: new Map(
        Object.entries(mapIn(data, 'objects')).map(([name, object]) => {
          const type = (object as Data | null)?.['type'];
          return [name, typeof type === 'string' ? type : undefined];
        }),
      ),
      actors: new Map(
        this.groups.flatMap((group) => names(group).map((name) => [name, group.kind])),
      ),
    };
  }

  /** All actors; without a valid scenario only their steps are looked at, for errors. */
  load(scenario: Scenario | undefined, schema: ActorSchema): LoadedActor[] {
    const loaded: LoadedActor[] = [];
    for (const group of this.groups) {
      const first = scenario?.actors[group.name];
      const specDiffers = this.parameters.indexed.some(({ path }) => path[1] === group.name);
      const written = child(group.node, 'steps');
      const steps = written?.kind === 'list' ? written : undefined;
      const stepsDiffer = steps !== undefined && mentionsIndexSomewhere(steps);
      let code: Program | undefined;
      let latest: LoadedActor | undefined;
      for (const [index, name] of names(group).entries()) {
        if (this.report.full || (index > 0 && !scenario)) break;
        if (index > 0 && latest && !specDiffers && !stepsDiffer) {
          loaded.push({ ...latest, name, index });
          continue;
        }
        if (steps && (index === 0 || stepsDiffer)) code = this.compile(group, steps, index);
        const spec = index === 0 || !specDiffers ? first : this.instance(group, index, schema);
        latest = spec && this.actor(group, index, name, spec, code);
        if (latest) loaded.push(latest);
      }
    }
    return loaded;
  }

  /** The actors by the names of the file, each as its first copy is. */
  firstInstances(scenario: Scenario, loaded: readonly LoadedActor[]): Scenario['actors'] {
    const first = loaded.filter(({ index }) => index === 0);
    return { ...scenario.actors, ...Object.fromEntries(first.map((a) => [a.group, a.spec])) };
  }

  private readGroups(data: unknown): Group[] {
    const actors = child(this.root, 'actors');
    const groups =
      actors?.kind !== 'map'
        ? []
        : [...actors.entries].map(([name, { node }]) => {
            const { count, kind } = mapIn(mapIn(data, 'actors'), name);
            const valid =
              typeof count === 'number' &&
              Number.isInteger(count) &&
              count >= 1 &&
              count <= LIMITS.actors;
            return {
              name,
              node,
              count: valid ? count : undefined,
              kind: ACTOR_KINDS.find((known) => known === kind),
            };
          });
    const total = groups.reduce((sum, { count }) => sum + (count ?? 1), 0);
    if (total <= LIMITS.actors) return groups;
    const message = `${total} actors in all; there can be ${LIMITS.actors}`;
    this.report.error(placeOf(this.root, ['actors'], true), ['actors'], message);
    return groups.map((group) => ({ ...group, count: undefined }));
  }

  private instance(group: Group, index: number, schema: ActorSchema): Actor | undefined {
    const path = ['actors', group.name];
    const data = this.parameters.data(group.node, path, index);
    const parsed = schema.safeParse(data, { error: issueMessage, reportInput: true });
    if (!parsed.success) this.issues.add(parsed.error.issues, path);
    return parsed.data;
  }

  private actor(
    group: Group,
    index: number,
    name: string,
    spec: Actor,
    code: Program | undefined,
  ): LoadedActor | undefined {
    const base = { name, group: group.name, index };
    const program = this.registry.programs.get(spec.program ?? '');
    if (!program) return code && { ...base, spec, body: { kind: 'steps', code } };
    const parsed = program.with.safeParse(spec.with, { error: issueMessage, reportInput: true });
    if (!parsed.success) {
      this.issues.add(parsed.error.issues, ['actors', group.name, 'with']);
      return undefined;
    }
    return {
      ...base,
      spec: { ...spec, with: parsed.data },
      body: { kind: 'program', program },
    };
  }

  private compile(group: Group, steps: TreeNode, index: number): Program | undefined {
    if (this.instructions > LIMITS.instructions) return undefined;
    const compiler = new StepCompiler(this.scope, this.parameters.instance(index), this.report);
    const path = ['actors', group.name, 'steps'];
    const nodes = compiler.compile(steps, path);
    if (!this.report.clean) return undefined;
    const program = lower(nodes, compiler.locals);
    this.instructions += program.code.length;
    if (this.instructions <= LIMITS.instructions) return program;
    const message = `the steps of all actors make more than ${LIMITS.instructions} instructions`;
    this.report.error(steps.place, path, message);
    return undefined;
  }
}

function names({ name, count }: Group): string[] {
  return count === undefined ? [name] : Array.from({ length: count }, (_, i) => `${name}-${i}`);
}

function mentionsIndexSomewhere(node: TreeNode): boolean {
  let found = false;
  toData(node, ({ value }) => {
    found ||= typeof value === 'string' && mentionsIndex(value);
  });
  return found;
}

/** The map under a key of data that need not be valid; empty if there is none. */
function mapIn(data: unknown, key: string): Data {
  const value: unknown =
    typeof data === 'object' && data !== null && Object.hasOwn(data, key)
      ? Reflect.get(data, key)
      : undefined;
  return typeof value === 'object' && value !== null ? (value as Data) : {};
}

function readVariables(data: unknown): Map<string, Variable> {
  const marked: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'marked') : undefined;
  return new Map(
    Object.entries(mapIn(data, 'vars')).map(([name, value], slot) => [
      name,
      {
        name,
        slot,
        array: typeof value === 'object',
        initial: initialValues(value),
        marked: Array.isArray(marked) && marked.includes(name),
      },
    ]),
  );
}

function initialValues(value: unknown): number[] {
  if (Array.isArray(value)) return value.map(Number);
  if (typeof value !== 'object' || value === null) return [Number(value)];
  const length = Number((value as Data)['length']);
  return new Array<number>(length >= 1 && length <= LIMITS.arrayElements ? length : 1).fill(0);
}
