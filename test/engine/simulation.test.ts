/* Virtual time: one total order, however a run is cut up and wherever a step is done in place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LimitReached,
  PARK,
  Process,
  Simulation,
  type Activity,
  type ProcessCode,
} from '../../engine/index.ts';

/** What a process of a random system does: sleep so long (0: give way), or wake another. */
type Step = { sleep: number } | { wake: number } | { park: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ sleep: fc.constantFrom(0, 0, 1, 2, 3, 5, 8) }),
  fc.record({ wake: fc.nat() }),
  fc.record({ park: fc.constant(true as const) }),
);
const system = fc.array(fc.array(step, { maxLength: 20 }), { minLength: 1, maxLength: 6 });

/** Takes every trip through the calendar: the reference for advancing in place. */
class PlainSimulation extends Simulation {
  override advanceInPlace(): boolean {
    return false;
  }
}

function start(sim: Simulation, programs: readonly (readonly Step[])[]): string[] {
  const log: string[] = [];
  const processes: Process[] = [];
  const parked = new Set<number>();
  function* code(me: number, steps: readonly Step[]): Generator<number, void, number> {
    for (const [at, step] of steps.entries()) {
      log.push(`${sim.now} ${me}.${at}`);
      if ('sleep' in step) yield step.sleep;
      else if ('park' in step) {
        parked.add(me);
        log.push(`woken with ${yield PARK}`);
      } else {
        const other = step.wake % programs.length;
        if (parked.delete(other)) processes[other]!.wake(at);
      }
    }
  }
  programs.forEach((steps, me) => processes.push(Process.spawn(sim, code(me, steps))));
  return log;
}

function logOf(sim: Simulation, programs: readonly (readonly Step[])[]): string[] {
  const log = start(sim, programs);
  sim.run();
  return log;
}

function* sleeper(delays: readonly number[], seen: (now: number) => void, sim: Simulation) {
  for (const delay of delays) {
    yield delay;
    seen(sim.now);
  }
}

