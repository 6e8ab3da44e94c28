/*
 * Facts recorded on Linux 6.18 outside the script format. A blocked sender is played by
 * BlockingSend; facts that need real threads belong to the tests of the machine.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import type { NetlinkSock } from '../../../models/net/netlink/af_netlink.ts';
import {
  netlink_bind,
  netlink_connect,
  netlink_getname,
} from '../../../models/net/netlink/bind.ts';
import { netlink_rcv_skb } from '../../../models/net/netlink/input.ts';
import {
  decodeNlmsghdr,
  encodeNlmsghdr,
  NLM_F_REQUEST,
} from '../../../models/net/netlink/nlmsg.ts';
import {
  netlink_getsockopt,
  netlink_setsockopt,
  sock_set_timeout,
  sock_setsockopt,
} from '../../../models/net/netlink/options.ts';
import { netlink_sendmsg } from '../../../models/net/netlink/send.ts';
import { datagram_poll } from '../../../models/net/netlink/socket.ts';
import { netlink_kernel_create, netlink_release } from '../../../models/net/netlink/table.ts';
import { EPOLLOUT, MSG_DONTWAIT, MSG_PEEK } from '../../../models/net/netlink/uapi.ts';
import {
  BlockingSend,
  fillUp,
  newNetlink,
  nobody,
  recv,
  recvLength,
  root,
  send,
  tagBytes,
  userSocket,
} from './netlink-setup.ts';

interface Fact {
  readonly name: string;
  readonly value: unknown;
}

const file = new URL('../../conformance/netlink/facts.json', import.meta.url);
const { facts } = JSON.parse(readFileSync(file, 'utf8')) as { facts: Fact[] };

function fact<T>(name: string): T {
  const found = facts.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no fact ${name}`);
  return found.value as T;
}

function errnoName(result: number): string {
  const name = Object.entries(errno).find(([, number]) => number === -result)?.[0];
  return name ?? String(result);
}

function shown(result: number | 'blocked'): number | string {
  return typeof result === 'number' && result < 0 ? errnoName(result) : result;
}

/** Sender 1, full receiver 2, and whatever else a fact needs. */
function fullReceiver(sk_rcvbuf: number, len: number) {
  const netlink = newNetlink();
  const sender = userSocket(netlink, 1);
  const receiver = userSocket(netlink, 2);
  receiver.sk_rcvbuf = sk_rcvbuf;
  const { count } = fillUp(sender, 2, len);
  return { netlink, sender, receiver, count };
}

interface WakeRow {
  readonly sk_rcvbuf: number;
  readonly queued: number;
  readonly queued_len: number;
  readonly blocked_len: number;
  readonly congested: boolean;
  readonly recvs_until_sent: number;
}

