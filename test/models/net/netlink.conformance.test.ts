/* Every recorded script and fact of AF_NETLINK comes out in the model as on the real kernel. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { netlinkFactsFormat } from '../../../scenarios/conformance/netlink-facts.ts';
import { netlinkModuleFormat } from '../../../scenarios/conformance/netlink-module.ts';
import { netlinkTruesizeFormat } from '../../../scenarios/conformance/netlink-truesize.ts';
import {
  firstNetlinkDifference,
  isNetlinkCase,
  type NetlinkCase,
  runNetlinkCase,
} from '../../../scenarios/conformance/netlink.ts';

const root = new URL('../../conformance/netlink/', import.meta.url);

function json(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, root), 'utf8'));
}

function load(file: string): NetlinkCase {
  const parsed = json(file);
  if (!isNetlinkCase(parsed)) throw new Error(`${file} is not a netlink case`);
  return parsed;
}

describe('recorded AF_NETLINK scripts', () => {
  describe.each(['cases', 'recorded'])('%s', (folder) => {
    it.each(readdirSync(new URL(folder, root)))('%s', (file) => {
      expect(firstNetlinkDifference(load(`${folder}/${file}`))).toBeNull();
    });
  });

  it('a changed recording is found at the op that changed', () => {
    const recorded = load('cases/h-exact-fit.json');
    const index = recorded.results.length - 1;
    const changed = { ...recorded, results: recorded.results.with(index, { r: 'changed' }) };
    const difference = firstNetlinkDifference(changed);
    expect(difference?.index).toBe(index);
    expect(difference?.actual).toEqual(runNetlinkCase(recorded)[index]);
  });

  it('does not take other JSON for a netlink case', () => {
    for (const other of [null, 3, {}, { ops: [] }, { ops: [{ op: 'spin_lock' }] }]) {
      expect(isNetlinkCase(other)).toBe(false);
    }
  });
});

/** Each number and word in a value, changed by itself. */
function* changes(value: unknown): Generator<unknown> {
  if (typeof value === 'number') yield value + 7;
  else if (typeof value === 'boolean') yield !value;
  else if (typeof value === 'string') yield `${value}?`;
  else if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) {
      for (const changed of changes(one)) yield value.with(i, changed);
    }
  } else if (value !== null) {
    for (const [key, one] of Object.entries(value as object)) {
      for (const changed of changes(one)) yield { ...(value as object), [key]: changed };
    }
  }
}

const facts = [
  ['kernel-6.1.json', netlinkModuleFormat, 172],
  ['facts.json', netlinkFactsFormat, 28],
  ['truesize.json', netlinkTruesizeFormat, 268],
] as const;

describe.each(facts)('recorded facts of AF_NETLINK: %s', (file, format, count) => {
  const recorded = json(file) as { facts?: Record<string, unknown>[] };

  it('is of that format and of no other', () => {
    const taken = facts.filter(([, other]) => other.recognises(recorded)).map(([, other]) => other);
    expect(taken).toEqual([format]);
  });

  it('comes out as recorded', () => {
    const outcomes = format.run(recorded);
    expect(outcomes.filter(({ difference }) => difference !== null)).toEqual([]);
    expect(outcomes.length).toBe(count);
  });
});

/** Fields that say what the experiment was, or say it again; the runner must not care. */
const inputs = new Set(['name', 'text', 'case', 'note', 'runs', 'distinct_outcomes', 'stable']);

describe('a recording that differs in one value', () => {
  it.each([
    ['kernel-6.1.json', netlinkModuleFormat, 'case'],
    ['facts.json', netlinkFactsFormat, 'name'],
  ] as const)('fails, whatever the experiment: %s', (file, format, key) => {
    const { facts: all } = json(file) as { facts: Record<string, unknown>[] };
    const firsts = new Map(all.map((fact) => [fact[key], fact]));
    for (const [name, fact] of firsts) {
      const told = Object.keys(fact).filter((field) => !inputs.has(field));
      const changed = told.flatMap((field) =>
        [...changes(fact[field])].map((value) => ({ ...fact, [field]: value })),
      );
      const outcomes = changed.flatMap((one) => format.run({ facts: [one] }));
      const passed = outcomes.filter(({ difference }) => difference === null).length;
      expect(changed.length, String(name)).toBeGreaterThan(0);
      expect(passed, String(name)).toBeLessThan(outcomes.length);
    }
  });
});
