/*
 * Pieces of programs: variables, time that passes, and the way through the steps.
 */
import { maySleep, type Place } from './place.ts';
import { pick, single, type Piece, type Seed, type Writer } from './writer.ts';

export const VARIABLES = ['x', 'y'] as const;

const anywhere = (): boolean => true;
const spinsInTask = ({ where, irqsOff }: Place): boolean => where === 'task' && !irqsOff;

export function variable({ a }: Seed): string {
  return pick(VARIABLES, a);
}

/** Skips the steps inside it, or does not. */
function skipping(word: string, before: (seed: Seed) => string[]): Piece {
  return {
    words: [word],
    fits: anywhere,
    write: (at, seed, writer) => {
      const skipped = writer.inner(seed, at);
      const head = before(seed);
      const last = head.pop()!;
      return [...head, `${last} ${skipped.length}`, ...skipped];
    },
  };
}

/** The actor's end: a task has been counted by then (see program.ts). */
function leave(at: Place, { a }: Seed, writer: Writer): string[] {
  const counts = at.kind === 'task' || at.kind === 'sys' ? ['add ended 1'] : [];
  const rest = [...counts, `log ends_${writer.self.name}`, `exit ${a % 8}`];
  return [`skip_ge x ${1 + (a % 3)} ${rest.length}`, ...rest];
}

export const flow: readonly Piece[] = [
  { words: ['log'], fits: anywhere, write: (_at, _seed, writer) => [writer.log()] },
  single('set', anywhere, (seed) => `set ${variable(seed)} ${seed.b % 3}`),
  single('add', anywhere, (seed) => `add ${variable(seed)} ${(seed.b % 3) - 1}`),
  single('logvar', anywhere, (seed) => `logvar ${variable(seed)}`),
  single('jiffies', anywhere),
  single('smp_mb', anywhere),
  single('busy_us', anywhere, ({ a }) => `busy_us ${pick([1, 50, 300, 700, 1500], a)}`),
  single('busy_jiffies', spinsInTask, ({ a }) => `busy_jiffies ${a % 3}`),
  single('align', spinsInTask),
  {
    words: ['spin_until'],
    fits: (at, { cast }) => spinsInTask(at) && at.loops === 0 && cast.longSpins < 1,
    write: (_at, seed, writer) => {
      writer.cast.longSpins++;
      return [writer.call(`spin_until ${variable(seed)} ${seed.b % 2}`, seed)];
    },
  },
  {
    words: ['loop', 'endloop'],
    fits: ({ loops }) => loops < 2,
    write: (at, seed, writer) => [
      `loop ${1 + (seed.a % 3)}`,
      ...writer.inner(seed, { ...at, loops: at.loops + 1 }),
      'endloop',
    ],
  },
  skipping('skip_ge', (seed) => [`skip_ge ${variable(seed)} ${seed.b % 3}`]),
  skipping('skip_ret_ne', (seed) => [`logvar ${variable(seed)}`, `skip_ret_ne ${seed.b % 3}`]),
  skipping('skip_ret_eq', (seed) => [`logvar ${variable(seed)}`, `skip_ret_eq ${seed.b % 3}`]),
  {
    words: ['exit'],
    fits: (at) => at.depth === 0 && (at.where !== 'task' || maySleep(at)),
    write: leave,
  },
];