describe('a blocked sender', () => {
  const rows = [...fact<WakeRow[]>('sender-wakes'), ...fact<WakeRow[]>('sender-wakes-congested')];
  it.each(rows)('gets in after the recorded number of receives: %o', (row) => {
    const { netlink, sender, receiver, count } = fullReceiver(row.sk_rcvbuf, row.queued_len);
    expect(count).toBe(row.queued);
    if (row.congested) {
      netlink_setsockopt(receiver, root, 'NETLINK_ADD_MEMBERSHIP', 1);
      send(userSocket(netlink, 3), 0, 1, row.queued_len);
      expect(receiver.congested).toBe(true);
      expect(recvLength(receiver)).toBe(-errno.ENOBUFS);
    }
    const blocked = new BlockingSend(sender, 2, 0, row.blocked_len);
    expect(blocked.run()).toBe('blocked');
    let recvs = 0;
    while (blocked.run() === 'blocked') {
      expect(recvLength(receiver)).toBe(row.queued_len);
      recvs++;
    }
    expect(recvs).toBe(row.recvs_until_sent);
    expect(blocked.result).toBe(row.blocked_len);
  });

  it('is not let in by a peek, and learns of a larger buffer only at the next receive', () => {
    const { sender, receiver } = fullReceiver(8192, 784);
    const blocked = new BlockingSend(sender, 2, 0, 784);
    recv(receiver, MSG_PEEK);
    const peeked = blocked.run();
    recvLength(receiver);
    expect(['blocked', peeked, shown(blocked.run())]).toEqual(fact('sender-peek'));

    const second = fullReceiver(8192, 784);
    const other = new BlockingSend(second.sender, 2, 0, 784);
    const before = other.run();
    sock_setsockopt(second.receiver, root, 'SO_RCVBUF', 65536);
    const raised = other.run();
    recv(second.receiver, MSG_PEEK);
    expect([before, raised, shown(other.run())]).toEqual(fact('sender-rcvbuf-raised'));
  });

  it('is let in by NETLINK_NO_ENOBUFS when only congestion kept it out', () => {
    const { netlink, sender, receiver } = fullReceiver(8192, 784);
    netlink_setsockopt(receiver, root, 'NETLINK_ADD_MEMBERSHIP', 1);
    send(userSocket(netlink, 3), 0, 1, 784);
    const read = recvLength(receiver);
    recvLength(receiver);
    const blocked = new BlockingSend(sender, 2, 0, 784);
    const before = blocked.run();
    netlink_setsockopt(receiver, root, 'NETLINK_NO_ENOBUFS', 1);
    const after = [shown(read), before, shown(blocked.run())];
    expect(after).toEqual(fact('sender-no-enobufs-congested'));
  });

  it('is refused when the receiver closes or connects to somebody else', () => {
    const closed = fullReceiver(8192, 784);
    const first = new BlockingSend(closed.sender, 2, 0, 784);
    const before = first.run();
    netlink_release(closed.receiver);
    expect([before, shown(first.run())]).toEqual(fact('sender-receiver-closed'));

    const connected = fullReceiver(8192, 784);
    const second = new BlockingSend(connected.sender, 2, 0, 784);
    const states = [second.run()];
    netlink_connect(connected.receiver, root, { nl_pid: 77, nl_groups: 0 });
    states.push(second.run());
    recvLength(connected.receiver);
    expect([...states, shown(second.run())]).toEqual(fact('sender-receiver-connects'));
  });

  it('may be overtaken by a smaller message', () => {
    const { netlink, sender, receiver } = fullReceiver(8192, 784);
    const large = new BlockingSend(sender, 2, 0, 3000);
    const states: unknown[] = [large.run()];
    recvLength(receiver);
    states.push(large.run(), send(userSocket(netlink, 3), 2, 0, 784), large.run());
    let recvs = 0;
    while (large.run() === 'blocked' && recvs < 10) {
      recvLength(receiver);
      recvs++;
    }
    states.push(['more recvs', recvs, large.run()]);
    expect(states).toEqual(fact('sender-overtaken'));
  });

  it('competes with others for each room', () => {
    const { netlink, receiver } = fullReceiver(8192, 784);
    const blocked = [3, 4, 5].map((port) => new BlockingSend(userSocket(netlink, port), 2, 0, 784));
    const completed = [0];
    for (let recvs = 1; recvs <= 3; recvs++) {
      recvLength(receiver);
      completed.push(blocked.filter((one) => one.run() !== 'blocked').length);
    }
    expect(completed).toEqual(fact('senders-three'));
  });

  it('delivers the multicast before it blocks, and only once', () => {
    const { netlink, sender, receiver } = fullReceiver(8192, 784);
    const member = userSocket(netlink, 3, 1);
    const blocked = new BlockingSend(sender, 2, 1, 784);
    const states: unknown[] = [blocked.run(), member.sk_receive_queue.length];
    recvLength(receiver);
    states.push(blocked.run(), member.sk_receive_queue.length);
    expect(states).toEqual(fact<unknown[]>('sender-mcast-and-unicast').slice(0, 4));
  });

  it('frees its message when a signal ends the wait', () => {
    const { netlink, sender, receiver } = fullReceiver(8192, 784);
    const blocked = new BlockingSend(sender, 2, 0, 784);
    expect(blocked.mayRetry).toBe(false);
    blocked.interrupt();
    receiver.sk_receive_queue.purge();
    expect(netlink.memory.live).toBe(0);
  });
});

