/**
 * A small registry for the loader's tests: the forms of the kernel's functions, no behaviour.
 */
import { z } from 'zod';
import { duration } from '../../../scenarios/load/index.ts';
import type {
  ArgDeclaration,
  ObjectTypeDeclaration,
  OpDeclaration,
  ProgramDeclaration,
  Registry,
} from '../../../scenarios/load/index.ts';

const lock = (...types: string[]): ArgDeclaration => ({ name: 'lock', kind: 'object', types });
const flagsOut: ArgDeclaration = { name: 'flags', kind: 'out', optional: true };
const flagsIn: ArgDeclaration = { name: 'flags', kind: 'int', optional: true };
const ret: ArgDeclaration = { name: 'ret', kind: 'out', optional: true };
const task: ArgDeclaration = { name: 'task', kind: 'actor', types: ['kthread', 'user', 'sys'] };
const actor = (kind: string): ArgDeclaration => ({ name: kind, kind: 'actor', types: [kind] });
const int = (name: string): ArgDeclaration => ({ name, kind: 'int' });
const variable: ArgDeclaration = { name: 'variable', kind: 'variable' };
const queue: ArgDeclaration = { name: 'queue', kind: 'object', types: ['wait_queue_head'] };
const condition: ArgDeclaration = { name: 'condition', kind: 'expr' };
const state: ArgDeclaration = {
  name: 'state',
  kind: 'symbol',
  flags: { RUNNING: 0, INTERRUPTIBLE: 1, UNINTERRUPTIBLE: 2 },
};
const gfp: ArgDeclaration = {
  name: 'gfp',
  kind: 'flags',
  flags: { GFP_KERNEL: 0xcc0, GFP_ATOMIC: 0xa20, __GFP_ZERO: 0x100 },
};

type Row = [name: string, returns: 'int' | 'void', ...args: ArgDeclaration[]];

const ROWS: Row[] = [
  ['spin_lock', 'void', lock('spinlock')],
  ['spin_unlock', 'void', lock('spinlock')],
  ['spin_lock_irqsave', 'void', lock('spinlock'), flagsOut],
  ['spin_unlock_irqrestore', 'void', lock('spinlock'), flagsIn],
  ['spin_trylock', 'int', lock('spinlock')],
  ['mutex_lock', 'void', lock('mutex')],
  ['mutex_unlock', 'void', lock('mutex')],
  ['down', 'void', lock('semaphore')],
  ['down_trylock', 'int', lock('semaphore'), ret],
  ['down_timeout', 'int', lock('semaphore'), int('jiffies')],
  ['up', 'void', lock('semaphore')],
  ['wait_event', 'void', queue, condition],
  ['wait_event_timeout', 'int', queue, condition, int('jiffies')],
  ['wake_up', 'void', queue],
  ['wake', 'int', task],
  [
    'set_prio',
    'int',
    task,
    { name: 'policy', kind: 'symbol', flags: { NORMAL: 0, FIFO: 1, RR: 2 } },
    int('prio'),
  ],
  ['set_state', 'void', state],
  ['schedule', 'void'],
  ['cond_resched', 'int'],
  ['align', 'void'],
  ['sleep', 'int', int('jiffies')],
  ['busy_us', 'void', int('us')],
  ['busy_jiffies', 'void', int('jiffies')],
  ['preempt_disable', 'void'],
  ['preempt_enable', 'void'],
  ['raise_irq', 'int', actor('irq')],
  ['tasklet_schedule', 'void', actor('tasklet')],
  ['allow_signal', 'void', int('signal')],
  ['kthread_stop', 'int', task],
  ['kthread_should_stop', 'int'],
  ['compute', 'void', { name: 'time', kind: 'duration' }],
  ['kmalloc', 'int', int('size'), gfp],
  ['set', 'void', variable, int('value')],
  ['add', 'int', variable, int('value')],
  ['cmpxchg', 'int', variable, int('old'), int('new'), ret],
  ['printk', 'void', { name: 'words', kind: 'text' }],
];

const type = (
  name: string,
  fields: z.ZodRawShape,
  more: Partial<ObjectTypeDeclaration> = {},
): ObjectTypeDeclaration => ({
  name,
  fields: z.strictObject(fields),
  about: `A ${name}.`,
  source: 'kernel/locking',
  ...more,
});

const TYPES = [
  type('spinlock', { class: z.string().optional().describe('The lock class.') }),
  type('mutex', {}),
  type(
    'semaphore',
    { count: z.int().min(0).default(1).describe('How many may hold it.') },
    { aliases: ['sem'], short: 'count' },
  ),
  type('wait_queue_head', {}, { aliases: ['waitqueue'] }),
  type('netlink_socket', {
    rcvbuf: z.int().min(1).default(212992).describe('The size of the receive buffer.'),
    timeout: duration.default(50_000_000).describe('How long a reader waits.'),
  }),
];

const PROGRAMS: ProgramDeclaration[] = [
  {
    name: 'netlink-sender',
    kind: 'kthread',
    about: 'Sends messages to a socket.',
    with: z.strictObject({
      socket: z.string().describe('Where to.'),
      interval: duration.default(50_000_000).describe('How often.'),
      size: z.int().min(1).default(768).describe('How much.'),
    }),
  },
  { name: 'spinner', kind: 'user', about: 'Spins.', with: z.strictObject({}) },
];

export const registry: Registry = {
  ops: new Map(
    ROWS.map(([name, returns, ...args]): [string, OpDeclaration] => [
      name,
      { name, returns, args, about: `Calls ${name}.`, source: 'include/linux' },
    ]),
  ),
  objectTypes: new Map(TYPES.map((declared) => [declared.name, declared])),
  programs: new Map(PROGRAMS.map((program) => [program.name, program])),
  costs: new Map([
    ['context_switch', 'A switch.'],
    ['irq_entry', 'Entering an interrupt.'],
  ]),
  findings: new Set(['deadlock', 'data-race', 'hang', 'sleep-in-atomic']),
  events: new Set(['sched_switch', 'sched_wakeup', 'irq_handler_entry']),
};
