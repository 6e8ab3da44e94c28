/*
 * imp2_k.c of the article: a module that hooks PRE_ROUTING and tells one registered process the
 * addresses of every ICMP packet. Locking repaired (`user_proc.lock` is what is locked, the pid is
 * copied under it and the send happens outside); the header test is the original one.
 */
import { z } from 'zod';
import type { Code, Context } from '../../models/context.ts';
import {
  Rwlock,
  read_lock_bh,
  read_unlock_bh,
  write_lock_bh,
  write_unlock_bh,
} from '../../models/locking/rwlock.ts';
import { Semaphore, down_trylock, up } from '../../models/locking/semaphore.ts';
import { ip_hdr } from '../../models/net/ip.ts';
import { IPPROTO_ICMP } from '../../models/net/ipv4.ts';
import {
  NF_ACCEPT,
  NF_IP_PRI,
  nf_register_hook,
  nf_unregister_hook,
  type NfHookOps,
} from '../../models/net/netfilter.ts';
import {
  alloc_skb,
  kfree_skb,
  netlink_kernel_create,
  netlink_kernel_release,
  netlink_unicast,
} from '../../models/net/netlink/kernel.ts';
import {
  NLMSG_DATA,
  NLMSG_HDRLEN,
  NLMSG_SPACE,
  nlmsg_hdr,
  nlmsg_put,
} from '../../models/net/netlink/nlmsg.ts';
import type { NetlinkSock } from '../../models/net/netlink/af_netlink.ts';
import { skb_store, type SkBuff } from '../../models/net/skb.ts';
import { printk } from '../../models/printk.ts';
import { nanosleep } from '../../models/user/unistd.ts';
import { systemCall } from '../../models/user/signals.ts';
import { duration } from '../load/index.ts';
import type { World } from '../run/world.ts';
import { program } from './define.ts';

export const NL_IMP2 = 31;
export const IMP2_U_PID = 0;
export const IMP2_K_MSG = 1;
export const IMP2_CLOSE = 2;
/** struct packet_info: source and destination, network byte order. */
const PACKET_INFO = 8;

class Imp2Module {
  private readonly world: World;
  private readonly protocol: number;
  private nlfd: NetlinkSock | null = null;
  /** user_proc. */
  private pid = 0;
  private readonly lock = new Rwlock('user_proc');
  private readonly receive_sem = new Semaphore('receive_sem', 1);
  private readonly imp2_ops: NfHookOps;

  constructor(world: World, protocol: number) {
    this.world = world;
    this.protocol = protocol;
    world.objects.set(this.lock.name, this.lock);
    world.objects.set(this.receive_sem.name, this.receive_sem);
    this.imp2_ops = {
      name: 'imp2',
      hooknum: 'NF_INET_PRE_ROUTING',
      priority: NF_IP_PRI.NF_IP_PRI_FILTER - 1,
      hook: (k, skb) => this.get_icmp(k, skb),
    };
  }

  *init(k: Context): Code<number> {
    const { net } = this.world;
    this.nlfd = netlink_kernel_create(net.netlink, {
      name: 'imp2',
      unit: this.protocol,
      input: (on, skb) => this.handle(on, skb),
      data_ready: (on, sk) => this.kernel_receive(on, sk),
    });
    if (this.nlfd === null) {
      printk(k, 'can not create a netlink socket');
      return -1;
    }
    return nf_register_hook(net.netfilter, this.imp2_ops);
  }

  /** The hook goes first, so that no packet finds a socket that is gone. */
  *fini(k: Context): Code<number> {
    yield* nf_unregister_hook(k, this.world.net.netfilter, this.imp2_ops);
    if (this.nlfd !== null) netlink_kernel_release(k, this.nlfd);
    this.nlfd = null;
    return 0;
  }

