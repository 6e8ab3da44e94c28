/*
 * Random sequences of calls keep what must hold on every kernel: charges add up, messages
 * arrive once and in order or are lost only in counted ways, reading everything ends congestion.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import type { NetlinkSock } from '../../../models/net/netlink/af_netlink.ts';
import { netlink_broadcast } from '../../../models/net/netlink/broadcast.ts';
import { type NetlinkEra, netlinkEras } from '../../../models/net/netlink/era.ts';
import { netlink_setsockopt, sock_setsockopt } from '../../../models/net/netlink/options.ts';
import { datagram_poll } from '../../../models/net/netlink/socket.ts';
import { netlink_kernel_create, netlink_release } from '../../../models/net/netlink/table.ts';
import { EPOLLERR, EPOLLIN, MSG_PEEK } from '../../../models/net/netlink/uapi.ts';
import { netlink_unicast } from '../../../models/net/netlink/unicast.ts';
import { alloc_skb, skb_load, skb_put, skb_store, type SkBuff } from '../../../models/net/skb.ts';
import { newNetlink, recv, root, send, tagBytes, userSocket } from './netlink-setup.ts';

const protocol = 20;
const users = 4;

type Call =
  | { readonly kind: 'send'; from: number; to: number; group: number; len: number }
  | { readonly kind: 'kernelSend'; to: number; group: number; len: number }
  | { readonly kind: 'recv' | 'peek' | 'reopen'; who: number }
  | { readonly kind: 'option'; who: number; option: string; val: number }
  | { readonly kind: 'rcvbuf'; who: number; val: number };

const who = fc.nat(users - 1);
const len = fc.oneof(fc.constantFrom(4, 256, 257, 784, 4000), fc.integer({ min: 4, max: 5000 }));
const group = fc.constantFrom(0, 0, 1, 2);
const option = fc.constantFrom(
  'NETLINK_ADD_MEMBERSHIP',
  'NETLINK_ADD_MEMBERSHIP',
  'NETLINK_DROP_MEMBERSHIP',
  'NETLINK_NO_ENOBUFS',
  'NETLINK_BROADCAST_ERROR',
);
const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      from: who,
      to: fc.nat(users),
      group,
      len,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('kernelSend' as const), to: who, group, len }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('recv', 'recv', 'recv', 'peek', 'reopen'), who }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('option' as const),
      who,
      option,
      val: fc.constantFrom(0, 1, 1, 2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rcvbuf' as const),
      who,
      val: fc.constantFrom(0, 4096, 20000),
    }),
  },
);

/** The model under test beside what each receiver was told it has: tags in order. */
class Run {
  readonly netlink;
  readonly kernel: NetlinkSock;
  readonly sockets: NetlinkSock[];
  readonly told = new Map<NetlinkSock, number[]>();
  private readonly read = new Map<NetlinkSock, number>();
  private tag = 0;

  constructor(era: NetlinkEra) {
    this.netlink = newNetlink(era);
    const cfg = { input: () => undefined, data_ready: drainQueue };
    this.kernel = netlink_kernel_create(this.netlink, 0, protocol, cfg) as NetlinkSock;
    this.sockets = Array.from({ length: users }, (_, i) => this.open(i));
  }

  private open(i: number): NetlinkSock {
    const sk = userSocket(this.netlink, 100 + i, 0, protocol);
    const tags: number[] = [];
    this.told.set(sk, tags);
    sk.sk_data_ready = () => tags.push(tagOf([...sk.sk_receive_queue].at(-1) as SkBuff));
    sock_setsockopt(sk, root, 'SO_RCVBUF', 4096);
    return sk;
  }

  private at(i: number): NetlinkSock {
    return this.sockets[i] as NetlinkSock;
  }

  run(step: Call): void {
    switch (step.kind) {
      case 'send':
      case 'kernelSend':
        this.deliver(step);
        break;
      case 'recv':
        this.receive(this.at(step.who));
        break;
      case 'peek':
        this.peek(this.at(step.who));
        break;
      case 'reopen':
        netlink_release(this.at(step.who));
        expect(this.at(step.who).sk_rmem_alloc).toBe(0);
        this.sockets[step.who] = this.open(step.who);
        break;
      case 'option':
        netlink_setsockopt(this.at(step.who), root, step.option, step.val);
        break;
      case 'rcvbuf':
        sock_setsockopt(this.at(step.who), root, 'SO_RCVBUF', step.val);
        break;
    }
    this.check();
  }

