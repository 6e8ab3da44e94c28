import { describe, expect, it } from 'vitest';
import { factFormat } from '../../../scenarios/conformance/facts.ts';

const format = factFormat({
  double: ({ n }) => ({ n, twice: 2 * (n as number) }),
  'add-<step>-to-it': ({ n }, { step }) => ({ n, sum: (n as number) + Number(step) }),
  'add-nothing-to-it': ({ n }) => ({ n, sum: n }),
  broken: () => {
    throw new Error('no such thing');
  },
});

function run(...facts: object[]): (string | null)[] {
  return format.run({ facts }).map(({ difference }) => difference);
}

describe('the format of facts', () => {
  it('passes a fact whose fields all come out as recorded, whatever was noted beside them', () => {
    expect(run({ case: 'double', n: 4, twice: 8, runs: 5, note: 'x' })).toEqual([null]);
  });

  it('shows each field that differs, also one that the model does not give', () => {
    const [difference] = run({ case: 'double', n: 4, twice: 9, thrice: 12 });
    expect(difference).toBe(
      '  twice\n    expected 9\n    actual   8\n  thrice\n    expected 12\n    actual   undefined',
    );
  });

  it('fails an experiment that the model does not have, or that stops it', () => {
    const [unknown, broken] = run({ case: 'triple' }, { case: 'broken' });
    expect(unknown).toContain("no experiment 'triple'");
    expect(broken).toContain('no such thing');
  });

  it('takes what stands in the name of a case, unless that name has its own entry', () => {
    expect(
      run(
        { case: 'add-7-to-it', n: 1, sum: 8 },
        { case: 'add-nothing-to-it', n: 1, sum: 1 },
        { case: 'add--to-it', n: 1, sum: 1 },
      ).map((difference) => difference === null),
    ).toEqual([true, true, false]);
  });

  it('recognises a file with a case that it has', () => {
    expect(format.recognises({ facts: [{ case: 'add-1-to-it' }, { case: 'x' }] })).toBe(true);
    expect(format.recognises({ facts: [{ case: 'x' }] })).toBe(false);
    expect(format.recognises({ facts: [] })).toBe(false);
    expect(format.recognises([{ case: 'double' }])).toBe(false);
  });
});
