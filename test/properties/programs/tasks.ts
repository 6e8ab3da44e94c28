/*
 * Pieces of programs: waking, giving way, priorities, signals, the end of threads, memory.
 */
import { holdsNothing, maySleep, type Place } from './place.ts';
import { pick, single, type Member, type Piece, type Seed, type Writer } from './writer.ts';

const anywhere = (): boolean => true;
const inTask = ({ where }: Place): boolean => where === 'task';
const inThread = ({ kind }: Place): boolean => kind === 'task';

function task({ a }: Seed, writer: Writer): string {
  return pick(writer.tasks('task', 'sys'), a).name;
}

const POLICIES = ['FIFO 40', 'FIFO 50', 'FIFO 70', 'RR 50', 'RR 60', 'NORMAL 0', 'NORMAL 10'];

const scheduling: readonly Piece[] = [
  single('wake', anywhere, (seed, writer) => `wake ${task(seed, writer)}`),
  single('yield', maySleep),
  single('cond_resched', maySleep),
  single('might_sleep', maySleep),
  single('need_resched', anywhere),
  single('set_prio', inTask, (seed, writer) => {
    const who = seed.b % 3 === 0 ? 'self' : task(seed, writer);
    return `set_prio ${who} ${pick(POLICIES, seed.b)}`;
  }),
  single('set_nice', inTask, (seed, writer) => `set_nice ${task(seed, writer)} ${seed.b % 20}`),
];

const SIGNALS = [10, 10, 15, 9];

const signals: readonly Piece[] = [
  single('send_sig', anywhere, (s, writer) => `send_sig ${task(s, writer)} ${pick(SIGNALS, s.b)}`),
  // It takes the signal lock with spin_lock_irq(), so it leaves interrupts on.
  single(
    'allow_signal',
    (at) => inThread(at) && !at.irqsOff,
    ({ b }) => `allow_signal ${pick(SIGNALS, b)}`,
  ),
  single('flush_signals', inThread),
  single('signal_pending', inTask),
];

/** Threads behind this one that nobody stops yet. */
function stoppable({ cast, self }: Writer): Member[] {
  return cast.members.filter(
    ({ kind, name, order }) =>
      kind === 'task' && order > self.order && !cast.stopped.has(name) && self.kind === 'task',
  );
}

const threads: readonly Piece[] = [
  single('kthread_should_stop', inThread),
  {
    words: ['kthread_stop'],
    fits: (at, writer) => holdsNothing(at) && at.loops === 0 && stoppable(writer).length > 0,
    write: (_at, seed, writer) => {
      const { name } = pick(stoppable(writer), seed.a);
      writer.cast.stopped.add(name);
      return [writer.call(`kthread_stop ${name}`, seed)];
    },
  },
];

const memory: readonly Piece[] = [
  single('kmalloc', anywhere, (_seed, _writer, at) => `kmalloc ${maySleep(at) ? 0 : 1}`),
  single('copy_from_user', (at) => at.kind === 'sys' && maySleep(at)),
  single('copy_from_user_nofault', ({ kind }) => kind === 'sys'),
];

export const tasks: readonly Piece[] = [...scheduling, ...signals, ...threads, ...memory];
