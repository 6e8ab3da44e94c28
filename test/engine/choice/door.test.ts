/* The door for choices: what is decided is recorded, and what was recorded can be repeated. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Door, ReplayDiverged, replay, timed, type ChoiceKind } from '../../../engine/index.ts';

const question = fc.record({
  kind: fc.constantFrom<ChoiceKind>('arbitration', 'step', 'data'),
  count: fc.integer({ min: 1, max: 6 }),
});

/** A strategy that answers from a list, whatever the question. */
const answering = (...answers: number[]) => ({
  name: 'answering',
  choose: () => answers.shift()!,
});

describe('the door', () => {
  it('records a choice among several, and none where there is one alternative', () => {
    const door = new Door(answering(2, 1));
    expect(door.choose('step', 3)).toBe(2);
    expect(door.choose('step', 1)).toBe(0);
    expect(door.choose('data', 2)).toBe(1);
    expect(door.choices).toEqual([2, 1]);
  });

  it('refuses an answer that names no alternative', () => {
    for (const answer of [3, -1, NaN, 0.5]) {
      const door = new Door(answering(answer));
      expect(() => door.choose('step', 3)).toThrow(/chose .* of 3 alternatives \(step\)/);
      expect(door.choices).toEqual([]);
    }
  });

  it('is timed by default: the first alternative, a draw only where hardware arbitrates', () => {
    const draws: number[] = [];
    const door = new Door(
      timed({
        below: (count) => {
          draws.push(count);
          return count - 1;
        },
      }),
    );
    expect(door.choose('step', 4)).toBe(0);
    expect(door.choose('data', 4)).toBe(0);
    expect(door.choose('arbitration', 4)).toBe(3);
    expect(draws).toEqual([4]);
  });
});

describe('a replay', () => {
  it('repeats the choices that a door recorded', () => {
    fc.assert(
      fc.property(
        fc.array(question, { maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        (qs, random) => {
          const strategy = {
            name: 'any',
            choose: (_: ChoiceKind, count: number) => random.next().value! % count,
          };
          const first = new Door(strategy);
          const answers = qs.map(({ kind, count }) => first.choose(kind, count));
          const second = new Door(replay(first.choices));
          expect(qs.map(({ kind, count }) => second.choose(kind, count))).toEqual(answers);
          expect(second.choices).toEqual(first.choices);
        },
      ),
    );
  });

  it('says at which decision it has nothing to repeat', () => {
    const door = new Door(replay([1]));
    door.choose('step', 2);
    expect(() => door.choose('arbitration', 3)).toThrow(ReplayDiverged);
    expect(() => new Door(replay([])).choose('arbitration', 3)).toThrow(
      'decision 0 (arbitration, 3 alternatives) is past the 0 recorded',
    );
  });

  it('says where the recorded alternative no longer exists', () => {
    const door = new Door(replay([0, 4]));
    door.choose('step', 2);
    expect(() => door.choose('step', 3)).toThrow(
      'decision 1 (step): recorded alternative 4, but there are only 3',
    );
  });

  it('leaves what comes after the recorded choices to another strategy', () => {
    const door = new Door(replay([1], answering(2, 0)));
    expect([1, 2, 3].map(() => door.choose('step', 3))).toEqual([1, 2, 0]);
  });
});
