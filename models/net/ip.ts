/*
 * The way of an IPv4 packet through the kernel, as far as an ICMP echo needs it: ip_rcv, the hooks,
 * local delivery, icmp_rcv and the reply, all in the softirq that received it (net/ipv4/
 * ip_input.c, icmp.c, ip_output.c). No forwarding, fragments or routing beyond "is it mine?".
 */
import type { Code, Context } from '../context.ts';
import { EV } from '../events.ts';
import { skb_dev, type NetDevice } from './device.ts';
import { ICMP_ECHO, decodeIcmp, decodeIpv4, ip_fast_csum, type iphdr } from './ipv4.ts';
import { nf_hook, type Netfilter } from './netfilter.ts';
import {
  alloc_skb,
  consume_skb,
  kfree_skb,
  skb_load,
  skb_put,
  skb_store,
  type SkBuff,
  type SkbMemory,
} from './skb.ts';

export interface IpStats {
  received: number;
  /** Not IPv4, malformed, wrong checksum, not for this host. */
  ignored: number;
  delivered: number;
  icmpEchos: number;
  icmpReplies: number;
}

/** The IPv4 header of a packet on its way; the buffer's content is the frame. */
export function ip_hdr(skb: SkBuff): iphdr {
  const decoded = packets.get(skb);
  if (decoded === undefined) throw new Error('the buffer is no received IPv4 packet');
  return decoded.header;
}

interface Packet {
  readonly header: iphdr;
  readonly offset: number;
  readonly device: NetDevice;
}

/** skb->network_header and skb->dev, set on reception. */
const packets = new WeakMap<SkBuff, Packet>();

export class Ip {
  readonly stats: IpStats = {
    received: 0,
    ignored: 0,
    delivered: 0,
    icmpEchos: 0,
    icmpReplies: 0,
  };
  private readonly netfilter: Netfilter;
  private readonly memory: SkbMemory;
  /** Addresses of this host; without any, every destination is taken for its own. */
  readonly addresses = new Set<number>();

  constructor(netfilter: Netfilter, memory: SkbMemory) {
    this.netfilter = netfilter;
    this.memory = memory;
  }

  /** Hands the frame to its protocol. */
  *netif_receive_skb(k: Context, skb: SkBuff): Code {
    const { machine } = k;
    const device = skb_dev(skb);
    if (machine.trace.on) {
      k.cpu.emit(EV.netif_receive_skb, machine.texts.intern(device.name), skb.len, skb.id);
    }
    this.stats.received++;
    const frame = skb_load(skb, skb.data, skb.len);
    const decoded = decodeIpv4(device.linkType, frame);
    yield machine.costs.ip_rcv;
    const { header, offset } = decoded.kind === 'ipv4' ? decoded : { header: null, offset: 0 };
    if (header === null || ip_fast_csum(frame, offset, header.ihl) !== 0) {
      this.stats.ignored++;
      kfree_skb(skb);
      return;
    }
    packets.set(skb, { header, offset, device });
    if ((yield* nf_hook(k, this.netfilter, 'NF_INET_PRE_ROUTING', skb)) === 0) return;
    yield* this.ip_rcv_finish(k, skb);
  }

  private *ip_rcv_finish(k: Context, skb: SkBuff): Code {
    if (this.addresses.size > 0 && !this.addresses.has(ip_hdr(skb).daddr)) {
      this.stats.ignored++;
      kfree_skb(skb);
      return;
    }
    if ((yield* nf_hook(k, this.netfilter, 'NF_INET_LOCAL_IN', skb)) === 0) return;
    this.stats.delivered++;
    yield* this.icmp_rcv(k, skb);
    consume_skb(skb);
  }

  private *icmp_rcv(k: Context, skb: SkBuff): Code {
    const { header, offset } = packets.get(skb)!;
    const frame = skb_load(skb, skb.data, skb.len);
    const icmp = decodeIcmp(frame, offset, header);
    if (icmp?.type !== ICMP_ECHO) return;
    this.stats.icmpEchos++;
    yield* this.icmp_reply(k, skb);
  }

  /** The reply carries what the request carried, the addresses exchanged. */
  private *icmp_reply(k: Context, request: SkBuff): Code {
    const { header, offset, device } = packets.get(request)!;
    const length = request.len - offset;
    const skb = alloc_skb(this.memory, length, 'GFP_ATOMIC');
    if (skb === null) return;
    skb_store(skb, skb_put(skb, length), skb_load(request, request.data + offset, length));
    const reply = { ...header, saddr: header.daddr, daddr: header.saddr };
    packets.set(skb, { header: reply, offset: 0, device });
    yield k.machine.costs.skb;
    if ((yield* nf_hook(k, this.netfilter, 'NF_INET_LOCAL_OUT', skb)) === 0) return;
    if ((yield* nf_hook(k, this.netfilter, 'NF_INET_POST_ROUTING', skb)) === 0) return;
    this.stats.icmpReplies++;
    device.transmit(k, skb);
    consume_skb(skb);
  }
}
