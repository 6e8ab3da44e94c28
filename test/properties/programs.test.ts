/*
 * Properties of random programs in the notation of the recordings, over its whole vocabulary: what
 * a kernel may be asked next finds the model ready. PROGRAM_RUNS multiplies the number of runs.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '../../engine/index.ts';
import { loadText } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';
import { loadYaml, parseTrace, perform } from '../scenarios/run/perform.ts';
import { checkTrace } from './invariants.ts';
import { mutate, mutation } from './programs/mutation.ts';
import { NOTATION, caseFile, wordOf, type Program } from './programs/notation.ts';
import { known, programs, type Made } from './programs/program.ts';
import { Observer } from './programs/observer.ts';

const RUNS = Number(process.env['PROGRAM_RUNS'] ?? 1);

/** A failure shows the program itself, not the numbers behind it. */
function assertAll<T>(
  runs: number,
  arbitrary: fc.Arbitrary<T>,
  write: (value: T) => string,
  holds: (text: string, value: T) => void,
): void {
  const property = fc.property(arbitrary, (value) => {
    const text = write(value);
    try {
      holds(text, value);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${text}`, { cause: error });
    }
  });
  fc.assert(property, { numRuns: runs * RUNS });
}

function check(runs: number, holds: (text: string, made: Made) => void): void {
  assertAll(runs, programs, ({ program, setting }) => caseFile(program, setting), holds);
}

function wordsOf({ actors }: Program): string[] {
  return actors.flatMap(({ steps }) => steps.map(wordOf));
}

describe('a random program of kernel calls', () => {
  it('uses every word of the notation that the simulator has', () => {
    const made = fc.sample(programs, { numRuns: 600, seed: 1 });
    const used = new Set(made.flatMap(({ program }) => wordsOf(program)));
    expect(NOTATION.filter((word) => known(word) && !used.has(word))).toEqual([]);
    expect([...used].filter((word) => !NOTATION.includes(word))).toEqual([]);
  });

  it('comes to its end with nothing found, every region left as it was entered', () => {
    check(100, (text, { program, stopped }) => {
      let observer!: Observer;
      const { result } = perform(loadYaml(text), {
        watch: (world) => (observer = new Observer(world)),
      });
      expect(['until', 'quiescent']).toContain(result.ending);
      expect(result.findings).toEqual([]);
      observer.checkEnds(program, stopped);
    });
  });

  it('has a trace in which time goes on and lower contexts wait for higher ones', () => {
    check(50, (text) => {
      checkTrace(parseTrace(perform(loadYaml(text), { keep: true }).csv));
    });
  });

  it('is the same, byte for byte, in slices and from its choices', () => {
    check(50, (text) => {
      const loaded = loadYaml(text);
      const first = perform(loaded);
      const sliced = perform(loaded, { slice: 50 });
      expect([sliced.sha256, sliced.result]).toEqual([first.sha256, first.result]);
      const again = perform(loaded, { strategy: replay(first.result.choices) });
      expect([again.sha256, again.result]).toEqual([first.sha256, first.result]);
    });
  });
});

it('a program with steps lost, repeated, swapped or misplaced is refused or runs', () => {
  const wrong = fc
    .tuple(programs, fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([{ program, setting }, mutations]) =>
      caseFile(mutations.reduce(mutate, program), { ...setting, limits: 8_000 }),
    );
  const loads = { refused: 0, run: 0 };
  assertAll(
    120,
    wrong,
    (text) => text,
    (text) => {
      const result = loadText('case.json', text, registry);
      loads[result.ok ? 'run' : 'refused']++;
      if (!result.ok) return;
      const first = perform(result.loaded);
      const again = perform(result.loaded, { slice: 50 });
      expect([again.sha256, again.result]).toEqual([first.sha256, first.result]);
    },
  );
  expect(loads.run).toBeGreaterThan(loads.refused);
});
