/*
 * Pieces of programs: regions without interrupts, softirqs or preemption, locks that spin, locks
 * that sleep, semaphores.
 */
import { LOCKS, TRIED, locked, maySleep, suits } from './place.ts';
import type { Lock, Place, Variant } from './place.ts';
import { pick, region, single, type Piece, type Seed, type Writer } from './writer.ts';

const anywhere = (): boolean => true;
const noIrqs = (at: Place): Place => ({ ...at, irqsOff: true });
const noBh = (at: Place): Place => ({ ...at, bhOff: true });
const noPreemption = (at: Place): Place => ({ ...at, preemptOff: true });
const irqsOn = ({ where, irqsOff }: Place): boolean => where !== 'hardirq' && !irqsOff;

const regions: readonly Piece[] = [
  region('irq_save', 'irq_restore', anywhere, noIrqs),
  region('irq_disable', 'irq_enable', irqsOn, noIrqs),
  region('bh_disable', 'bh_enable', irqsOn, noBh),
  region('preempt_disable', 'preempt_enable', anywhere, noPreemption),
  region('preempt_disable', 'preempt_enable_no_resched', anywhere, noPreemption),
];

type Verb = 'spin' | 'read' | 'write';

/** The locks that may be taken in this way here. */
function takeable(verb: Verb, variant: Variant, at: Place, { nests }: Writer): Lock[] {
  const type = verb === 'spin' ? 'spinlock' : 'rwlock';
  return LOCKS.filter(
    (lock, rank) => lock.type === type && rank > at.rank && suits(variant, lock, at, nests),
  );
}

function spinning(verb: Verb, variant: Variant): Piece {
  const open = `${verb}_lock${variant}`;
  const close = `${verb}_unlock${variant === '_irqsave' ? '_irqrestore' : variant}`;
  return {
    words: [open, close],
    fits: (at, writer) => takeable(verb, variant, at, writer).length > 0,
    write: (at, seed, writer) => {
      const lock = pick(takeable(verb, variant, at, writer), seed.a);
      const inside = locked(at, LOCKS.indexOf(lock), variant);
      return [
        writer.call(`${open} ${lock.name}`, seed),
        ...writer.inner(seed, inside),
        writer.call(`${close} ${lock.name}`, seed),
      ];
    },
  };
}

/** Tries a lock; what follows is done, and the lock released, if the result was `success`. */
function tried(
  word: string,
  release: string,
  name: (at: Place) => string | undefined,
  success: number,
  inside: (at: Place) => Place,
): Piece {
  return {
    words: [word, release, 'skip_ret_ne'],
    fits: (at) => name(at) !== undefined,
    write: (at, seed, writer) => {
      const lock = name(at)!;
      const held = [...writer.inner(seed, inside(at)), writer.call(`${release} ${lock}`, seed)];
      const attempt = writer.call(`${word} ${lock}`, seed);
      return [attempt, `skip_ret_ne ${success} ${held.length}`, ...held];
    },
  };
}

/** Nobody ever waits for it, so that nothing can lock up; but one does not try twice. */
function once(name: string, rank: number): (at: Place) => string | undefined {
  return (at) => (at.rank < rank ? name : undefined);
}
const triedRank = LOCKS.length;
const insideTried = (at: Place): Place => locked(at, triedRank, '');

const spinlocks: readonly Piece[] = [
  ...(['', '_bh', '_irq', '_irqsave'] as const).map((variant) => spinning('spin', variant)),
  ...(['', '_bh', '_irqsave'] as const).map((variant) => spinning('read', variant)),
  ...(['', '_bh', '_irqsave'] as const).map((variant) => spinning('write', variant)),
  tried('spin_trylock', 'spin_unlock', once(TRIED.spinlock, triedRank), 1, insideTried),
  tried('read_trylock', 'read_unlock', once(TRIED.rwlock, triedRank), 1, insideTried),
  tried('write_trylock', 'write_unlock', once(TRIED.rwlock, triedRank), 1, insideTried),
  single('spin_is_locked', anywhere, ({ a }) => `spin_is_locked ${pick(['K', 'KI', 'L'], a)}`),
];

/** The first lock of the type that may be taken here. */
function sleepingLock(type: Lock['type'], at: Place): string | undefined {
  if (!maySleep(at)) return undefined;
  return LOCKS.find((lock, rank) => lock.type === type && rank > at.rank)?.name;
}

function holding(name: string): (at: Place) => Place {
  const rank = LOCKS.findIndex((lock) => lock.name === name);
  return (at) => ({ ...at, rank });
}

function sleeping(type: Lock['type'], open: string, close: string, between = ''): Piece {
  return {
    words: [open, close, ...(between === '' ? [] : [between])],
    fits: (at) => sleepingLock(type, at) !== undefined,
    write: (at, seed, writer) => {
      const lock = sleepingLock(type, at)!;
      const middle = between === '' ? [] : [writer.call(`${between} ${lock}`, seed)];
      return [
        writer.call(`${open} ${lock}`, seed),
        ...writer.inner(seed, holding(lock)(at)),
        ...middle,
        writer.call(`${close} ${lock}`, seed),
      ];
    },
  };
}

function sleepingTried(type: Lock['type'], open: string, close: string, success: number): Piece {
  const name = (at: Place): string | undefined => sleepingLock(type, at);
  return tried(open, close, name, success, (at) => holding(name(at)!)(at));
}

const mutexes: readonly Piece[] = [
  sleeping('mutex', 'mutex_lock', 'mutex_unlock'),
  sleepingTried('mutex', 'mutex_lock_interruptible', 'mutex_unlock', 0),
  sleepingTried('mutex', 'mutex_trylock', 'mutex_unlock', 1),
  single('mutex_is_locked', anywhere, ({ a }) => `mutex_is_locked ${pick(['M', 'M2'], a)}`),
];

const rwsems: readonly Piece[] = [
  sleeping('rw_semaphore', 'down_read', 'up_read'),
  sleeping('rw_semaphore', 'down_write', 'up_write'),
  sleeping('rw_semaphore', 'down_write', 'up_read', 'downgrade_write'),
  sleepingTried('rw_semaphore', 'down_read_trylock', 'up_read', 1),
  sleepingTried('rw_semaphore', 'down_write_trylock', 'up_write', 1),
];

export const SEMAPHORES = ['S', 'S2'] as const;
const semaphore = ({ a }: Seed): string => pick(SEMAPHORES, a);

/** Semaphores that count events: whoever waits too long is helped (see program.ts). */
const semaphores: readonly Piece[] = [
  single('up', anywhere, (seed) => `up ${semaphore(seed)}`),
  single('down_trylock', anywhere, (seed) => `down_trylock ${semaphore(seed)}`),
  ...['down', 'down_interruptible', 'down_killable'].map((word) =>
    single(word, maySleep, (seed) => `${word} ${semaphore(seed)}`),
  ),
  single('down_timeout', maySleep, (seed) => `down_timeout ${semaphore(seed)} ${seed.b % 7}`),
];

export const locking: readonly Piece[] = [
  ...regions,
  ...spinlocks,
  ...mutexes,
  ...rwsems,
  ...semaphores,
];