describe('kernel senders', () => {
  interface Overrun {
    readonly requests: number;
    readonly sk_rcvbuf: number;
    readonly rmem: number;
    readonly rmem_of_one_reply: number;
    readonly drops: number;
    readonly recv: unknown[];
  }

  /** NETLINK_ROUTE: a request of unknown type is refused by an NLMSG_ERROR of 36 bytes. */
  function requests(count: number, sk_rcvbuf: number, noEnobufs: boolean): Partial<Overrun> {
    const netlink = newNetlink();
    netlink_kernel_create(netlink, 0, 0, {
      input: (skb) => netlink_rcv_skb(skb, () => -errno.EOPNOTSUPP),
      nonroot: { recv: true },
    });
    const asker = userSocket(netlink, 300, 0, 0);
    asker.sk_rcvbuf = sk_rcvbuf;
    if (noEnobufs) netlink_setsockopt(asker, root, 'NETLINK_NO_ENOBUFS', 1);
    for (let seq = 1; seq <= count; seq++) {
      const header = { nlmsg_len: 16, nlmsg_type: 999, nlmsg_flags: NLM_F_REQUEST, nlmsg_pid: 0 };
      const data = encodeNlmsghdr({ ...header, nlmsg_seq: seq });
      const name = { nl_pid: 0, nl_groups: 0 };
      expect(netlink_sendmsg(asker, root, { name, len: 16, data, flags: 0 })).toBe(16);
    }
    const { sk_rmem_alloc: rmem, sk_drops: drops } = asker;
    return { rmem, drops, recv: readAll(asker) };
  }

  function readAll(sk: NetlinkSock): unknown[] {
    const seen: unknown[] = [];
    for (;;) {
      const got = recv(sk);
      if (typeof got === 'number') {
        seen.push(errnoName(got));
        if (got === -errno.EAGAIN) return seen;
      } else {
        const { nlmsg_type, nlmsg_seq } = decodeNlmsghdr(got.data);
        seen.push([got.result, nlmsg_type, nlmsg_seq, got.from.nl_pid]);
      }
    }
  }

  const overruns = fact<Overrun[]>('kernel-sender-overrun');
  it.each(overruns)('overrun a full socket: $requests requests, $sk_rcvbuf bytes', (row) => {
    const { rmem, drops, recv: read } = row;
    expect(requests(row.requests, row.sk_rcvbuf, false)).toEqual({ rmem, drops, recv: read });
  });

  it('drop silently with NETLINK_NO_ENOBUFS', () => {
    const row = fact<Overrun>('kernel-sender-no-enobufs');
    const { rmem, drops, recv: read } = row;
    expect(requests(row.requests, row.sk_rcvbuf, true)).toEqual({ rmem, drops, recv: read });
  });
});

describe('multicast', () => {
  type Script = (sockets: Record<'b' | 'c' | 'd', NetlinkSock>) => void;
  const join = (sk: NetlinkSock, group: number) =>
    netlink_setsockopt(sk, root, 'NETLINK_ADD_MEMBERSHIP', group);
  const leave = (sk: NetlinkSock, group: number) =>
    netlink_setsockopt(sk, root, 'NETLINK_DROP_MEMBERSHIP', group);
  const joinAll: Script = ({ b, c, d }) => [b, c, d].forEach((sk) => join(sk, 1));
  const scripts: Record<string, Script> = {
    'b,c,d join': joinAll,
    'b,c,d join; b leaves and joins': (all) => {
      joinAll(all);
      leave(all.b, 1);
      join(all.b, 1);
    },
    'b joins group 7; c,d join 1; b joins 1': ({ b, c, d }) => {
      join(b, 7);
      join(c, 1);
      join(d, 1);
      join(b, 1);
    },
    'b,c,d join 1; b joins 2, leaves 1, joins 1': (all) => {
      joinAll(all);
      join(all.b, 2);
      leave(all.b, 1);
      join(all.b, 1);
    },
    'b,c,d join unbound; then bind d,c,b': (all) => {
      joinAll(all);
      for (const [sk, port] of [
        [all.d, 24],
        [all.c, 23],
        [all.b, 22],
      ] as const) {
        netlink_bind(sk, root, { nl_pid: port, nl_groups: 1 });
      }
    },
  };

  it.each(Object.entries(fact<Record<string, string>>('mcast-delivery-order')))(
    'is delivered in the recorded order: %s',
    (name, order) => {
      const netlink = newNetlink();
      const unbound = name.includes('unbound');
      const socket = (port: number) => userSocket(netlink, unbound ? 0 : port);
      const all = { b: socket(12), c: socket(13), d: socket(14) };
      scripts[name]?.(all);
      let seen = '';
      for (const [letter, sk] of Object.entries(all)) sk.sk_data_ready = () => (seen += letter);
      send(userSocket(netlink, 11), 0, 1, 4);
      expect(seen).toBe(order);
    },
  );
});

