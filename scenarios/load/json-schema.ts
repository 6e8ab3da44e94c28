/**
 * The JSON Schema (draft 2020-12) of scenario files: the loader's own schema in its canonical
 * form, and for editors the same with the short forms that the loader also takes and with
 * `$parameters` wherever a value may stand.
 */
import { z } from 'zod';
import type { ObjectTypeDeclaration, Registry } from './registry.ts';
import { scenarioSchema } from './schema.ts';

/** A JSON Schema, as far as it is looked into here. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
  required?: string[];
  const?: unknown;
  enum?: unknown[];
  [keyword: string]: unknown;
}

const OPTIONS = { io: 'input', unrepresentable: 'any' } as const;
const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });

/** The schema of the canonical form, which the loader validates. */
export function canonicalJsonSchema(registry: Registry): JsonSchema {
  const schema = z.toJSONSchema(scenarioSchema(registry), OPTIONS) as JsonSchema;
  const actor = schema.properties!['actors']!.additionalProperties as JsonSchema;
  actor.allOf = [...registry.programs.values()].map((program) => ({
    if: { properties: { program: { const: program.name } }, required: ['program'] },
    then: { properties: { with: parameters(program.with) } },
  }));
  return schema;
}

function parameters(schema: z.ZodObject): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, OPTIONS) as JsonSchema;
  return rest;
}

/** Fields in which `$name` is no reference. */
const VERBATIM = new Set(['name', 'version', 'about', 'params']);

/** The schema that editors complete and check scenario files with. */
export function jsonSchema(registry: Registry): JsonSchema {
  const schema = canonicalJsonSchema(registry);
  const properties = schema.properties!;
  for (const key of Object.keys(properties)) {
    if (!VERBATIM.has(key)) properties[key] = withReferences(properties[key]!);
  }
  const { objects, machine, actors, expect } = properties;
  const object = objects!.additionalProperties as JsonSchema;
  for (const { properties: fields } of object.oneOf ?? []) {
    const { const: name, ...rest } = fields!['type']!;
    fields!['type'] = { ...rest, enum: namesOf(registry.objectTypes.get(String(name))!) };
  }
  objects!.additionalProperties = { anyOf: [shortObject(registry), object] };
  const costs = machine!.properties!['costs']!;
  machine!.properties!['costs'] = {
    description: costs.description!,
    anyOf: [costs.properties!['preset']!, costs],
  };
  const actor = actors!.additionalProperties as JsonSchema;
  for (const kind of actor.oneOf!) {
    delete kind.required;
    kind.properties!['name'] = { type: 'string', description: 'Its name, in a list of actors.' };
    kind.properties!['steps'] = { ...kind.properties!['steps'], items: ref('step') };
    const { const: constant, ...told } = kind.properties!['kind']!;
    if (constant !== 'kthread') kind.required = ['kind'];
    else kind.properties!['kind'] = { ...told, enum: ['kthread', 'task'], default: 'kthread' };
  }
  actors!.additionalProperties = ref('actor');
  properties['actors'] = {
    description: actors!.description!,
    anyOf: [actors!, { type: 'array', items: ref('actor') }],
  };
  properties['expect'] = { description: expect!.description!, anyOf: shortExpect(expect!) };
  const $defs = { actor, step: step(registry), reference: REFERENCE };
  return { ...schema, title: 'Lockstep scenario', $defs };
}

const REFERENCE: JsonSchema = {
  type: 'string',
  pattern: '\\$',
  description: 'A parameter ($name) or an expression over parameters (${expression}).',
};

/** A copy in which every value that is not free text may also be a reference. */
function withReferences(schema: JsonSchema): JsonSchema {
  const copy = { ...schema };
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) {
    if (copy[key]) copy[key] = copy[key].map(key === 'anyOf' ? inUnion : withReferences);
  }
  if (copy.items) copy.items = withReferences(copy.items);
  if (copy.then) copy.then = withReferences(copy.then);
  if (copy.properties) {
    copy.properties = Object.fromEntries(
      Object.entries(copy.properties).map(([key, value]) => [key, withReferences(value)]),
    );
  }
  if (typeof copy.additionalProperties === 'object') {
    copy.additionalProperties = withReferences(copy.additionalProperties);
  }
  const { description, default: preset, ...rest } = copy;
  if (!isClosedScalar(copy)) return copy;
  return {
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
    anyOf: [rest, ref('reference')],
  };
}

/** Members of a union are left alone: the union itself takes the reference. */
function inUnion(schema: JsonSchema): JsonSchema {
  return isClosedScalar(schema) ? schema : withReferences(schema);
}

/** A scalar that would refuse the text of a reference; discriminators stay as they are. */
function isClosedScalar(schema: JsonSchema): boolean {
  if (schema.anyOf) return schema.anyOf.some(isClosedScalar);
  if (typeof schema.const === 'string') return false;
  return (
    schema.enum !== undefined ||
    schema.pattern !== undefined ||
    schema.const !== undefined ||
    ['integer', 'number', 'boolean'].includes(schema.type ?? '')
  );
}

function namesOf({ name, aliases }: ObjectTypeDeclaration): string[] {
  return [name, ...(aliases ?? [])];
}

function shortObject(registry: Registry): JsonSchema {
  const types = [...registry.objectTypes.values()];
  const names = types.flatMap(namesOf);
  const withValue = types.filter(({ short }) => short !== undefined).flatMap(namesOf);
  const pattern: JsonSchema = { type: 'string', pattern: `^(${withValue.join('|')}):` };
  return { anyOf: [{ enum: names }, ...(withValue.length > 0 ? [pattern] : [])] };
}

function shortExpect(expect: JsonSchema): JsonSchema[] {
  const { that, findings } = expect.properties!;
  const scalar: JsonSchema = { type: ['number', 'string'] as never };
  const { description } = that! as { description: string };
  const text: JsonSchema = { type: 'string', description };
  const either = { description, anyOf: [text, that!] };
  const map: JsonSchema = {
    type: 'object',
    properties: { that: either, findings: findings! },
    additionalProperties: scalar,
  };
  return [map, { type: 'array', items: { anyOf: [text, map] } }];
}

function step(registry: Registry): JsonSchema {
  const list: JsonSchema = { type: 'array', items: ref('step') };
  const value: JsonSchema = { type: ['string', 'integer', 'boolean'] as never };
  const form = (
    description: string,
    required: string[],
    properties: Record<string, JsonSchema>,
  ): JsonSchema => ({
    type: 'object',
    description,
    required,
    properties,
    additionalProperties: false,
  });
  const calls = [...registry.ops.values()].filter(({ args }) => args.length === 0);
  return {
    description: 'A call (`spin_lock L`), an assignment, log, assert, return, or a block.',
    anyOf: [
      { enum: ['return', 'break', 'continue', ...calls.map(({ name }) => name)] },
      { type: 'string' },
      form('Repeats its steps.', ['repeat', 'do'], { repeat: value, do: list }),
      form('Repeats while the condition holds.', ['while', 'do'], { while: value, do: list }),
      form('Chooses.', ['if', 'then'], { if: value, then: list, else: list }),
      form('Happens in one step.', ['atomic'], { atomic: list }),
    ],
  };
}
