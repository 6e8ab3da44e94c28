/**
 * The JSON Schema for editors: it takes what the loader takes, and describes every field.
 */
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { describe, expect, test } from 'vitest';
import { jsonSchema } from '../../../scenarios/load/index.ts';
import type { JsonSchema } from '../../../scenarios/load/index.ts';
import { scenario } from './arbitrary.ts';
import { load } from './helpers.ts';
import { registry } from './registry.ts';

const schema = jsonSchema(registry);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A validator of the keywords that the schema uses. */
function accepts(rule: JsonSchema, value: Json): boolean {
  if (rule.$ref !== undefined) {
    return accepts(schema.$defs![rule.$ref.replace('#/$defs/', '')]!, value);
  }
  const all = (rules: JsonSchema[] | undefined) => (rules ?? []).map((one) => accepts(one, value));
  const types = rule.type === undefined ? [typeOf(value)] : [rule.type].flat();
  const integer = typeof value === 'number' && Number.isInteger(value);
  const { minimum, maximum } = rule as { minimum?: number; maximum?: number };
  return (
    (types.includes(typeOf(value)) || (integer && types.includes('integer'))) &&
    (rule.const === undefined || rule.const === value) &&
    (rule.enum === undefined || rule.enum.includes(value)) &&
    (typeof value !== 'string' || new RegExp(rule.pattern ?? '').test(value)) &&
    (typeof value !== 'number' || (value >= (minimum ?? value) && value <= (maximum ?? value))) &&
    (rule.anyOf === undefined || all(rule.anyOf).includes(true)) &&
    (rule.oneOf === undefined || all(rule.oneOf).filter(Boolean).length === 1) &&
    !all(rule.allOf).includes(false) &&
    (rule.if === undefined || !accepts(rule.if, value) || accepts(rule.then ?? {}, value)) &&
    (!Array.isArray(value) || value.every((item) => accepts(rule.items ?? {}, item))) &&
    (typeOf(value) !== 'object' || acceptsMap(rule, value as { [key: string]: Json }))
  );
}

const asRule = (rule: JsonSchema | boolean): JsonSchema => (typeof rule === 'object' ? rule : {});

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function acceptsMap(rule: JsonSchema, value: { [key: string]: Json }): boolean {
  const rest = rule.additionalProperties ?? {};
  return (
    (rule.required ?? []).every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, inner]) => {
      const property = rule.properties?.[key];
      return (
        accepts(rule.propertyNames ?? {}, key) &&
        (property ? accepts(property, inner) : rest !== false && accepts(asRule(rest), inner))
      );
    })
  );
}

describe('the JSON Schema', () => {
  test('accepts every scenario that the loader accepts, and its effective form', () => {
    fc.assert(
      fc.property(scenario, (written) => {
        const text = stringify(written);
        expect(accepts(schema, parse(text))).toBe(true);
        expect(accepts(schema, parse(load(text).effective))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  const actor = (fields: Json): Json => ({ name: 'a', actors: { x: fields } });

  test.each<[boolean, string, Json]>([
    [true, 'a name and no actors', { name: 'a', actors: {} }],
    [false, 'a name alone', { name: 'a' }],
    [false, 'an unknown key', { name: 'a', actors: {}, sede: 1 }],
    [false, 'HZ 0', { name: 'a', actors: {}, machine: { hz: 0 } }],
    [true, 'HZ by a parameter', { name: 'a', actors: {}, machine: { hz: '$hz' } }],
    [false, 'a bare duration', { name: 'a', actors: {}, until: 5 }],
    [true, 'a short object', { name: 'a', actors: {}, objects: { a: 'sem:2' } }],
    [false, 'an unknown type', { name: 'a', actors: {}, objects: { a: 'spinlok' } }],
    [true, 'a step', actor({ steps: ['spin_lock L'] })],
    [false, 'an unknown kind', actor({ kind: 'irqq', steps: [] })],
    [true, 'a parameter', actor({ program: 'netlink-sender', with: { socket: 'x' } })],
    [false, 'a wrong parameter', actor({ program: 'netlink-sender', with: { sokcet: 'x' } })],
    [true, 'a block', actor({ steps: [{ repeat: 1, do: [] }] })],
    [false, 'an unknown block', actor({ steps: [{ repeet: 1, do: [] }] })],
  ])('says %s to %s', (expected, _about, value) => {
    expect(accepts(schema, value)).toBe(expected);
  });

  test('describes every field', () => {
    const silent: string[] = [];
    const visit = (rule: JsonSchema, path: string): void => {
      for (const [key, inner] of Object.entries(rule.properties ?? {})) {
        const told = inner.description ?? inner.const ?? inner.$ref ?? inner.if;
        if (told === undefined && !('if' in rule)) silent.push(`${path}.${key}`);
        visit(inner, `${path}.${key}`);
      }
      for (const inner of [...(rule.anyOf ?? []), ...(rule.oneOf ?? [])]) visit(inner, path);
      const rest = rule.additionalProperties;
      if (typeof rest === 'object') visit(rest, `${path}.*`);
      if (rule.items) visit(rule.items, `${path}[]`);
    };
    visit(schema, '');
    visit(schema.$defs!['actor']!, 'actor');
    expect(silent).toEqual([]);
  });
});