describe('permissions and arguments', () => {
  it('a user without privilege may send but not join or force', () => {
    const netlink = newNetlink();
    const sk = userSocket(netlink);
    const member = userSocket(netlink, 9, 1);
    const result = (value: number) => (value === 0 ? 'ok' : shown(value));
    const bind = (nl_groups: number) => netlink_bind(sk, nobody, { nl_pid: 5000002, nl_groups });
    const option = (opt: string, val: number) => netlink_setsockopt(sk, nobody, opt, val);
    const sendAs = (nl_pid: number, nl_groups: number, len: number) =>
      netlink_sendmsg(sk, nobody, { name: { nl_pid, nl_groups }, len, flags: MSG_DONTWAIT });
    const seen = {
      'bind with groups': result(bind(1)),
      'bind without groups': result(bind(0)),
      getsockname: Object.values(netlink_getname(sk, false)),
      ADD_MEMBERSHIP: result(option('NETLINK_ADD_MEMBERSHIP', 1)),
      DROP_MEMBERSHIP: result(option('NETLINK_DROP_MEMBERSHIP', 1)),
      'ADD_MEMBERSHIP 0': result(option('NETLINK_ADD_MEMBERSHIP', 0)),
      'sendto port': sendAs(9, 0, 2),
      'sendto port and group': sendAs(9, 1, 3),
      'sendto group': shown(sendAs(0, 1, 4)),
      connect: result(netlink_connect(sk, nobody, { nl_pid: 9, nl_groups: 0 })),
      SO_RCVBUFFORCE: result(sock_setsockopt(sk, nobody, 'SO_RCVBUFFORCE', 5000)),
      SO_SNDBUFFORCE: result(sock_setsockopt(sk, nobody, 'SO_SNDBUFFORCE', 5000)),
      SO_RCVBUF: result(sock_setsockopt(sk, nobody, 'SO_RCVBUF', 5000)),
      NO_ENOBUFS: result(option('NETLINK_NO_ENOBUFS', 1)),
      'root member received lengths': [1, 2, 3].map(() => recvLength(member)),
    };
    expect(seen).toEqual(fact('nonroot'));
  });

  it('wrong addresses and options are refused', () => {
    const recorded = fact<Record<string, unknown>>('argument-errors');
    const netlink = newNetlink();
    const sk = userSocket(netlink);
    const other = userSocket(netlink, 9);
    const short = { nl_pid: 9, nl_groups: 0, length: 11 };
    const wrong = { nl_pid: 9, nl_groups: 0, nl_family: 2 };
    const unspecified = { nl_pid: 0, nl_groups: 0, nl_family: 0, length: 2 };
    const sendTo = (from: NetlinkSock, name: typeof short | typeof wrong, len: number) =>
      netlink_sendmsg(from, root, { name, len, flags: MSG_DONTWAIT });
    const seen: Record<string, unknown> = {
      'sendto, address 11 bytes': shown(sendTo(sk, short, 3)),
      'sendto, address family 2': shown(sendTo(sk, wrong, 3)),
      'sendto, address 16 bytes': sendTo(other, { ...short, length: 16 }, 3),
      'sendto empty, address family 2': shown(sendTo(sk, wrong, 0)),
      'bind, address 11 bytes': shown(netlink_bind(sk, root, short)),
      'bind, address family 2': shown(netlink_bind(sk, root, wrong)),
      'connect, address 11 bytes': shown(netlink_connect(sk, root, short)),
      'connect, address family 2': shown(netlink_connect(sk, root, wrong)),
      'connect, AF_UNSPEC 2 bytes': shown(netlink_connect(sk, root, unspecified)),
      'name after the failures': Object.values(netlink_getname(sk, false)),
      'setsockopt SOL_NETLINK 99': shown(netlink_setsockopt(sk, root, '99', 1)),
      'setsockopt NO_ENOBUFS, 2 bytes': netlink_setsockopt(sk, root, 'NETLINK_NO_ENOBUFS', 1, 2),
      'NO_ENOBUFS after it': netlink_getsockopt(sk, 'NETLINK_NO_ENOBUFS'),
      'setsockopt ADD_MEMBERSHIP, 2 bytes': shown(
        netlink_setsockopt(sk, root, 'NETLINK_ADD_MEMBERSHIP', 1, 2),
      ),
      'setsockopt SO_RCVBUF, 2 bytes': shown(sock_setsockopt(sk, root, 'SO_RCVBUF', 5000, 2)),
      'setsockopt SO_SNDTIMEO, 4 bytes': shown(
        sock_set_timeout(sk, 'SO_SNDTIMEO', { tv_sec: 1, tv_usec: 0 }, 4),
      ),
      // MSG_ERRQUEUE means nothing to netlink: the message is read as usual.
      'recv flag MSG_ERRQUEUE': recvLengthWith(other, 0x2000),
    };
    expect(seen).toEqual(recorded);
  });

  function recvLengthWith(sk: NetlinkSock, flags: number): number {
    const got = recv(sk, flags);
    return typeof got === 'number' ? got : got.result;
  }

  it('a socket is writable even when its peer is full', () => {
    const { sender } = fullReceiver(8192, 784);
    netlink_connect(sender, root, { nl_pid: 2, nl_groups: 0 });
    expect([datagram_poll(sender) & EPOLLOUT]).toEqual(fact('poll-out-full-peer'));
  });

  it('a message keeps the credentials of its sender', () => {
    const netlink = newNetlink();
    const receiver = userSocket(netlink, 2);
    const name = { nl_pid: 2, nl_groups: 0 };
    netlink_sendmsg(userSocket(netlink, 1), nobody, { name, len: 4, data: tagBytes(7), flags: 0 });
    const got = recv(receiver);
    expect(got).toMatchObject({ creds: { pid: 300, uid: 65534, gid: 65534 }, data: tagBytes(7) });
  });
});