describe('a simulation', () => {
  it('is in the same order when it advances in place and when it never does', () => {
    fc.assert(
      fc.property(system, (programs) => {
        expect(logOf(new Simulation(), programs)).toEqual(logOf(new PlainSimulation(), programs));
      }),
      { numRuns: 300 },
    );
  });

  it('counts the same steps when it advances in place and when it never does', () => {
    fc.assert(
      fc.property(system, (programs) => {
        const [fast, plain] = [new Simulation(), new PlainSimulation()];
        logOf(fast, programs);
        logOf(plain, programs);
        expect(fast.steps).toBe(plain.steps);
      }),
    );
  });

  it('has the same result in slices as in one run', () => {
    fc.assert(
      fc.property(system, fc.integer({ min: 1, max: 5 }), (programs, slice) => {
        const whole = logOf(new Simulation(), programs);
        const sim = new Simulation();
        const log = start(sim, programs);
        while (sim.run(undefined, slice) === 'slice');
        expect(log).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it('has the same result when it is run from one instant to the next', () => {
    fc.assert(
      fc.property(system, (programs) => {
        const whole = logOf(new Simulation(), programs);
        const sim = new Simulation();
        const log = start(sim, programs);
        for (let until = 0; sim.run(until) === 'until'; until++) expect(sim.now).toBe(until);
        expect(log).toEqual(whole);
      }),
    );
  });

  it('fires what the calendar has for an instant before what became ready at that instant', () => {
    const sim = new Simulation();
    const order: string[] = [];
    const named = (name: string, then?: () => void): Activity => ({
      fire: () => {
        order.push(name);
        then?.();
      },
    });
    sim.at(
      10,
      named('first', () => sim.ready(named('ready'))),
    );
    sim.at(10, named('second'));
    sim.run();
    expect(order).toEqual(['first', 'second', 'ready']);
  });

  it('runs events at `until`, leaves later ones, and stands at `until` then', () => {
    const sim = new Simulation();
    const seen: number[] = [];
    Process.spawn(
      sim,
      sleeper([5, 5, 5], (now) => seen.push(now), sim),
    );
    expect(sim.run(10)).toBe('until');
    expect(seen).toEqual([5, 10]);
    expect(sim.now).toBe(10);
    expect(sim.run()).toBe('quiescent');
    expect(seen).toEqual([5, 10, 15]);
  });

  it('does not fire what was cancelled', () => {
    const sim = new Simulation();
    let fired = false;
    sim.cancel(sim.at(3, { fire: () => void (fired = true) }));
    expect(sim.run()).toBe('quiescent');
    expect(fired).toBe(false);
    expect(sim.now).toBe(0);
  });

  it('stops after the running activity, for good', () => {
    const sim = new Simulation();
    const seen: number[] = [];
    Process.spawn(
      sim,
      sleeper(
        [1, 1, 1],
        (now) => {
          seen.push(now);
          if (now === 2) sim.stop();
        },
        sim,
      ),
    );
    expect(sim.run()).toBe('stopped');
    expect(sim.run()).toBe('stopped');
    expect(seen).toEqual([1, 2]);
  });

  it('ends with LimitReached after `maxSteps` steps, in place or not', () => {
    for (const sim of [new Simulation({ maxSteps: 100 }), new PlainSimulation({ maxSteps: 100 })]) {
      Process.spawn(sim, hog());
      expect(() => sim.run()).toThrow(LimitReached);
      expect(sim.steps).toBe(101);
    }
    function* hog(): ProcessCode & Generator<number, void, number> {
      for (;;) yield 1;
    }
  });

  it('refuses instants that are none', () => {
    for (const delay of [-7, NaN, Infinity, 2 ** 53]) {
      const sim = new Simulation();
      Process.spawn(
        sim,
        sleeper([3, delay], () => undefined, sim),
      );
      expect(() => sim.run()).toThrow(RangeError);
      expect(sim.now).toBe(3);
    }
    const sim = new Simulation();
    expect(() => sim.at(0, { fire: () => undefined })).toThrow(/after now/);
  });
});

describe('a process', () => {
  it('gets the value with which it was woken', () => {
    const sim = new Simulation();
    const got: number[] = [];
    const process = Process.spawn(
      sim,
      (function* () {
        got.push(yield PARK);
      })(),
    );
    sim.run();
    process.wake(42);
    sim.run();
    expect(got).toEqual([42]);
    expect(process.finished).toBe(true);
  });

  it('can be woken only while it is parked', () => {
    const sim = new Simulation();
    const process = Process.spawn(
      sim,
      sleeper([1], () => undefined, sim),
    );
    expect(() => process.wake()).toThrow('only a parked process');
  });

  it('may be any iterator', () => {
    const sim = new Simulation();
    let left = 3;
    const code: ProcessCode = {
      next: () => (left-- > 0 ? { done: false, value: 10 } : { done: true, value: undefined }),
    };
    Process.spawn(sim, code);
    sim.run();
    expect(sim.now).toBe(30);
  });

  it('hands over to another a million times', () => {
    const sim = new Simulation();
    const players: Process[] = [];
    let hands = 0;
    function* player(other: number): Generator<number, void, number> {
      for (;;) {
        yield PARK;
        if (++hands === 1_000_000) return;
        players[other]!.wake();
      }
    }
    players.push(Process.spawn(sim, player(1)), Process.spawn(sim, player(0)));
    sim.run();
    players[0]!.wake();
    sim.run();
    expect(hands).toBe(1_000_000);
    expect(sim.now).toBe(0);
  });

  it('is one of a hundred thousand', () => {
    const sim = new Simulation();
    let woken = 0;
    for (let i = 0; i < 100_000; i++) {
      Process.spawn(
        sim,
        sleeper([1 + ((i * 7919) % 1000), 1000], () => woken++, sim),
      );
    }
    expect(sim.run()).toBe('quiescent');
    expect(woken).toBe(200_000);
    expect(sim.now).toBe(2000);
  });
});