  /** One message; every receiver either got it or, for overruns, counts it. */
  private deliver(step: Call & { kind: 'send' | 'kernelSend' }): void {
    const tag = ++this.tag;
    const before = this.sockets.map((sk) => this.arrived(sk) + sk.sk_drops);
    const members = this.sockets.map((sk) => this.isMember(sk, step));
    const result =
      step.kind === 'send'
        ? send(this.at(step.from), step.to === users ? 0 : 100 + step.to, step.group, step.len, tag)
        : this.kernelSend(step, tag);
    for (const [i, sk] of this.sockets.entries()) {
      const seen = this.arrived(sk) + sk.sk_drops - (before[i] ?? 0);
      const unicast = step.to === i && (step.kind === 'send' || step.group === 0);
      // A unicast that fails is counted at the receiver only when the kernel sent it.
      const counted = unicast && (result === step.len || step.kind === 'kernelSend');
      expect(seen).toBe(Number(members[i]) + Number(counted));
    }
  }

  private arrived(sk: NetlinkSock): number {
    return this.told.get(sk)?.length ?? 0;
  }

  private isMember(sk: NetlinkSock, step: Call & { kind: 'send' | 'kernelSend' }): boolean {
    if (step.group === 0 || !sk.hasGroup(step.group)) return false;
    if (step.kind === 'kernelSend') return true;
    return sk !== this.at(step.from) && sk.portid !== 100 + step.to;
  }

  private kernelSend(step: Call & { kind: 'kernelSend' }, tag: number): number {
    const skb = alloc_skb(this.netlink.memory, step.len, 'GFP_ATOMIC') as SkBuff;
    skb_store(skb, skb_put(skb, step.len), tagBytes(tag));
    if (step.group === 0) return netlink_unicast(this.kernel, skb, 100 + step.to, true);
    return netlink_broadcast(this.kernel, skb, 0, step.group, 'GFP_ATOMIC').result;
  }

  /** The next message must be the oldest that was announced and not yet read. */
  private receive(sk: NetlinkSock): void {
    const pending = sk.sk_err;
    const queued = sk.sk_receive_queue.length;
    const got = recv(sk);
    if (pending !== 0) {
      expect([got, sk.sk_err]).toEqual([-pending, 0]);
    } else if (queued === 0) {
      expect(got).toBe(-errno.EAGAIN);
    } else if (typeof got !== 'number') {
      const index = this.read.get(sk) ?? 0;
      this.read.set(sk, index + 1);
      expect(got.data).toEqual(tagBytes(this.told.get(sk)?.[index] ?? -1));
    }
    expect(sk.sk_receive_queue.length).toBe(queued - Number(pending === 0 && queued > 0));
    if (sk.sk_receive_queue.length === 0) expect(sk.congested).toBe(false);
  }

  private peek(sk: NetlinkSock): void {
    const before = [sk.sk_receive_queue.length, sk.sk_rmem_alloc];
    recv(sk, MSG_PEEK);
    expect([sk.sk_receive_queue.length, sk.sk_rmem_alloc]).toEqual(before);
  }

  private check(): void {
    let live = 0;
    for (const sk of this.sockets) {
      const queue = [...sk.sk_receive_queue];
      live += queue.length;
      expect(sk.sk_rmem_alloc).toBe(queue.reduce((sum, skb) => sum + skb.truesize, 0));
      const mask = datagram_poll(sk);
      expect((mask & EPOLLIN) !== 0).toBe(queue.length > 0);
      expect((mask & EPOLLERR) !== 0).toBe(sk.sk_err !== 0);
      if (sk.flags.has('NETLINK_NO_ENOBUFS')) expect(sk.congested).toBe(false);
    }
    expect(this.netlink.memory.live).toBe(live);
  }

  finish(): void {
    for (const sk of this.sockets) {
      while (sk.sk_err !== 0 || sk.sk_receive_queue.length > 0) this.receive(sk);
      expect([sk.congested, sk.sk_rmem_alloc]).toEqual([false, 0]);
      netlink_release(sk);
    }
    expect(this.netlink.memory.live).toBe(0);
    expect(this.netlink.table(protocol).mc_list.length).toBe(0);
  }
}

/** The input of 2.4 reads its queue. */
function drainQueue(sk: NetlinkSock): undefined {
  sk.sk_receive_queue.purge();
}

function tagOf(skb: SkBuff): number {
  return new DataView(skb_load(skb, skb.data, 4).buffer).getUint32(0, true);
}

describe.each(Object.values(netlinkEras).slice(1))('$name', (era) => {
  it('loses and duplicates nothing except in counted overruns', () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 20, maxLength: 120 }), (calls) => {
        const run = new Run(era);
        for (const step of calls) run.run(step);
        run.finish();
      }),
      { numRuns: 150 },
    );
  });
});
