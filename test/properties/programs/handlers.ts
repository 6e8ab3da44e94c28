/*
 * Pieces of programs: what sets off handlers (interrupt lines, tasklets, timers, napi, works) and
 * calls them off again.
 */
import type { ActorKind } from './notation.ts';
import { holdsNothing, maySleep, type Place } from './place.ts';
import { pick, single, type Member, type Piece, type Seed, type Writer } from './writer.ts';

const anywhere = (): boolean => true;
const idle = (at: Place): boolean => maySleep(at);

/** A call that names a handler of this kind, where there is one that may be set off. */
function on(
  kind: ActorKind,
  word: string,
  allowed: (at: Place) => boolean = anywhere,
  rest: (seed: Seed, target: Member) => string = () => '',
): Piece {
  return single(
    word,
    (at, writer) => allowed(at) && writer.targets(kind).length > 0,
    (seed, writer) => {
      const target = pick(writer.targets(kind), seed.a);
      return `${word} ${target.name}${rest(seed, target)}`;
    },
  );
}

const jiffies = ({ b }: Seed): string => ` ${pick([0, 1, 2, 3, 6, 70], b)}`;
const us = ({ b }: Seed, { soft }: Member): string =>
  ` ${pick([0, 200, 500, 1000, 3000, 10_000], b)} ${soft ? 1 : 0}`;

const timers: readonly Piece[] = [
  on('timer', 'mod_timer', anywhere, jiffies),
  on('timer', 'mod_timer_pending', anywhere, jiffies),
  on('timer', 'timer_reduce', anywhere, jiffies),
  on('timer', 'del_timer'),
  on('timer', 'del_timer_sync', idle),
  on('timer', 'timer_pending'),
  {
    // A timer must not be pending then, so one task alone arms it, after it has deleted it.
    words: ['add_timer', 'del_timer_sync'],
    fits: (at, writer) => at.kind === 'task' && idle(at) && ownTimers(writer).length > 0,
    write: (_at, seed, writer) => {
      const { name } = pick(ownTimers(writer), seed.a);
      const add = writer.call(`add_timer ${name}${jiffies(seed)}`, seed);
      return [writer.call(`del_timer_sync ${name}`, seed), add];
    },
  },
  on('hrtimer', 'hrtimer_start', anywhere, us),
  on('hrtimer', 'hrtimer_cancel', idle),
];

function ownTimers({ cast, self }: Writer): Member[] {
  return cast.members.filter(({ name }) => cast.added.get(name) === self.name);
}

/** Tasklets that may be disabled, and others that may be killed: to kill a disabled one hangs. */
function tasklets(writer: Writer, killed: boolean): Member[] {
  return writer.targets('tasklet').filter(({ order }) => (order % 2 === 0) === killed);
}

const softirqs: readonly Piece[] = [
  on('irq', 'raise_irq'),
  on('napi', 'napi_schedule'),
  on('tasklet', 'tasklet_schedule'),
  on('tasklet', 'tasklet_hi_schedule'),
  {
    words: ['tasklet_disable', 'tasklet_enable'],
    // Softirqs poll a disabled tasklet: it must not last, and polling must take time.
    fits: (at, writer) =>
      holdsNothing(at) && !writer.cast.timeless && tasklets(writer, false).length > 0,
    write: (at, seed, writer) => {
      const { name } = pick(tasklets(writer, false), seed.a);
      return [
        writer.call(`tasklet_disable ${name}`, seed),
        ...writer.inner(seed, { ...at, preemptOff: true, loops: 2 }),
        writer.call(`tasklet_enable ${name}`, seed),
      ];
    },
  },
  single(
    'tasklet_kill',
    (at, writer) => idle(at) && tasklets(writer, true).length > 0,
    ({ a }, writer) => `tasklet_kill ${pick(tasklets(writer, true), a).name}`,
  ),
];

const workqueue = ({ cast }: Writer, { b }: Seed): string => `WQ${b % cast.flavours.length}`;
/** Who waits for a work must hold nothing that it may want, and be no work itself. */
const waitsForWork = (at: Place): boolean => holdsNothing(at) && at.kind !== 'work';

const works: readonly Piece[] = [
  single(
    'queue_work',
    (_at, writer) => writer.targets('work').length > 0,
    (seed, writer) =>
      `queue_work ${workqueue(writer, seed)} ${pick(writer.targets('work'), seed.a).name}`,
  ),
  on('work', 'cancel_work'),
  on('work', 'flush_work', waitsForWork),
  on('work', 'cancel_work_sync', waitsForWork),
  single(
    'flush_workqueue',
    (at, { cast }) => waitsForWork(at) && cast.flavours.length > 0,
    (seed, writer) => `flush_workqueue ${workqueue(writer, seed)}`,
  ),
];

const AGAIN: Readonly<Partial<Record<ActorKind, (self: Member) => string>>> = {
  irq: ({ name }) => `raise_irq ${name}`,
  tasklet: ({ name }) => `tasklet_schedule ${name}`,
  timer: ({ name }) => `mod_timer ${name} 1`,
  hrtimer: ({ name, soft }) => `hrtimer_start ${name} 400 ${soft ? 1 : 0}`,
  napi: ({ name }) => `napi_schedule ${name}`,
  work: ({ name }) => `queue_work WQ0 ${name}`,
};

/** A handler sets itself off again, some times. */
const again: readonly Piece[] = Object.entries(AGAIN).map(([kind, step]) => ({
  words: [step({ name: '', kind: kind as ActorKind, soft: false, order: 0 }).split(' ')[0]!],
  fits: (at: Place, { cast, self }: Writer) =>
    at.kind === kind && at.loops === 0 && at.depth === 0 && !cast.added.has(self.name),
  write: (_at: Place, { a }: Seed, { self }: Writer) => [
    `add n_${self.name} 1`,
    `skip_ge n_${self.name} ${2 + (a % 4)} 1`,
    step(self),
  ],
}));

export const handlers: readonly Piece[] = [...timers, ...softirqs, ...works, ...again];
