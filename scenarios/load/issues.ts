/**
 * What zod found wrong, in our words: what was expected, what came, and the nearest name.
 */
import type { z } from 'zod';
import type { Path, Report, Wrong } from './diagnostics.ts';
import type { JsonSchema } from './json-schema.ts';
import { ACTOR_KINDS } from './registry.ts';
import { knownKeys, knownValues } from './shape.ts';
import { nodeAt, placeOf } from './tree.ts';
import type { TreeNode } from './tree.ts';

const KINDS: Readonly<Record<string, string>> = {
  int: 'an integer',
  number: 'an integer',
  string: 'a string',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

/** A value as an error message quotes it. */
export function quote(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a map';
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The message of an issue for which the schema itself has none. */
export const issueMessage: z.core.$ZodErrorMap = (issue) => {
  const got = quote(issue.input);
  switch (issue.code) {
    case 'invalid_type': {
      const expected = KINDS[issue.expected] ?? issue.expected;
      return issue.input === undefined
        ? `missing; expected ${expected}`
        : `expected ${expected}, got ${got}`;
    }
    case 'invalid_value': {
      const values = issue.values.map(String).join(', ');
      const several = issue.values.length > 1 ? 'one of ' : '';
      if (issue.input === undefined) return `missing; expected ${several}${values}`;
      return issue.values.length > 0
        ? `expected ${several}${values}; got ${got}`
        : `no name is valid here, got ${got}`;
    }
    case 'too_small':
    case 'too_big': {
      const small = issue.code === 'too_small';
      const bound = String(small ? issue.minimum : issue.maximum);
      const unit = issue.origin === 'array' ? ' items' : '';
      const found = issue.origin === 'array' ? `${(issue.input as unknown[]).length}` : got;
      return `expected at ${small ? 'least' : 'most'} ${bound}${unit}, got ${found}`;
    }
    default:
      return undefined;
  }
};

/** Reports the issues of one parse; `prefix` is the path of the value that was parsed. */
export class IssueReporter {
  private readonly root: TreeNode;
  private readonly report: Report;
  private readonly schema: JsonSchema;
  private readonly data: unknown;

  constructor(root: TreeNode, report: Report, schema: JsonSchema, data: unknown) {
    this.root = root;
    this.report = report;
    this.schema = schema;
    this.data = data;
  }

  add(issues: readonly z.core.$ZodIssue[], prefix: Path): void {
    for (const issue of issues) {
      if (this.report.full) return;
      this.one(issue, prefix);
    }
  }

  private one(issue: z.core.$ZodIssue, prefix: Path): void {
    const path = [...prefix, ...(issue.path as Path)];
    // A value that stands in the file and is not here was found wrong, and reported, before.
    if (issue.input === undefined && nodeAt(this.root, path)) return;
    switch (issue.code) {
      case 'unrecognized_keys': {
        const among = knownKeys(this.schema, path, this.data);
        for (const key of issue.keys) {
          this.put([...path, key], `unknown key '${key}'`, { got: key, among }, true);
        }
        return;
      }
      case 'invalid_key':
        this.put(path, issue.issues[0]?.message ?? issue.message, undefined, true);
        return;
      case 'invalid_union':
        this.union(issue, path);
        return;
      case 'invalid_value': {
        const among = issue.values.map(String);
        this.put(path, issue.message, { got: String(issue.input), among });
        return;
      }
      default:
        this.put(path, issue.message);
    }
  }

  private union(issue: z.core.$ZodIssueInvalidUnion, path: Path): void {
    const { discriminator } = issue;
    if (discriminator !== undefined) {
      const got = (issue.input as Record<string, unknown>)[discriminator];
      const among = knownValues(this.schema, path, this.data);
      const message =
        got === undefined
          ? `missing; expected one of ${among.join(', ')}`
          : `unknown ${discriminator} ${quote(got)}; ${this.instead(path, got, among)}`;
      this.put(path, message, { got: String(got), among });
      return;
    }
    // A member that takes the kind of the value, if not all of it, is the one that was meant.
    const meant = issue.errors.find((errors) =>
      errors.every(
        (inner) => inner.path.length > 0 || !['invalid_type', 'invalid_value'].includes(inner.code),
      ),
    );
    if (meant) this.add(meant, path);
    else this.put(path, issue.message);
  }

  /** What stands among the objects and is an actor belongs elsewhere. */
  private instead(path: Path, got: unknown, among: readonly string[]): string {
    const kind = ACTOR_KINDS.find((known) => known === got);
    if (path[0] !== 'objects' || kind === undefined) return `known are ${among.join(', ')}`;
    const name = String(path[1]);
    return `a ${kind} is an actor: write actors: { ${name}: { kind: ${kind}, steps: [...] } }`;
  }

  private put(path: Path, message: string, wrong?: Wrong, key = false): void {
    this.report.error(placeOf(this.root, path, key), path, message, wrong);
  }
}
