/*
 * Random correct programs, before they are written down as YAML: who acts in which context, and the
 * pieces of work that each does. Correct means: locks nest in one fixed order, sleeping ones
 * outside; a lock that interrupts or bottom halves take is held with them off; nobody waits for
 * what may never come. What exactly a piece becomes depends on where it stands (render.ts).
 */
import fc from 'fast-check';
import { costPresets } from '../../models/costs.ts';
import { eras, kernelNames, type KernelName } from '../../models/era.ts';

/** The contexts of actors, as far as they differ in what they may do. */
export type Where = 'task' | 'softirq' | 'hardirq';

/** One lock to take: which form of it, and how long to hold it before the next is taken, us. */
export interface Hold {
  readonly lock: number;
  readonly form: number;
  readonly reader: boolean;
  readonly us: number;
}

export type Piece =
  | { readonly kind: 'work'; readonly us: number }
  | { readonly kind: 'section'; readonly holds: readonly Hold[] }
  | { readonly kind: 'sleep'; readonly form: number; readonly amount: number }
  /** Schedules or raises a handler. */
  | { readonly kind: 'kick'; readonly target: number; readonly amount: number }
  /** One more event of this task; wakes who waits for it. */
  | { readonly kind: 'signal'; readonly all: boolean }
  /** Waits for an event of an earlier task. */
  | { readonly kind: 'wait'; readonly task: number; readonly event: number; readonly form: number }
  /** Waits for the end of an earlier task. */
  | { readonly kind: 'join'; readonly task: number };

export interface TaskPlan {
  readonly kind: 'kthread' | 'user' | 'sys';
  readonly policy: 'normal' | 'fifo' | 'rr' | 'idle';
  readonly prio: number;
  readonly nice: number;
  /** The CPU it is bound to, modulo their number; undefined: any. */
  readonly cpu: number | undefined;
  readonly startUs: number;
  readonly repeat: number;
  readonly pieces: readonly Piece[];
}

export interface HandlerPlan {
  readonly kind: 'irq' | 'tasklet' | 'softirq' | 'timer' | 'hrtimer';
  readonly cpu: number;
  readonly soft: boolean;
  /** Interrupts: how arrivals are spread, their mean distance in us, how many there are. */
  readonly arrivals: 'every' | 'poisson' | 'uniform' | 'erlang' | 'none';
  readonly us: number;
  readonly count: number;
  readonly pieces: readonly Piece[];
}

/** One process receives what others send, over netlink; each sender numbers its messages. */
export interface ChannelPlan {
  readonly senders: readonly { readonly messages: number; readonly pauseUs: number }[];
  /** SO_RCVBUF; small ones make senders wait. */
  readonly rcvbuf: number;
  readonly readerPauseUs: number;
  readonly polls: boolean;
}

export interface Plan {
  readonly kernel: KernelName;
  readonly cpus: number;
  readonly hz: number;
  /** Modulo the number of models that the kernel has. */
  readonly preemption: number;
  readonly costs: string;
  readonly seed: number;
  readonly tasks: readonly TaskPlan[];
  readonly handlers: readonly HandlerPlan[];
  readonly channels: readonly ChannelPlan[];
}

export type LockType = 'mutex' | 'semaphore' | 'spinlock' | 'rwlock';

export interface LockPlan {
  readonly name: string;
  readonly type: LockType;
  /** The highest context that takes it. */
  readonly reach: Where;
  readonly count: number;
}

/** All locks in the order in which they nest: sleeping ones first, then by reach. */
export const LOCKS: readonly LockPlan[] = [
  { name: 'mutex0', type: 'mutex', reach: 'task', count: 1 },
  { name: 'sem0', type: 'semaphore', reach: 'task', count: 1 },
  { name: 'mutex1', type: 'mutex', reach: 'task', count: 1 },
  { name: 'sem2', type: 'semaphore', reach: 'task', count: 2 },
  { name: 'spin_task', type: 'spinlock', reach: 'task', count: 1 },
  { name: 'rw_task', type: 'rwlock', reach: 'task', count: 1 },
  { name: 'spin_bh', type: 'spinlock', reach: 'softirq', count: 1 },
  { name: 'rw_bh', type: 'rwlock', reach: 'softirq', count: 1 },
  { name: 'spin_irq', type: 'spinlock', reach: 'hardirq', count: 1 },
  { name: 'rw_irq', type: 'rwlock', reach: 'hardirq', count: 1 },
];

const RANK: Readonly<Record<Where, number>> = { task: 0, softirq: 1, hardirq: 2 };

/** The locks that code in `where` may take. */
function takenIn(where: Where): number[] {
  return LOCKS.flatMap(({ reach }, i) => (RANK[reach] >= RANK[where] ? [i] : []));
}

const form = fc.nat(11);

