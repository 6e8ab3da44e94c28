/* A round is fair if everybody who could go on in it did. */
import { expect, it } from 'vitest';
import { Cycles, type Move } from '../../../engine/index.ts';

function move(actor: number): Move {
  return { kind: 'step', actor, enabled: true, footprint: [], fire() {} };
}

const [a, b] = [move(1), move(2)];

it('a state that comes back after everybody went on closes a fair round', () => {
  const cycles = new Cycles();
  expect(cycles.sees(10, [a, b], 0)).toBeNull();
  cycles.takes(a);
  expect(cycles.sees(11, [a, b], 0)).toBeNull();
  cycles.takes(b);
  expect(cycles.sees(10, [a, b], 0)).toEqual({ actors: [1, 2], start: 0, progressed: false });
});

it('a round in which somebody was never chosen is the scheduler that does it', () => {
  const cycles = new Cycles();
  cycles.sees(10, [a, b], 0);
  cycles.takes(a);
  expect(cycles.sees(10, [a, b], 0)).toBeNull();
});

it('a round in which something was done says so', () => {
  const cycles = new Cycles();
  cycles.sees(10, [a], 0);
  cycles.takes(a);
  expect(cycles.sees(10, [a], 1)).toMatchObject({ progressed: true });
});

it('a state that is not known never comes back', () => {
  const cycles = new Cycles();
  cycles.sees(NaN, [a], 0);
  cycles.takes(a);
  expect(cycles.sees(NaN, [a], 0)).toBeNull();
});
