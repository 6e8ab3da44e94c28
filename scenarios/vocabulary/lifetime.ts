/*
 * Words for what is allocated, counted and freed: memory, references, an actor's own socket
 * buffers, and the readers of RCU.
 */
import type { Code, Context } from '../../models/context.ts';
import { HOOK } from '../../models/hooks.ts';
import { deref, kfree, kmalloc, type SlabObject } from '../../models/mm/slab.ts';
import { alloc_skb } from '../../models/net/netlink/kernel.ts';
import {
  queue_drops,
  skb_dequeue,
  skb_queue_tail,
  type SkbFifo,
} from '../../models/net/skb-fifo.ts';
import type { SkBuff } from '../../models/net/skb.ts';
import * as rcu from '../../models/rcu.ts';
import * as refcount from '../../models/refcount.ts';
import type { Activation } from '../run/activation.ts';
import { alias, envOp, op, out, type Arg, type Op } from './define.ts';

const SLAB = 'mm/slab_common.c';
const REFCOUNT = 'lib/refcount.c';
const SKBUFF = 'net/core/skbuff.c';
const SOCK = 'include/net/sock.h';
const RCU = 'kernel/rcu/update.c';

export const mem: Arg<SlabObject> = { name: 'mem', kind: 'object', types: ['mem'] };
const ref: Arg<refcount.Refcount> = { name: 'ref', kind: 'object', types: ['ref'] };
const fifo: Arg<SkbFifo> = { name: 'queue', kind: 'object', types: ['skbq'] };

type Setter = ((value: number) => void) | undefined;

/** The result goes into a local too, if the step names one. */
function* into(set: Setter, code: Code<number>): Code<number> {
  const result = yield* code;
  set?.(result);
  return result;
}

const memoryOps: readonly Op[] = [
  op('kmalloc_GFP_KERNEL', [mem], 'int', '1, or 0 if it failed; may sleep.', SLAB, (k, object) =>
    kmalloc(k, 'GFP_KERNEL', object),
  ),
  op('kmalloc_GFP_ATOMIC', [mem], 'int', '1, or 0 if it failed.', SLAB, (k, object) =>
    kmalloc(k, 'GFP_ATOMIC', object),
  ),
  op('kfree', [mem], 'void', 'Frees it; NULL is ignored.', SLAB, kfree),
  op('deref', [mem], 'void', 'An access through the pointer.', 'mm/kasan/generic.c', deref),
];

const refcount_inc = op('refcount_inc', [ref], 'void', 'One more reference.', REFCOUNT, (k, r) =>
  refcount.refcount_inc(k, r),
);
const refcount_dec_and_test = op(
  'refcount_dec_and_test',
  [ref, out('last')],
  'int',
  'One reference less; 1 if it was the last.',
  REFCOUNT,
  (k, r, set) => into(set, refcount.refcount_dec_and_test(k, r)),
);
const refcount_inc_not_zero = op(
  'refcount_inc_not_zero',
  [ref, out('got')],
  'int',
  '1 with one more reference, 0 if there was none left.',
  REFCOUNT,
  (k, r, set) => into(set, refcount.refcount_inc_not_zero(k, r)),
);

const refOps: readonly Op[] = [
  refcount_inc,
  alias('kref_get', refcount_inc),
  alias('get', refcount_inc),
  refcount_dec_and_test,
  alias('kref_put', refcount_dec_and_test),
  alias('put', refcount_dec_and_test),
  refcount_inc_not_zero,
  alias('kref_get_unless_zero', refcount_inc_not_zero),
  alias('get_unless_zero', refcount_inc_not_zero),
  op(
    'refcount_dec',
    [ref],
    'void',
    'One reference less, by one who knows that it is not the last.',
    REFCOUNT,
    refcount.refcount_dec,
  ),
];

function* allocate(k: Context, env: Activation): Code<number> {
  const skb = yield* alloc_skb(k, 0, 'GFP_ATOMIC');
  if (skb === null) return 0;
  env.buffers.push(skb);
  const { machine, cpu } = k;
  if (machine.trace.on) machine.tell(cpu, HOOK.skb_alloc, machine.texts.intern('skb'), skb.id);
  return 1;
}

/** The buffer that the actor got last and still has. */
function latest(k: Context, env: Activation, where: string): SkBuff | null {
  const skb = env.buffers.pop();
  if (skb !== undefined) return skb;
  const text = `BUG: kernel NULL pointer dereference in ${where}`;
  k.machine.findings.report(k.cpu, 'use-before-init', text);
  return null;
}

const skbOps: readonly Op[] = [
  envOp(
    'skb_alloc',
    [],
    'int',
    'A socket buffer of its own for the actor (GFP_ATOMIC); 0 if it failed.',
    SKBUFF,
    allocate,
  ),
  envOp(
    'skb_queue_tail',
    [fifo, out('queued')],
    'int',
    'Queues the latest buffer of the actor; 0 if there was no room: then it is freed.',
    SKBUFF,
    function* (k, env, queue, set) {
      const skb = latest(k, env, 'skb_queue_tail');
      return skb === null ? 0 : yield* into(set, skb_queue_tail(k, queue, skb));
    },
  ),
  envOp(
    'skb_dequeue',
    [fifo, out('got')],
    'int',
    'The oldest buffer becomes the latest of the actor; 0 if there is none.',
    SKBUFF,
    function* (k, env, queue, set) {
      const skb = yield* skb_dequeue(k, queue);
      if (skb !== null) env.buffers.push(skb);
      set?.(skb === null ? 0 : 1);
      return skb === null ? 0 : 1;
    },
  ),
  op(
    'queue_drops',
    [fifo, out('drops')],
    'int',
    'How many buffers did not fit so far (sk_drops).',
    SOCK,
    (k, queue, set) => into(set, queue_drops(k, queue)),
  ),
];

const rcuOps: readonly Op[] = [
  op('rcu_read_lock', [], 'void', 'A reader begins; it may nest.', RCU, rcu.rcu_read_lock),
  op('rcu_read_unlock', [], 'void', 'The reader ends.', RCU, rcu.rcu_read_unlock),
  op(
    'synchronize_rcu',
    [],
    'void',
    'Sleeps until all readers have ended that had begun before.',
    RCU,
    rcu.synchronize_rcu,
  ),
];

export const lifetimeOps: readonly Op[] = [...memoryOps, ...refOps, ...skbOps, ...rcuOps];
