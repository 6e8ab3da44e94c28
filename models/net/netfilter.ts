/*
 * Netfilter hooks of IPv4, net/netfilter/core.c: functions at five points of a packet's path, in
 * ascending priority, equal priorities in order of registration.
 */
import type { Code, Context } from '../context.ts';
import { EV } from '../events.ts';
import { schedule_timeout_uninterruptible } from '../time/sleep.ts';
import { kfree_skb, type SkBuff } from './skb.ts';

export const hookNames = [
  'NF_INET_PRE_ROUTING',
  'NF_INET_LOCAL_IN',
  'NF_INET_FORWARD',
  'NF_INET_LOCAL_OUT',
  'NF_INET_POST_ROUTING',
] as const;
export type HookName = (typeof hookNames)[number];

export const NF_DROP = 0;
export const NF_ACCEPT = 1;
export const NF_STOLEN = 2;
export const NF_QUEUE = 3;
export const NF_REPEAT = 4;
export const NF_STOP = 5;

/** include/uapi/linux/netfilter_ipv4.h. */
export const NF_IP_PRI = {
  NF_IP_PRI_FIRST: -0x80000000,
  NF_IP_PRI_CONNTRACK_DEFRAG: -400,
  NF_IP_PRI_RAW: -300,
  NF_IP_PRI_SELINUX_FIRST: -225,
  NF_IP_PRI_CONNTRACK: -200,
  NF_IP_PRI_MANGLE: -150,
  NF_IP_PRI_NAT_DST: -100,
  NF_IP_PRI_FILTER: 0,
  NF_IP_PRI_SECURITY: 50,
  NF_IP_PRI_NAT_SRC: 100,
  NF_IP_PRI_SELINUX_LAST: 225,
  NF_IP_PRI_LAST: 0x7fffffff,
} as const;

export interface NfHookOps {
  readonly name: string;
  readonly hooknum: HookName;
  readonly priority: number;
  /** Runs in the context of whoever carries the packet; returns a verdict. */
  readonly hook: (k: Context, skb: SkBuff) => Code<number>;
}

interface Chain {
  hooks: readonly NfHookOps[];
  /** Packets that are in the chain at this moment: readers under rcu_read_lock. */
  readers: number;
}

export class Netfilter {
  private readonly chains = new Map<HookName, Chain>(
    hookNames.map((name) => [name, { hooks: [], readers: 0 }]),
  );

  chain(hook: HookName): Chain {
    return this.chains.get(hook)!;
  }
}

/** Inserts before the first hook of a larger priority. Packets already in the chain miss it. */
export function nf_register_hook(netfilter: Netfilter, ops: NfHookOps): number {
  const chain = netfilter.chain(ops.hooknum);
  const at = chain.hooks.findIndex((other) => other.priority > ops.priority);
  const hooks = [...chain.hooks];
  hooks.splice(at < 0 ? hooks.length : at, 0, ops);
  chain.hooks = hooks;
  return 0;
}

/** Removes it, then waits until no packet can be inside any more (synchronize_net). */
export function* nf_unregister_hook(k: Context, netfilter: Netfilter, ops: NfHookOps): Code {
  const chain = netfilter.chain(ops.hooknum);
  chain.hooks = chain.hooks.filter((other) => other !== ops);
  do yield* schedule_timeout_uninterruptible(k, 1);
  while (chain.readers > 0);
}

/** NF_HOOK(): 1 if the packet goes on; otherwise somebody else has it or it was freed. */
export function* nf_hook(
  k: Context,
  netfilter: Netfilter,
  hook: HookName,
  skb: SkBuff,
): Code<number> {
  const chain = netfilter.chain(hook);
  const { hooks } = chain;
  if (hooks.length === 0) return 1;
  chain.readers++;
  const verdict = yield* traverse(k, hooks, skb);
  chain.readers--;
  if (verdict === NF_DROP) kfree_skb(skb);
  return verdict === NF_ACCEPT ? 1 : 0;
}

/** NF_QUEUE without a queue handler drops; NF_STOP accepts at once. */
function* traverse(k: Context, hooks: readonly NfHookOps[], skb: SkBuff): Code<number> {
  const { machine } = k;
  for (let i = 0; i < hooks.length;) {
    const ops = hooks[i]!;
    const { id } = skb;
    const verdict = yield* ops.hook(k, skb);
    if (machine.trace.on) k.cpu.emit(EV.nfHook, machine.texts.intern(ops.name), verdict, id);
    if (verdict === NF_ACCEPT) i++;
    else if (verdict === NF_STOP) return NF_ACCEPT;
    else if (verdict !== NF_REPEAT) return verdict === NF_QUEUE ? NF_DROP : verdict;
  }
  return NF_ACCEPT;
}
