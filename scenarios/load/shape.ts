/**
 * Which keys and values the schema knows at a path of a scenario: for the nearest valid name,
 * and for overrides of values that the file left to their defaults.
 */
import type { Path } from './diagnostics.ts';
import type { JsonSchema } from './json-schema.ts';

/** The keys that may stand in the map at `path` of `data`; none for a map of free names. */
export function knownKeys(schema: JsonSchema, path: Path, data: unknown): string[] {
  const properties = follow(schema, path, data).map((found) => Object.keys(found.properties ?? {}));
  return [...new Set(properties.flat())];
}

/** The constants that may stand at `path` of `data`. */
export function knownValues(schema: JsonSchema, path: Path, data: unknown): string[] {
  const values = follow(schema, path, data).map((found) => found.enum ?? [found.const]);
  return values
    .flat()
    .filter((value) => value !== undefined)
    .map(String);
}

function follow(schema: JsonSchema, path: Path, data: unknown): JsonSchema[] {
  let alternatives = resolve(schema, data);
  let value = data;
  for (const part of path) {
    value = isMap(value) || Array.isArray(value) ? Reflect.get(value, part) : undefined;
    const inner = alternatives.flatMap((alternative) => under(alternative, part));
    alternatives = inner.flatMap((alternative) => resolve(alternative, value));
  }
  return alternatives;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The schemas that hold for a value, with unions resolved by their discriminators. */
function resolve(schema: JsonSchema, data: unknown): JsonSchema[] {
  const members = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const fitting = members.filter((member) => fits(member, data));
  const chosen = (fitting.length > 0 ? fitting : members).flatMap((m) => resolve(m, data));
  const implied = (schema.allOf ?? [])
    .filter((rule) => rule.if && fits(rule.if, data))
    .flatMap((rule) => resolve(rule.then ?? {}, data));
  return [schema, ...chosen, ...implied];
}

/** No constant of the schema contradicts the map. */
function fits({ properties }: JsonSchema, data: unknown): boolean {
  return Object.entries(properties ?? {}).every(
    ([key, { const: constant }]) =>
      constant === undefined || (isMap(data) && data[key] === constant),
  );
}

function under(schema: JsonSchema, part: string | number): JsonSchema[] {
  const { properties, additionalProperties, items } = schema;
  if (typeof part === 'number') return items ? [items] : [];
  const property = properties && Object.hasOwn(properties, part) ? properties[part] : undefined;
  if (property) return [property];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}
