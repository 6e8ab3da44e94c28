import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../scenarios/conformance/facts.ts';
import { usercopyFormat } from '../../../scenarios/conformance/usercopy.ts';

const recorded = JSON.parse(readFileSync('test/conformance/kernel/usercopy.json', 'utf8')) as {
  facts: Fact[];
};

describe('what Linux 6.1 did with user memory', () => {
  it('the model does, in each of the recorded facts', () => {
    const outcomes = usercopyFormat.run(recorded);
    expect(outcomes).toHaveLength(144);
    expect(outcomes.filter(({ difference }) => difference !== null)).toEqual([]);
  });

  it('is told from what it did not do: no number of a fact can be changed', () => {
    const numbers = (fact: Fact): string[] =>
      Object.keys(fact).filter(
        (field) =>
          typeof fact[field] === 'number' && !['runs', 'distinct_outcomes'].includes(field),
      );
    const inputs = new Set(['n', 'readable_bytes', 'writable', 'writable_bytes', 'count']);
    const changed = recorded.facts.flatMap((fact) =>
      numbers(fact)
        .filter((field) => !inputs.has(field))
        .map((field) => ({ ...fact, [field]: (fact[field] as number) + 1 })),
    );
    expect(changed.length).toBeGreaterThan(200);
    const passed = usercopyFormat
      .run({ facts: changed })
      .filter(({ difference }) => difference === null);
    expect(passed).toEqual([]);
  });
});