  /** 2.4: messages wait in the socket's queue; one context at a time empties it. */
  private *kernel_receive(k: Context, sk: NetlinkSock): Code {
    do {
      if ((yield* down_trylock(k, this.receive_sem)) !== 0) return;
      const queue = sk.sk_receive_queue;
      for (let skb = queue.dequeue(); skb !== null; skb = queue.dequeue()) {
        yield* this.handle(k, skb);
        kfree_skb(k, skb);
      }
      yield* up(k, this.receive_sem);
    } while (this.nlfd !== null && this.nlfd.sk_receive_queue.length > 0);
  }

  /** Since 2.6.24 this is the input: called with each message, which the caller frees. */
  private *handle(k: Context, skb: SkBuff): Code {
    if (skb.len < NLMSG_HDRLEN) return;
    const nlh = nlmsg_hdr(skb);
    if (nlh.nlmsg_len < NLMSG_HDRLEN || skb.len < nlh.nlmsg_len) return;
    if (nlh.nlmsg_type === IMP2_U_PID) {
      yield* write_lock_bh(k, this.lock);
      this.pid = nlh.nlmsg_pid;
      yield* write_unlock_bh(k, this.lock);
    } else if (nlh.nlmsg_type === IMP2_CLOSE) {
      yield* write_lock_bh(k, this.lock);
      if (nlh.nlmsg_pid === this.pid) this.pid = 0;
      yield* write_unlock_bh(k, this.lock);
    }
  }

  private *get_icmp(k: Context, skb: SkBuff): Code<number> {
    const iph = ip_hdr(skb);
    if (iph.protocol !== IPPROTO_ICMP) return NF_ACCEPT;
    yield* read_lock_bh(k, this.lock);
    const { pid } = this;
    yield* read_unlock_bh(k, this.lock);
    const { metrics } = this.world;
    metrics.count('imp2.icmp');
    if (pid === 0) {
      metrics.count('imp2.unregistered');
      return NF_ACCEPT;
    }
    const sent = yield* this.send_to_user(k, pid, iph.saddr, iph.daddr);
    metrics.count(sent < 0 ? 'imp2.send_failures' : 'imp2.sent');
    return NF_ACCEPT;
  }

  private *send_to_user(k: Context, pid: number, src: number, dest: number): Code<number> {
    const skb = yield* alloc_skb(k, NLMSG_SPACE(PACKET_INFO), 'GFP_ATOMIC');
    if (skb === null) return -1;
    const nlh = nlmsg_put(skb, 0, 0, IMP2_K_MSG, PACKET_INFO, 0);
    if (nlh === null || this.nlfd === null) {
      kfree_skb(k, skb);
      return -1;
    }
    const info = new Uint8Array(PACKET_INFO);
    const view = new DataView(info.buffer);
    view.setUint32(0, src);
    view.setUint32(4, dest);
    skb_store(skb, NLMSG_DATA(nlh), info);
    return yield* netlink_unicast(k, this.nlfd, skb, pid, true);
  }
}

export const imp2Kernel = program(
  {
    name: 'imp2_k',
    kind: 'user',
    about: "Loads the article's imp2 module (insmod) and, if asked, unloads it again (rmmod).",
    with: z.strictObject({
      protocol: z.int().min(0).max(31).default(NL_IMP2).describe('The netlink protocol.'),
      rmmod: duration.optional().describe('Unloads the module after this time.'),
    }),
  },
  (world, { protocol, rmmod }) => {
    for (const metric of ['icmp', 'sent', 'send_failures', 'unregistered', 'printed']) {
      world.metrics.count(`imp2.${metric}`, '', 0);
    }
    return function* (k) {
      const module = new Imp2Module(world, protocol);
      const loaded = yield* systemCall(k, 'init_module', (on) => module.init(on));
      if (loaded < 0 || rmmod === undefined) return loaded;
      yield* nanosleep(k, rmmod);
      return yield* systemCall(k, 'delete_module', (on) => module.fini(on));
    };
  },
);