function section(where: Where): fc.Arbitrary<Piece> {
  const locks = takenIn(where);
  return fc
    .subarray(locks, { minLength: 1, maxLength: Math.min(3, locks.length) })
    .chain((taken) =>
      fc.tuple(
        ...taken.map((lock) =>
          fc.record({ lock: fc.constant(lock), form, reader: fc.boolean(), us: fc.nat(30) }),
        ),
      ),
    )
    .map((holds) => ({ kind: 'section', holds }));
}

const kind = <K extends Piece['kind']>(name: K): fc.Arbitrary<K> => fc.constant(name);
const work = fc.record({ kind: kind('work'), us: fc.nat(200) });
const kick = fc.record({ kind: kind('kick'), target: fc.nat(7), amount: fc.nat(3) });
const sleep = fc.record({ kind: kind('sleep'), form, amount: fc.nat(3) });
const signal = fc.record({ kind: kind('signal'), all: fc.boolean() });
const wait = fc.record({ kind: kind('wait'), task: fc.nat(4), event: fc.nat(9), form });
const join = fc.record({ kind: kind('join'), task: fc.nat(4) });

const taskPiece: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 5, arbitrary: section('task') },
  { weight: 1, arbitrary: work },
  { weight: 2, arbitrary: kick },
  { weight: 2, arbitrary: sleep },
  { weight: 2, arbitrary: signal },
  { weight: 2, arbitrary: wait },
  { weight: 1, arbitrary: join },
);

function handlerPiece(where: Where): fc.Arbitrary<Piece> {
  return fc.oneof(
    { weight: 4, arbitrary: section(where) },
    { weight: 1, arbitrary: work },
    { weight: 1, arbitrary: kick },
  );
}

const task: fc.Arbitrary<TaskPlan> = fc.record({
  kind: fc.constantFrom('kthread', 'user', 'sys'),
  policy: fc.constantFrom('normal', 'normal', 'normal', 'fifo', 'rr', 'idle'),
  prio: fc.integer({ min: 1, max: 99 }),
  nice: fc.integer({ min: -20, max: 19 }),
  cpu: fc.option(fc.nat(3), { nil: undefined }),
  startUs: fc.constantFrom(0, 0, 700, 5000),
  repeat: fc.integer({ min: 1, max: 3 }),
  pieces: fc.array(taskPiece, { minLength: 1, maxLength: 5 }),
});

function handler(kind: HandlerPlan['kind'], where: Where): fc.Arbitrary<HandlerPlan> {
  return fc.record({
    kind: fc.constant(kind),
    cpu: fc.nat(3),
    soft: fc.constant(where === 'softirq'),
    arrivals: fc.constantFrom('every', 'poisson', 'uniform', 'erlang', 'none'),
    us: fc.integer({ min: 100, max: 5000 }),
    count: fc.integer({ min: 1, max: 15 }),
    pieces: fc.array(handlerPiece(where), { minLength: 1, maxLength: 3 }),
  });
}

const anyHandler = fc.oneof(
  { weight: 2, arbitrary: handler('irq', 'hardirq') },
  handler('tasklet', 'softirq'),
  handler('timer', 'softirq'),
  handler('hrtimer', 'hardirq'),
  handler('hrtimer', 'softirq'),
  handler('softirq', 'softirq'),
);

const channel: fc.Arbitrary<ChannelPlan> = fc.record({
  senders: fc.array(
    fc.record({ messages: fc.integer({ min: 1, max: 12 }), pauseUs: fc.constantFrom(0, 0, 300) }),
    { minLength: 1, maxLength: 3 },
  ),
  rcvbuf: fc.constantFrom(1, 4000, 8000, 100_000),
  readerPauseUs: fc.constantFrom(0, 0, 500),
  polls: fc.boolean(),
});

export const plan: fc.Arbitrary<Plan> = fc
  .record({
    kernel: fc.constantFrom(...kernelNames),
    cpus: fc.integer({ min: 1, max: 4 }),
    hz: fc.constantFrom(100, 250, 300, 1000),
    preemption: fc.nat(5),
    costs: fc.constantFrom(...Object.keys(costPresets)),
    seed: fc.nat(1000),
    tasks: fc.array(task, { minLength: 1, maxLength: 5 }),
    handlers: fc.array(anyHandler, { maxLength: 4 }),
    channels: fc.array(channel, { maxLength: 2 }),
  })
  .map((made) => ({
    ...made,
    // Ticks without end would fill the trace: 2.4 has HZ 100 and no tickless idle.
    hz: eras[made.kernel].nohzIdle ? made.hz : 100,
    // There is one action for a vector, and hrtimers came with 2.6.16.
    handlers: made.handlers.filter(
      ({ kind: what }, i, all) =>
        (what !== 'softirq' || all.findIndex(({ kind: other }) => other === what) === i) &&
        (what !== 'hrtimer' || made.kernel !== 'linux-2.4.27'),
    ),
  }));
