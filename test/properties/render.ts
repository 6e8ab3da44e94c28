/*
 * Writes a plan down as the YAML of a scenario. Here each piece gets the form that is right where
 * it stands: which variants of a lock are allowed, which waits are sure to end.
 */
import { stringify } from 'yaml';
import { eras } from '../../models/era.ts';
import {
  LOCKS,
  type ChannelPlan,
  type HandlerPlan,
  type Hold,
  type LockPlan,
  type Piece,
  type Plan,
  type TaskPlan,
  type Where,
} from './plan.ts';

type Step = string | { readonly [key: string]: unknown };

/** Where a section stands, and what the locks around it have turned off. */
interface Place {
  readonly where: Where;
  readonly nests: boolean;
  readonly irqsOff: boolean;
  readonly bhOff: boolean;
  readonly depth: number;
}

/** The variants of a spinning lock that are right at a place. */
function variants({ reach }: LockPlan, { where, nests, irqsOff, bhOff }: Place): string[] {
  if (where === 'hardirq') return nests && !irqsOff ? ['_irqsave'] : ['', '_irqsave'];
  if (irqsOff) return ['', '_irqsave'];
  if (reach === 'hardirq') return ['_irq', '_irqsave'];
  const all = ['', '_bh', '_irq', '_irqsave'];
  return reach === 'softirq' && where === 'task' && !bhOff ? all.slice(1) : all;
}

function pick<T>(from: readonly T[], n: number): T {
  return from[n % from.length]!;
}

/** `n = n + 1` in two steps, so that two at once would lose one; readers see it stand still. */
function inside(lock: LockPlan, reads: boolean, us: number, t: string): Step[] {
  const delay = `delay ${us}us`;
  if (lock.count > 1) return [delay];
  if (reads) return [`$${t} = n_${lock.name}`, delay, `assert n_${lock.name} == $${t}`];
  return [`$${t} = n_${lock.name}`, delay, `n_${lock.name} = $${t} + 1`];
}

/** Takes the locks one inside the other, does the work of each, releases them in reverse. */
function section(holds: readonly Hold[], place: Place): Step[] {
  const [hold, ...rest] = holds;
  if (hold === undefined) return [];
  const lock = LOCKS[hold.lock]!;
  const reads = lock.type === 'rwlock' && hold.reader;
  const variant = pick(variants(lock, place), Math.floor(hold.form / 3));
  const t = `t${place.depth}`;
  const body = (at: Place): Step[] => [
    `log ${reads ? 'reads' : 'enters'}-${lock.name}`,
    ...inside(lock, reads, hold.us, t),
    ...section(rest, { ...at, depth: at.depth + 1 }),
    `log leaves-${lock.name}`,
  ];
  if (lock.type === 'mutex') return sleepingLock('mutex', lock, hold, body(place));
  if (lock.type === 'semaphore') return sleepingLock('semaphore', lock, hold, body(place));
  const verb = lock.type === 'spinlock' ? 'spin' : reads ? 'read' : 'write';
  const off = variant.startsWith('_irq');
  const within = body({
    ...place,
    irqsOff: place.irqsOff || off,
    bhOff: place.bhOff || variant === '_bh',
  });
  if (variant === '' && hold.form % 3 === 0) {
    const got = `got${place.depth}`;
    const then = [...within, `${verb}_unlock ${lock.name}`];
    return [`${verb}_trylock ${lock.name} -> ${got}`, { if: `$${got} == 1`, then }];
  }
  const flags = variant === '_irqsave' && hold.form % 3 === 1 ? ` $f${place.depth}` : '';
  const unlock = variant === '_irqsave' ? '_irqrestore' : variant;
  return [
    `${verb}_lock${variant} ${lock.name}${flags}`,
    ...within,
    `${verb}_unlock${unlock} ${lock.name}${flags}`,
  ];
}

function sleepingLock(
  type: 'mutex' | 'semaphore',
  { name }: LockPlan,
  { form }: Hold,
  body: Step[],
): Step[] {
  const mutex = type === 'mutex';
  const unlock = mutex ? `mutex_unlock ${name}` : `up ${name}`;
  if (form % 4 === 3) {
    const got = `got_${name}`;
    const take = mutex ? `mutex_trylock ${name}` : `down_trylock ${name}`;
    const condition = `$${got} == ${mutex ? 1 : 0}`;
    return [`${take} -> ${got}`, { if: condition, then: [...body, unlock] }];
  }
  const forms = mutex
    ? ['mutex_lock', 'mutex_lock_interruptible', 'mutex_lock_killable']
    : ['down', 'down_interruptible', 'down_killable'];
  return [`${pick(forms, form)} ${name}`, ...body, unlock];
}

