/*
 * Words of kernel code that uses netlink, and of the kernel log. A buffer is known by a number, its
 * handle, which a local keeps; 0 is NULL.
 */
import type { Code, Context } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import { HOOK } from '../../models/hooks.ts';
import type { Machine } from '../../models/machine.ts';
import * as nl from '../../models/net/netlink/kernel.ts';
import { NLMSG_HDRLEN } from '../../models/net/netlink/nlmsg.ts';
import type { NetlinkSock } from '../../models/net/netlink/af_netlink.ts';
import { MSG_DONTWAIT } from '../../models/net/netlink/uapi.ts';
import { kfree_skb, skb_get, type gfp_t, type SkBuff } from '../../models/net/skb.ts';
import { printk } from '../../models/printk.ts';
import { envOp, flags, int, op, optional, symbol, text, type Arg, type Op } from './define.ts';

const NETLINK = 'net/netlink/af_netlink.c';
const SKBUFF = 'net/core/skbuff.c';
const PRINTK = 'kernel/printk/printk.c';

/** A kernel socket: an object of type `netlink`. */
export const netlinkSocket: Arg<NetlinkSock> = { name: 'nl', kind: 'object', types: ['netlink'] };

const sendFlags = flags('flags', { MSG_DONTWAIT });
const gfpNames: readonly gfp_t[] = ['GFP_KERNEL', 'GFP_ATOMIC'];
const gfp = symbol('gfp', { GFP_KERNEL: 0, GFP_ATOMIC: 1 });

/** A buffer that a word has allocated, and how many of its references the actors have. */
interface Held {
  readonly skb: SkBuff;
  refs: number;
}

/** By handle; freed ones too, so that misuse is found. */
const buffers = new WeakMap<Machine, Map<number, Held>>();

function buffersOf(k: Context): Map<number, Held> {
  let known = buffers.get(k.machine);
  if (known === undefined) {
    known = new Map();
    buffers.set(k.machine, known);
  }
  return known;
}

/** Tells the leak detector that an actor has it from now on, or that none has any more. */
function tellOwner({ cpu, machine }: Context, hook: number, { id }: SkBuff): void {
  if (machine.trace.on) machine.tell(cpu, hook, machine.texts.intern('skb'), id);
}

/**
 * Does something with the buffer behind a handle, by which the actors have so many references more;
 * NULL is an oops.
 */
function withSkb<T>(
  k: Context,
  handle: number,
  where: string,
  more: number,
  act: (skb: SkBuff) => T,
): T | void {
  const held = buffersOf(k).get(handle);
  if (held !== undefined) {
    held.refs += more;
    if (held.refs === 0) tellOwner(k, HOOK.skb_queued, held.skb);
    return act(held.skb);
  }
  const text = `BUG: kernel NULL pointer dereference in ${where}`;
  k.machine.findings.report(k.cpu, 'use-before-init', text);
}

/** Sends one message, made with GFP_ATOMIC; `send` gets the buffer. */
function* withMessage(
  k: Context,
  len: number,
  type: number,
  send: (skb: SkBuff) => Code<number>,
): Code<number> {
  if (len < NLMSG_HDRLEN) return -errno.EMSGSIZE;
  const skb = yield* nl.newMessage(k, len - NLMSG_HDRLEN, type, 'GFP_ATOMIC');
  return skb === null ? -errno.ENOMEM : yield* send(skb);
}

const sendOps: readonly Op[] = [
  op(
    'netlink_unicast',
    [netlinkSocket, int('port'), int('len'), optional(sendFlags), optional(int('type'))],
    'int',
    'Allocates a message of len bytes (GFP_ATOMIC) and sends it: len, or a negative error.',
    NETLINK,
    (k, ssk, port, len, how, type) =>
      withMessage(k, len, type ?? 0, (skb) =>
        nl.netlink_unicast(k, ssk, skb, port, ((how ?? 0) & MSG_DONTWAIT) !== 0),
      ),
  ),
  op(
    'nlmsg_multicast',
    [netlinkSocket, int('group'), int('len'), optional(int('type'))],
    'int',
    'Sends a message of len bytes to a group: 0, -ESRCH or -ENOBUFS.',
    NETLINK,
    (k, ssk, group, len, type) =>
      withMessage(k, len, type ?? 0, (skb) =>
        nl.nlmsg_multicast(k, ssk, skb, 0, group, 'GFP_ATOMIC'),
      ),
  ),
];

const skbOut: Arg<(value: number) => void> = { name: 'skb', kind: 'out' };
const skb = int('skb');

const skbOps: readonly Op[] = [
  op(
    'alloc_skb',
    [skbOut, int('size'), optional(gfp)],
    'int',
    'Allocates a buffer (GFP_ATOMIC by default); sets the local to its handle, 0 if it failed.',
    SKBUFF,
    function* (k, set, size, mode) {
      const made = yield* nl.alloc_skb(k, size, gfpNames[mode ?? 1]!);
      set(made?.id ?? 0);
      if (made === null) return 0;
      buffersOf(k).set(made.id, { skb: made, refs: 1 });
      tellOwner(k, HOOK.skb_alloc, made);
      return made.id;
    },
  ),
  op(
    'skb_get',
    [skb],
    'void',
    'One more reference.',
    SKBUFF,
    (k, handle) => void withSkb(k, handle, 'skb_get', 1, skb_get),
  ),
  envOp(
    'kfree_skb',
    [optional(skb)],
    'void',
    'One reference less; the last one frees. NULL is ignored. Without: the latest of the actor.',
    SKBUFF,
    function* (k, env, handle) {
      if (handle === undefined) {
        yield k.machine.costs.call;
        const own = env.buffers.pop() ?? env.freedBuffer;
        env.freedBuffer = own;
        if (own !== null) kfree_skb(own);
      } else if (handle !== 0) {
        withSkb(k, handle, 'kfree_skb', -1, kfree_skb);
      }
    },
  ),
  op(
    'netlink_unicast_skb',
    [netlinkSocket, skb, int('port'), optional(sendFlags)],
    'int',
    'netlink_unicast of a buffer, which it consumes in every case.',
    NETLINK,
    function* (k, ssk, handle, port, how) {
      const nonblock = ((how ?? 0) & MSG_DONTWAIT) !== 0;
      const send = withSkb(k, handle, 'netlink_unicast', -1, (one) =>
        nl.netlink_unicast(k, ssk, one, port, nonblock),
      );
      return send === undefined ? -errno.EINVAL : yield* send;
    },
  ),
];

const printkOps: readonly Op[] = [
  op(
    'printk',
    [text('text')],
    'int',
    'A line of the kernel log, from any context.',
    PRINTK,
    printk,
  ),
  op(
    'printkValue',
    [int('value'), text('format')],
    'int',
    'A line of the kernel log in which the value stands for %d.',
    PRINTK,
    (k, value, format) => printk(k, format.replace('%d', String(value))),
  ),
];

export const netlinkOps: readonly Op[] = [...sendOps, ...skbOps, ...printkOps];
