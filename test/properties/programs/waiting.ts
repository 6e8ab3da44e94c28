/*
 * Pieces of programs: sleeping for a time, wait queues, completions. Every wait has a timeout or is
 * helped (see program.ts).
 */
import { variable } from './flow.ts';
import { maySleep, type Place } from './place.ts';
import { pick, single, type Piece, type Seed, type Writer } from './writer.ts';

const anywhere = (): boolean => true;
export const QUEUES = ['Q', 'Q2'] as const;
export const COMPLETIONS = ['C', 'C2'] as const;
const queue = ({ a }: Seed): string => pick(QUEUES, a >> 1);
const completion = ({ a }: Seed): string => pick(COMPLETIONS, a);
const STATES = ['INTERRUPTIBLE', 'UNINTERRUPTIBLE', 'KILLABLE'] as const;
const QUEUE_STATES = ['INTERRUPTIBLE', 'UNINTERRUPTIBLE'] as const;

/** wake_up_process can end its sleep: it is no worker. */
const wakeable = (at: Place): boolean => maySleep(at) && at.kind !== 'work';

const sleeps: readonly Piece[] = [
  ...[
    'sleep',
    'schedule_timeout',
    'schedule_timeout_interruptible',
    'schedule_timeout_uninterruptible',
    'schedule_timeout_killable',
  ].map((word) => single(word, maySleep, ({ a }) => `${word} ${a % 7}`)),
  single('msleep', maySleep, ({ a }) => `msleep ${a % 20}`),
  single('msleep_interruptible', maySleep, ({ a }) => `msleep_interruptible ${a % 20}`),
  single('schedule', maySleep),
  {
    words: ['set_state', 'schedule'],
    fits: wakeable,
    write: (_at, seed, writer) => [
      `set_state ${pick(STATES, seed.a)}`,
      writer.call('schedule', seed),
    ],
  },
  {
    words: ['set_state', 'schedule_timeout'],
    fits: maySleep,
    write: (_at, seed, writer) => [
      `set_state ${pick([...STATES, 'RUNNING'], seed.a)}`,
      writer.call(`schedule_timeout ${seed.b % 7}`, seed),
    ],
  },
];

const wakes: readonly Piece[] = [
  ...['wake_up', 'wake_up_all', 'wake_up_interruptible', 'wake_up_interruptible_all'].map((word) =>
    single(word, anywhere, (seed) => `${word} ${queue(seed)}`),
  ),
  ...['wake_up_nr', 'wake_up_interruptible_nr'].map((word) =>
    single(word, anywhere, (seed) => `${word} ${queue(seed)} ${1 + (seed.b % 3)}`),
  ),
  single('waitqueue_active', anywhere, (seed) => `waitqueue_active ${queue(seed)}`),
];

const waits: readonly Piece[] = [
  ...['wait_event', 'wait_event_interruptible', 'wait_event_interruptible_exclusive'].map((word) =>
    single(word, maySleep, (seed) => `${word} ${queue(seed)} ${variable(seed)} ${seed.b % 3}`),
  ),
  ...['wait_event_timeout', 'wait_event_interruptible_timeout'].map((word) =>
    single(word, maySleep, (seed) => `${word} ${queue(seed)} ${variable(seed)} ${seed.b % 7}`),
  ),
  ...['sleep_on', 'interruptible_sleep_on'].map((word) =>
    single(word, maySleep, (seed) => `${word} ${queue(seed)}`),
  ),
  ...['sleep_on_timeout', 'interruptible_sleep_on_timeout'].map((word) =>
    single(word, maySleep, (seed) => `${word} ${queue(seed)} ${seed.b % 7}`),
  ),
];

/** Sleeps once, with or without a timeout; a worker needs the timeout. */
function sleepOnce(at: Place, seed: Seed, writer: Writer): string {
  const timed = seed.b % 3 > 0 || !wakeable(at);
  return writer.call(timed ? `schedule_timeout ${seed.b % 7}` : 'schedule', seed);
}

/** A wait written out, with the actor's own entry in the queue. */
function byHand(word: string, leave: string, enter: (q: string, seed: Seed) => string[]): Piece {
  return {
    words: [word, leave, 'schedule', 'schedule_timeout'],
    fits: maySleep,
    write: (at, seed, writer) => {
      const q = queue(seed);
      const queued = { ...at, queued: true };
      const steps = enter(q, seed);
      // Calls between setting the state and sleeping must not sleep: they would change the state.
      return [
        ...steps,
        ...writer.inner(seed, { ...queued, preemptOff: true }),
        sleepOnce(at, seed, writer),
        writer.call(`${leave} ${q}`, seed),
      ];
    },
  };
}

const written: readonly Piece[] = [
  ...['prepare_to_wait', 'prepare_to_wait_exclusive'].map((word) =>
    byHand(word, 'finish_wait', (q, { a }) => [`${word} ${q} ${pick(QUEUE_STATES, a)}`]),
  ),
  ...['wq_add', 'wq_add_exclusive'].map((word) =>
    byHand(word, 'wq_remove', (q, { a }) => [`${word} ${q}`, `set_state ${pick(QUEUE_STATES, a)}`]),
  ),
];

const completions: readonly Piece[] = [
  ...['complete', 'complete_all', 'reinit_completion', 'completion_done'].map((word) =>
    single(word, anywhere, (seed) => `${word} ${completion(seed)}`),
  ),
  single(
    'try_wait_for_completion',
    anywhere,
    (seed) => `try_wait_for_completion ${completion(seed)}`,
  ),
  ...['wait_for_completion', 'wait_for_completion_interruptible'].map((word) =>
    single(word, maySleep, (seed) => `${word} ${completion(seed)}`),
  ),
  single(
    'wait_for_completion_timeout',
    maySleep,
    (seed) => `wait_for_completion_timeout ${completion(seed)} ${seed.b % 7}`,
  ),
];

export const waiting: readonly Piece[] = [
  ...sleeps,
  ...wakes,
  ...waits,
  ...written,
  ...completions,
];