function sleepStep(kind: TaskPlan['kind'], form: number, amount: number): Step {
  const anywhere = [
    `msleep ${amount}`,
    `schedule_timeout_uninterruptible ${amount}`,
    `schedule_timeout_interruptible ${amount}`,
    'yield',
    'cond_resched',
  ];
  const user = [
    `usleep ${amount * 700}`,
    `nanosleep ${amount * 100}us`,
    `compute ${amount * 90}us`,
  ];
  return pick(kind === 'user' ? [...anywhere, ...user] : anywhere, form);
}

function handlerName({ kind }: HandlerPlan, i: number): string {
  return `${kind}${i}`;
}

function kickStep(plan: Plan, target: number, amount: number, from: Where): Step[] {
  if (plan.handlers.length === 0) return [];
  const i = target % plan.handlers.length;
  const handler = plan.handlers[i]!;
  const name = handlerName(handler, i);
  switch (handler.kind) {
    case 'irq':
      // Interrupts raised by handlers could go on for ever.
      return from === 'task' ? [`raise_irq ${name}`] : [];
    case 'tasklet':
      return from === 'softirq' ? [] : [`tasklet_${i % 2 === 0 ? '' : 'hi_'}schedule ${name}`];
    case 'softirq':
      return from === 'softirq' ? [] : ['raise_softirq NET_TX'];
    case 'timer':
      return from === 'softirq' ? [] : [`mod_timer ${name} ${amount}`];
    case 'hrtimer':
      return from === 'task' ? [`hrtimer_start ${name} ${amount * 150}`] : [];
  }
}

/** How often a task signals its event. */
function signals({ repeat, pieces }: TaskPlan): number {
  return repeat * pieces.filter(({ kind }) => kind === 'signal').length;
}

function waitStep(plan: Plan, me: number, task: number, event: number, form: number): Step[] {
  if (task >= me) return [];
  const events = signals(plan.tasks[task]!);
  if (events === 0) return [];
  const condition = `event${task} >= ${1 + (event % events)}`;
  const forms = [
    `wait_event queue${task} ${condition}`,
    `wait_event_killable queue${task} ${condition}`,
    `wait_event_interruptible queue${task} ${condition}`,
    `wait_event_timeout queue${task} ${condition} 100000`,
  ];
  return [pick(forms, form), `assert ${condition}`];
}

function pieceSteps(plan: Plan, piece: Piece, where: Where, me: number): Step[] {
  switch (piece.kind) {
    case 'work':
      return [`delay ${piece.us}us`];
    case 'section': {
      const nests = eras[plan.kernel].handlersNest;
      return section(piece.holds, { where, nests, irqsOff: false, bhOff: false, depth: 0 });
    }
    case 'sleep':
      return [sleepStep(plan.tasks[me]!.kind, piece.form, piece.amount)];
    case 'kick':
      return kickStep(plan, piece.target, piece.amount, where);
    case 'signal':
      return [
        { atomic: [`event${me} = event${me} + 1`] },
        `wake_up${piece.all ? '_all' : ''} queue${me}`,
      ];
    case 'wait':
      return waitStep(plan, me, piece.task, piece.event, piece.form);
    case 'join':
      return piece.task < me ? [`wait_for_completion end${piece.task}`] : [];
  }
}

function taskActor(plan: Plan, task: TaskPlan, me: number): object {
  const { kind, policy, prio, nice, cpu, startUs, repeat, pieces } = task;
  const steps = pieces.flatMap((piece) => pieceSteps(plan, piece, 'task', me));
  return {
    kind,
    policy,
    ...(policy === 'fifo' || policy === 'rr' ? { prio } : {}),
    ...(policy === 'normal' ? { nice } : {}),
    ...(cpu === undefined ? {} : { cpu: cpu % plan.cpus }),
    ...(startUs === 0 ? {} : { start: `${startUs}us` }),
    steps: [{ repeat, do: steps }, `complete_all end${me}`, 'log ends'],
  };
}

