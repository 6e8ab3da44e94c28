/* What changed in AF_NETLINK from kernel to kernel. */
import { describe, expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import { MAX_SCHEDULE_TIMEOUT, type NetlinkSock } from '../../../models/net/netlink/af_netlink.ts';
import {
  netlink_bind,
  netlink_connect,
  netlink_getname,
} from '../../../models/net/netlink/bind.ts';
import { netlink_broadcast } from '../../../models/net/netlink/broadcast.ts';
import { netlinkEras } from '../../../models/net/netlink/era.ts';
import { nlmsg_hdr } from '../../../models/net/netlink/nlmsg.ts';
import {
  netlink_getsockopt,
  netlink_setsockopt,
  sock_set_timeout,
} from '../../../models/net/netlink/options.ts';
import { netlink_recvmsg } from '../../../models/net/netlink/recv.ts';
import { netlink_sendmsg } from '../../../models/net/netlink/send.ts';
import {
  netlink_create,
  netlink_kernel_create,
  netlink_kernel_release,
  netlink_release,
} from '../../../models/net/netlink/table.ts';
import { MSG_TRUNC, SOCK_RAW } from '../../../models/net/netlink/uapi.ts';
import { netlink_may_retry, netlink_unicast } from '../../../models/net/netlink/unicast.ts';
import { alloc_skb, kfree_skb, skb_put, type SkBuff } from '../../../models/net/skb.ts';
import {
  fillUp,
  newNetlink,
  nobody,
  recv,
  recvLength,
  root,
  send,
  userSocket,
} from './netlink-setup.ts';

const protocol = 21;
const names = Object.keys(netlinkEras) as (keyof typeof netlinkEras)[];
const old = names.slice(0, 3);
const recent = names.slice(3);

function portOf(sk: NetlinkSock): number {
  return netlink_getname(sk, false).nl_pid | 0;
}

/** A machine with a kernel socket of the protocol. */
function machine(name: keyof typeof netlinkEras) {
  const netlink = newNetlink(netlinkEras[name]);
  const kernel = netlink_kernel_create(netlink, 0, protocol, { input: () => undefined });
  if (kernel === null) throw new Error('no kernel socket');
  return { netlink, kernel };
}

describe('the port of an unbound socket', () => {
  function ports(name: keyof typeof netlinkEras, count: number): number[] {
    const { netlink } = machine(name);
    return Array.from({ length: count }, () => {
      const sk = userSocket(netlink, 0, 0, protocol);
      netlink_bind(sk, root, { nl_pid: 0, nl_groups: 0 });
      return portOf(sk);
    });
  }

  it('is the thread in 2.4, then the first free number from -4097 down', () => {
    expect(ports('linux-2.4.27', 4)).toEqual([root.pid, -4097, -4098, -4099]);
  });

  it('is the process in 2.6, then what a rover gives that never goes back', () => {
    expect(ports('linux-2.6.32', 3)).toEqual([root.tgid, -4097, -4098]);
    const { netlink } = machine('linux-2.6.32');
    userSocket(netlink, root.tgid, 0, protocol);
    for (const expected of [-4097, -4098]) {
      const sk = userSocket(netlink, 0, 0, protocol);
      netlink_bind(sk, root, { nl_pid: 0, nl_groups: 0 });
      expect(portOf(sk)).toBe(expected);
      netlink_kernel_release(sk);
    }
  });

  it('is the process in 6.x, then random, in the range of negative numbers below -4096', () => {
    expect(ports('linux-6.1', 3)).toEqual([root.tgid, -0x80000000 + 1000, -0x80000000 + 2000]);
    const { netlink } = machine('linux-6.1');
    const ceilings: number[] = [];
    Object.assign(netlink, { randomBelow: (n: number) => ceilings.push(n) && n - 1 });
    userSocket(netlink, root.tgid, 0, protocol);
    const sk = userSocket(netlink, 0, 0, protocol);
    netlink_bind(sk, root, { nl_pid: 0, nl_groups: 0 });
    expect([ceilings, portOf(sk)]).toEqual([[0x80000000 - 4096], -4097]);
  });
});

describe('closing', () => {
  it.each(names)('%s: a socket whose port was refused does not take it from its owner', (name) => {
    const { netlink } = machine(name);
    const owner = userSocket(netlink, 2, 0, protocol);
    const refused = userSocket(netlink, 0, 0, protocol);
    expect(netlink_bind(refused, root, { nl_pid: 2, nl_groups: 0 })).toBe(-errno.EADDRINUSE);
    netlink_release(refused);
    send(userSocket(netlink, 1, 0, protocol), 2, 0, 5);
    expect(recvLength(owner)).toBe(5);
  });

  it('sends those away who wait for a congested receiver', () => {
    const netlink = newNetlink();
    const receiver = userSocket(netlink, 2);
    const skb = alloc_skb(netlink.memory, 8, 'GFP_KERNEL') as SkBuff;
    receiver.congested = true;
    expect(netlink_may_retry(receiver, skb)).toBe(false);
    netlink_release(receiver);
    expect(netlink_may_retry(receiver, skb)).toBe(true);
    expect(netlink_unicast(userSocket(netlink, 1), skb, 2, true)).toBe(-errno.ECONNREFUSED);
  });
});

describe('a protocol without kernel socket', () => {
  it.each(old)('can be opened in %s, but sends are refused and groups do not exist', (name) => {
    const netlink = newNetlink(netlinkEras[name]);
    const sk = userSocket(netlink, 300, 0, protocol);
    expect(send(sk, 0, 0, 16)).toBe(-errno.ECONNREFUSED);
    const groups = netlink_bind(sk, root, { nl_pid: 300, nl_groups: 1 });
    expect(groups).toBe(name === 'linux-2.4.27' ? 0 : -errno.ENOENT);
  });

  it.each(recent)('cannot be opened in %s, nor after the kernel socket is gone', (name) => {
    const { netlink, kernel } = machine(name);
    expect(typeof netlink_create(netlink, 0, SOCK_RAW, protocol)).toBe('object');
    netlink_kernel_release(kernel);
    expect(netlink_create(netlink, 0, SOCK_RAW, protocol)).toBe(-errno.EPROTONOSUPPORT);
  });

  it('a second kernel socket of the same protocol and namespace is refused', () => {
    const { netlink } = machine('linux-6.1');
    expect(netlink_kernel_create(netlink, 0, protocol)).toBeNull();
    expect(netlink_kernel_create(netlink, 0, 32)).toBeNull();
    expect(netlink_kernel_create(netlink, 1, protocol)).not.toBeNull();
  });
});

describe('room', () => {
  it.each(names)('%s tests the charge as its preset says', (name) => {
    const { netlink } = machine(name);
    const receiver = userSocket(netlink, 2, 0, protocol);
    const sender = userSocket(netlink, 1, 0, protocol);
    send(sender, 2, 0, 784);
    const truesize = receiver.sk_rmem_alloc;
    receiver.sk_rcvbuf = truesize * 3;
    const { count } = fillUp(sender, 2, 784);
    expect(1 + count).toBe(netlinkEras[name].roomTest === 'beforeAdding' ? 4 : 3);
  });
});

describe('2.4', () => {
  it('queues a message at the kernel socket and calls data_ready with its length', () => {
    const netlink = newNetlink(netlinkEras['linux-2.4.27']);
    const seen: unknown[] = [];
    netlink_kernel_create(netlink, 0, protocol, {
      data_ready: (sk, len) => {
        const skb = sk.sk_receive_queue.dequeue() as SkBuff;
        seen.push(len, nlmsg_hdr(skb).nlmsg_len, sk.sk_rmem_alloc > 0);
        kfree_skb(skb);
      },
    });
    const sk = userSocket(netlink, 300, 0, protocol);
    expect(send(sk, 0, 0, 24, 24)).toBe(24);
    expect(seen).toEqual([24, 24, true]);
    expect(netlink.memory.live).toBe(0);
  });

  it('holds up senders when the kernel socket does not empty its queue', () => {
    const netlink = newNetlink(netlinkEras['linux-2.4.27']);
    const kernel = netlink_kernel_create(netlink, 0, protocol) as NetlinkSock;
    kernel.sk_rcvbuf = 1000;
    const sk = userSocket(netlink, 300, 0, protocol);
    expect([send(sk, 0, 0, 784), send(sk, 0, 0, 784), send(sk, 0, 0, 784)]).toEqual([
      784,
      784,
      -errno.EAGAIN,
    ]);
  });

  it('delivers to all who share a group bit, the last bound first', () => {
    const { netlink } = machine('linux-2.4.27');
    const order: number[] = [];
    for (const [port, groups] of [
      [1, 3],
      [2, 4],
      [3, 6],
    ] as const) {
      const sk = userSocket(netlink, port, groups, protocol);
      sk.sk_data_ready = () => order.push(port);
    }
    const sender = userSocket(netlink, 9, 0, protocol);
    send(sender, 0, 2 | 4, 10);
    expect(order).toEqual([3, 2, 1]);
    expect(
      netlink_recvmsg(netlink.table(protocol).hash.get(0)?.get(1) as NetlinkSock, 100, 0),
    ).toMatchObject({ from: { nl_pid: 9, nl_groups: 6 } });
  });

  it('knows no SOL_NETLINK options and no connected receivers', () => {
    const { netlink } = machine('linux-2.4.27');
    const sk = userSocket(netlink, 2, 0, protocol);
    const refused = -errno.EOPNOTSUPP;
    expect(netlink_setsockopt(sk, root, 'NETLINK_PKTINFO', 1)).toBe(refused);
    expect(netlink_getsockopt(sk, 'NETLINK_PKTINFO')).toBe(refused);
    netlink_connect(sk, root, { nl_pid: 77, nl_groups: 0 });
    expect(send(userSocket(netlink, 1, 0, protocol), 2, 0, 5)).toBe(5);
    const got = netlink_recvmsg(sk, 3, MSG_TRUNC);
    expect(got).toMatchObject({ result: 3, flags: MSG_TRUNC });
  });
});

describe('options and permissions', () => {
  it('NETLINK_NO_ENOBUFS came after 2.6.24', () => {
    const results = names.map((name) => {
      const sk = userSocket(machine(name).netlink, 2, 0, protocol);
      return netlink_setsockopt(sk, root, 'NETLINK_NO_ENOBUFS', 1);
    });
    expect(results).toEqual([-errno.EOPNOTSUPP, -errno.ENOPROTOOPT, 0, 0, 0, 0]);
  });

  it('unicast to another user needs leave in 6.x only', () => {
    const results = names.map((name) => {
      const { netlink } = machine(name);
      userSocket(netlink, 2, 0, protocol);
      const sk = userSocket(netlink, 1, 0, protocol);
      const name2 = { nl_pid: 2, nl_groups: 0 };
      return netlink_sendmsg(sk, nobody, { name: name2, len: 4, flags: 0 });
    });
    expect(results).toEqual([4, 4, 4, -errno.EPERM, -errno.EPERM, -errno.EPERM]);
  });

  it('groups above 32 can be joined where the kernel socket offers them', () => {
    const netlink = newNetlink();
    const kernel = netlink_kernel_create(netlink, 0, protocol, { groups: 40 }) as NetlinkSock;
    const sk = userSocket(netlink, 2, 0, protocol);
    expect(netlink_setsockopt(sk, root, 'NETLINK_ADD_MEMBERSHIP', 41)).toBe(-errno.EINVAL);
    expect(netlink_setsockopt(sk, root, 'NETLINK_ADD_MEMBERSHIP', 40)).toBe(0);
    const skb = alloc_skb(netlink.memory, 8, 'GFP_ATOMIC') as SkBuff;
    skb_put(skb, 8);
    expect(netlink_broadcast(kernel, skb, 0, 40, 'GFP_ATOMIC').result).toBe(0);
    expect(recvLength(sk)).toBe(8);
    expect(sk.groups).toEqual([0, 0x80]);
  });

  it('timeouts: zero is for ever, negative is not at all, and microseconds have a range', () => {
    const sk = userSocket(newNetlink());
    const set = (tv_sec: number, tv_usec: number) => {
      const result = sock_set_timeout(sk, 'SO_SNDTIMEO', { tv_sec, tv_usec });
      return [result, sk.sk_sndtimeo];
    };
    expect(set(1, 500_000)).toEqual([0, 1_500_000_000]);
    expect(set(-1, 0)).toEqual([0, 0]);
    expect(set(0, 0)).toEqual([0, MAX_SCHEDULE_TIMEOUT]);
    expect(set(0, 1_000_000)).toEqual([-errno.EDOM, MAX_SCHEDULE_TIMEOUT]);
  });
});

describe('socket filters', () => {
  it.each(names)('%s runs them or not, and nothing leaks', (name) => {
    const { netlink } = machine(name);
    const receiver = userSocket(netlink, 2, 1, protocol);
    receiver.sk_filter = () => 0;
    const sender = userSocket(netlink, 1, 0, protocol);
    expect(send(sender, 2, 0, 10)).toBe(10);
    expect(send(sender, 77, 1, 10)).toBe(-errno.ECONNREFUSED);
    const { filters } = netlinkEras[name];
    expect(receiver.sk_receive_queue.length).toBe(filters ? 0 : 2);
    expect([netlink.memory.live, receiver.sk_drops]).toEqual([filters ? 0 : 2, 0]);
  });
});

describe('a sender that may sleep', () => {
  it('is told to yield when a member is filled beyond half, or wholly in older kernels', () => {
    const congested = (name: keyof typeof netlinkEras, messages: number) => {
      const { netlink, kernel } = machine(name);
      const member = userSocket(netlink, 2, 1, protocol);
      const results = Array.from({ length: messages }, () => {
        const skb = alloc_skb(netlink.memory, 784, 'GFP_KERNEL') as SkBuff;
        skb_put(skb, 784);
        member.sk_rcvbuf = skb.truesize * 4;
        return netlink_broadcast(kernel, skb, 0, 1, 'GFP_KERNEL').congested;
      });
      return results;
    };
    expect(congested('linux-6.1', 4)).toEqual([false, false, true, true]);
    expect(congested('linux-2.6.32', 5)).toEqual([false, false, false, false, true]);
  });

  it('cannot do so outside the machine', () => {
    const netlink = newNetlink();
    const receiver = userSocket(netlink, 2);
    const sender = userSocket(netlink, 1);
    receiver.sk_rcvbuf = 0;
    send(sender, 2, 0, 10);
    const skb = alloc_skb(netlink.memory, 8, 'GFP_KERNEL') as SkBuff;
    expect(() => netlink_unicast(sender, skb, 2, false)).toThrow('would sleep');
    expect(recv(receiver)).toMatchObject({ result: 10 });
  });

  it('an input that is code cannot run outside the machine', () => {
    const netlink = newNetlink();
    netlink_kernel_create(netlink, 0, protocol, { input: () => [][Symbol.iterator]() });
    const sk = userSocket(netlink, 2, 0, protocol);
    expect(() => send(sk, 0, 0, 16)).toThrow('needs the machine');
  });
});
