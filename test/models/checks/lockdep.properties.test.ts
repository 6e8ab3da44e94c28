/*
 * Random programs of locks: with one order for all they are silent; one inversion is found in the
 * first schedule, whichever it is.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import { Mutex, mutex_lock, mutex_unlock } from '../../../models/locking/mutex.ts';
import { RwSemaphore, down_read, down_write, up_read, up_write } from '../../../models/index.ts';
import { RtMutex, rt_mutex_lock, rt_mutex_unlock } from '../../../models/locking/rtmutex.ts';
import { Spinlock, spin_lock, spin_unlock } from '../../../models/locking/spinlock.ts';
import { Lab } from '../lab.ts';

interface Taken {
  take(k: Context): Code;
  drop(k: Context): Code;
}

const kinds: readonly ((name: string) => Taken)[] = [
  (name) => {
    const lock = new Mutex(name);
    return { take: (k) => mutex_lock(k, lock), drop: (k) => mutex_unlock(k, lock) };
  },
  (name) => {
    const lock = new RtMutex(name);
    return { take: (k) => rt_mutex_lock(k, lock), drop: (k) => rt_mutex_unlock(k, lock) };
  },
  (name) => {
    const lock = new RwSemaphore(name);
    return { take: (k) => down_write(k, lock), drop: (k) => up_write(k, lock) };
  },
  (name) => {
    const lock = new RwSemaphore(name);
    return { take: (k) => down_read(k, lock), drop: (k) => up_read(k, lock) };
  },
];

/** Below the sleeping locks of a program, one that spins. */
const spinning = (name: string): Taken => {
  const lock = new Spinlock(name);
  return { take: (k) => spin_lock(k, lock), drop: (k) => spin_unlock(k, lock) };
};

const LOCKS = 5;

/** Each task takes some of the locks in their order, again and again. */
const program = fc.record({
  kinds: fc.array(fc.nat(kinds.length - 1), { minLength: LOCKS, maxLength: LOCKS }),
  tasks: fc.array(
    fc.record({
      cpu: fc.nat(1),
      prio: fc.integer({ min: 1, max: 90 }),
      rounds: fc.array(fc.subarray([...Array(LOCKS).keys()]), { minLength: 1, maxLength: 4 }),
      spins: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

function* round(k: Context, locks: readonly Taken[]): Code {
  for (const lock of locks) {
    yield* lock.take(k);
    yield 100;
  }
  for (const lock of [...locks].reverse()) yield* lock.drop(k);
}

function labOf({
  kinds: chosen,
  tasks,
}: typeof program extends fc.Arbitrary<infer T> ? T : never): {
  lab: Lab;
  locks: readonly Taken[];
} {
  const lab = new Lab({ cpus: 2 });
  const locks = chosen.map((kind, i) => kinds[kind]!(`L${i}`));
  const last = spinning('S');
  tasks.forEach(({ cpu, prio, rounds, spins }, i) => {
    lab.start(
      `t${i}`,
      prio,
      function* (k) {
        for (const order of rounds) {
          const taken = order.map((at) => locks[at]!);
          yield* round(k, spins ? [...taken, last] : taken);
        }
      },
      { cpu },
    );
  });
  return { lab, locks };
}

it('one order for all is never reported', () => {
  fc.assert(
    fc.property(program, (given) => {
      const { lab } = labOf(given);
      lab.run();
      expect(lab.machine.findings.all).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

it('one inversion is always found in the first schedule', () => {
  const pair = fc.subarray([...Array(LOCKS).keys()], { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(program, pair, (given, [low, high]) => {
      const { lab, locks } = labOf(given);
      const [outer, inner] = [locks[low!]!, locks[high!]!];
      lab.start('forwards', 95, (k) => round(k, [outer, inner]));
      lab.start('backwards', 94, (k) => round(k, [inner, outer]));
      lab.run();
      const found = lab.machine.findings.all.map(({ text }) => text);
      expect(found).toContain('WARNING: possible circular locking dependency detected');
    }),
    { numRuns: 60 },
  );
});