function handlerActor(plan: Plan, handler: HandlerPlan): object {
  const { kind, cpu, soft, pieces } = handler;
  const where = kind === 'irq' || (kind === 'hrtimer' && !soft) ? 'hardirq' : 'softirq';
  const steps = pieces.flatMap((piece) => pieceSteps(plan, piece, where, 0));
  if (kind === 'irq') return { kind, cpu: cpu % plan.cpus, ...arrivals(handler), steps };
  if (kind === 'softirq') return { kind, vector: 'NET_TX', steps };
  return kind === 'hrtimer' ? { kind, soft, steps } : { kind, steps };
}

function arrivals({ arrivals: rule, us, count }: HandlerPlan): object {
  switch (rule) {
    case 'none':
      return {};
    case 'uniform':
      return { arrivals: { uniform: { min: `${us}us`, max: `${3 * us}us` }, count } };
    case 'erlang':
      return { arrivals: { erlang: { mean: `${us}us`, shape: 3 }, count } };
    default:
      return { arrivals: { [rule]: `${us}us`, count } };
  }
}

/** Ports of channels: far from the ids of processes. */
const FIRST_PORT = 5000;
/** A message's length tells its sender and its number: `1000 * (sender + 1) + number`. */
export const LENGTH_STEP = 1000;

function channelActors({ senders, ...channel }: ChannelPlan, c: number): [string, object][] {
  const port = FIRST_PORT + c;
  const total = senders.reduce((sum, { messages }) => sum + messages, 0);
  const pause = (us: number): Step[] => (us === 0 ? [] : [`usleep ${us}`]);
  const receiver = {
    kind: 'user',
    steps: [
      'socket $fd 2',
      `bind $fd ${port}`,
      `setsockopt $fd SO_RCVBUF ${channel.rcvbuf}`,
      `complete_all open${c}`,
      {
        repeat: total,
        do: [
          ...(channel.polls ? ['poll $fd 3s'] : []),
          `recv $fd 65536 -> receives-${c}`,
          ...pause(channel.readerPauseUs),
        ],
      },
      'recv $fd 65536 MSG_DONTWAIT -> surplus',
      'close $fd',
      'log ends',
    ],
  };
  return [
    [`receiver${c}`, receiver],
    ...senders.map(({ messages, pauseUs }, s): [string, object] => [
      `sender${c}_${s}`,
      {
        kind: 'user',
        steps: [
          'socket $fd 2',
          `wait_for_completion open${c}`,
          {
            repeat: messages,
            do: [
              '$i = $i + 1',
              `sendto $fd ${port} $i+${LENGTH_STEP * (s + 1)} -> sends-${c}`,
              ...pause(pauseUs),
            ],
          },
          'log ends',
        ],
      },
    ]),
  ];
}

/** The tasks of a plan, each of which must come to its end: `log ends`. */
export function endingActors(plan: Plan): string[] {
  return [
    ...plan.tasks.map((_, i) => `task${i}`),
    ...plan.channels.flatMap(({ senders }, c) => [
      `receiver${c}`,
      ...senders.map((_, s) => `sender${c}_${s}`),
    ]),
  ].sort();
}

export function render(plan: Plan): string {
  const { kernel, cpus, hz, costs, seed, tasks, handlers, channels } = plan;
  const events = Object.fromEntries(tasks.map((_, i) => [`event${i}`, 0]));
  const counters = Object.fromEntries(LOCKS.map(({ name }) => [`n_${name}`, 0]));
  return stringify({
    name: 'random',
    seed,
    kernel,
    machine: {
      cpus,
      hz,
      preemption: pick(eras[kernel].preemptionModels, plan.preemption),
      costs: { preset: costs },
    },
    until: '4s',
    objects: {
      ...Object.fromEntries(
        LOCKS.map(({ name, type, count }) => [
          name,
          type === 'semaphore' ? { type, count } : { type },
        ]),
      ),
      ...Object.fromEntries(tasks.map((_, i) => [`queue${i}`, { type: 'wait_queue_head' }])),
      ...Object.fromEntries(tasks.map((_, i) => [`end${i}`, { type: 'completion' }])),
      ...Object.fromEntries(channels.map((_, c) => [`open${c}`, { type: 'completion' }])),
    },
    vars: { ...counters, ...events },
    marked: Object.keys(events),
    actors: {
      ...Object.fromEntries(tasks.map((task, i) => [`task${i}`, taskActor(plan, task, i)])),
      ...Object.fromEntries(
        handlers.map((handler, i) => [handlerName(handler, i), handlerActor(plan, handler)]),
      ),
      ...Object.fromEntries(channels.flatMap(channelActors)),
    },
  });
}
