/* Facts recorded on Linux 6.1.192 with a kernel netlink socket (protocol 31, 4 groups). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import {
  type Netlink,
  NETLINK_CB,
  type NetlinkInput,
  type NetlinkSock,
} from '../../../models/net/netlink/af_netlink.ts';
import { netlink_bind, netlink_getname } from '../../../models/net/netlink/bind.ts';
import { netlink_has_listeners, nlmsg_multicast } from '../../../models/net/netlink/broadcast.ts';
import { netlinkEras } from '../../../models/net/netlink/era.ts';
import { nlmsg_new, nlmsg_put } from '../../../models/net/netlink/nlmsg.ts';
import { netlink_setsockopt, sock_setsockopt } from '../../../models/net/netlink/options.ts';
import { netlink_recvmsg } from '../../../models/net/netlink/recv.ts';
import { datagram_poll } from '../../../models/net/netlink/socket.ts';
import {
  netlink_create,
  netlink_kernel_create,
  netlink_release,
} from '../../../models/net/netlink/table.ts';
import { MSG_TRUNC, SOCK_RAW } from '../../../models/net/netlink/uapi.ts';
import {
  netlink_may_retry,
  netlink_unicast,
  netlink_unicast_step,
} from '../../../models/net/netlink/unicast.ts';
import type { SkBuff } from '../../../models/net/skb.ts';
import { newNetlink, recv, recvLength, root, send, userSocket } from './netlink-setup.ts';

interface Fact {
  readonly case: string;
  readonly [field: string]: unknown;
}

const file = new URL('../../conformance/netlink/kernel-6.1.json', import.meta.url);
const { facts } = JSON.parse(readFileSync(file, 'utf8')) as { facts: Fact[] };

function fact(name: string): Fact {
  const found = facts.find((candidate) => candidate.case === name);
  if (found === undefined) throw new Error(`no fact ${name}`);
  return found;
}

const protocol = 31;
const era = netlinkEras['linux-6.1'];

function machine(input: NetlinkInput = () => undefined): { netlink: Netlink; kernel: NetlinkSock } {
  const netlink = newNetlink(era);
  const cfg = { groups: 4, nonroot: { recv: true }, input };
  const kernel = netlink_kernel_create(netlink, 0, protocol, cfg);
  if (kernel === null) throw new Error('no kernel socket');
  return { netlink, kernel };
}

function user(netlink: Netlink, port: number, groups = 0): NetlinkSock {
  return userSocket(netlink, port, groups, protocol);
}

function message(netlink: Netlink, payload: number): SkBuff {
  const skb = nlmsg_new(netlink.memory, payload, 'GFP_KERNEL');
  if (skb === null || nlmsg_put(skb, 0, 0, 16, payload, 0) === null) throw new Error('no room');
  return skb;
}

function unicast(kernel: NetlinkSock, port: number, payload: number): number {
  return netlink_unicast(kernel, message(kernel.netlink, payload), port, true);
}

function multicast(kernel: NetlinkSock, group: number): number {
  return nlmsg_multicast(kernel, message(kernel.netlink, 100), 0, group, 'GFP_KERNEL');
}

describe('ports', () => {
  it('the second socket of a process gets a negative port', () => {
    const { netlink } = machine();
    const [first, second] = [user(netlink, 0), user(netlink, 0)];
    for (const sk of [first, second]) netlink_bind(sk, root, { nl_pid: 0, nl_groups: 0 });
    expect(netlink_getname(first, false).nl_pid === root.tgid).toBe(
      fact('bind-auto-portid')['portid_equals_getpid'],
    );
    expect((netlink_getname(second, false).nl_pid | 0) < 0).toBe(
      fact('bind-second-socket-same-process')['negative_as_int'],
    );
  });

  it('a protocol without kernel socket cannot be opened', () => {
    const expected = fact('socket-of-unregistered-protocol')['errno'] as number;
    expect(netlink_create(newNetlink(era), 0, SOCK_RAW, protocol)).toBe(-expected);
  });
});

describe('input of the kernel socket', () => {
  it('runs before the send returns, and its reply is queued by then', () => {
    const { netlink, kernel } = machine((skb) => {
      unicast(kernel, NETLINK_CB(skb).portid, skb.len - 16);
    });
    const asker = user(netlink, 300);
    const recorded = fact('reply-from-input-is-queued-when-send-returns');
    expect(send(asker, 0, 0, 24)).toBe(recorded['send']);
    expect(recvLength(asker)).toBe(recorded['recv_nonblock']);
    expect(recvLength(asker)).toBe(recorded['recv_again']);
    expect(netlink.memory.live).toBe(0);
  });

  it('an unbound sender gets a port first', () => {
    const ports: number[] = [];
    const { netlink } = machine((skb) => void ports.push(NETLINK_CB(skb).portid));
    const recorded = fact('send-from-unbound-socket-autobinds');
    expect(send(user(netlink, 0), 0, 0, 24)).toBe(recorded['send']);
    expect(ports[0]).toBe(root.tgid);
  });

  it.each(facts.filter((row) => row.case === 'user-send-size'))(
    'a message of $bytes bytes gives $sendto',
    ({ bytes, sendto }) => {
      const { netlink } = machine();
      expect(send(user(netlink, 300), 0, 0, bytes as number)).toBe(sendto);
    },
  );
});

describe('unicast from the kernel', () => {
  it('to a port that nobody has is refused', () => {
    const { kernel, netlink } = machine();
    expect(unicast(kernel, 300, 8)).toBe(fact('unicast-unbound-portid')['ret']);
    expect(netlink.memory.live).toBe(0);
  });

  it('a buffer that is too short cuts the message', () => {
    const { kernel, netlink } = machine();
    const sk = user(netlink, 300);
    const recorded = fact('recv-into-10-byte-buffer');
    unicast(kernel, 300, (recorded['message_bytes'] as number) - 16);
    const got = netlink_recvmsg(sk, 10, 0);
    expect(got).toMatchObject({ result: recorded['recvmsg'], flags: MSG_TRUNC });
    expect(recvLength(sk)).toBe(recorded['next_recv']);
  });

  it.each(facts.filter((row) => row.case === 'fill-nonblocking'))(
    'fills a socket as recorded: rcvbuf $so_rcvbuf_set, payload $payload',
    (row) => {
      const { kernel, netlink } = machine();
      const sk = user(netlink, 300);
      const asked = row['so_rcvbuf_set'] as number;
      if (asked !== 0) sock_setsockopt(sk, root, 'SO_RCVBUF', asked);
      expect(sk.sk_rcvbuf).toBe(row['sk_rcvbuf']);
      const payload = row['payload'] as number;
      const { truesize } = message(netlink, payload);
      expect(truesize).toBe(row['skb_truesize_as_built']);
      let accepted = 0;
      let final = unicast(kernel, 300, payload);
      for (; final > 0; final = unicast(kernel, 300, payload)) accepted++;
      expect({
        accepted,
        final_ret: final,
        rmem_alloc_when_full: sk.sk_rmem_alloc,
        poll_revents: datagram_poll(sk) & 0x1b,
        first_recv: recvLength(sk),
      }).toEqual({
        accepted: row['accepted'],
        final_ret: row['final_ret'],
        rmem_alloc_when_full: row['rmem_alloc_when_full'],
        poll_revents: row['poll_revents'],
        first_recv: row['first_recv'],
      });
      let received = 0;
      while (recvLength(sk) > 0) received++;
      expect(received).toBe(row['messages_received_after_first_recv']);
    },
  );

  function fullSocket() {
    const { kernel, netlink } = machine();
    const sk = user(netlink, 300);
    sock_setsockopt(sk, root, 'SO_RCVBUF', 4096);
    return { kernel, netlink, sk };
  }

  function fill(kernel: NetlinkSock): number {
    let accepted = 0;
    while (unicast(kernel, 300, 100) > 0) accepted++;
    return accepted;
  }

  it('congestion lasts until the queue is read empty', () => {
    const recorded = fact('congested-until-empty');
    const { kernel, sk } = fullSocket();
    expect(fill(kernel)).toBe(recorded['accepted_before_full']);
    expect(recvLength(sk)).toBe(recorded['first_recv']);
    const after = Array.from({ length: 10 }, () => {
      const recvResult = recvLength(sk);
      return { recv: recvResult, unicast: unicast(kernel, 300, 100) };
    });
    expect(after).toEqual(recorded['after_reads']);
  });

  it('with NETLINK_NO_ENOBUFS there is no congestion', () => {
    const recorded = fact('no-enobufs-option');
    const { kernel, sk } = fullSocket();
    netlink_setsockopt(sk, root, 'NETLINK_NO_ENOBUFS', 1);
    expect(fill(kernel)).toBe(recorded['accepted_before_full']);
    expect(recvLength(sk)).toBe(recorded['first_recv']);
    const after = [0, 1, 2].map(() => ({
      unicast: unicast(kernel, 300, 100),
      then_recv: recvLength(sk),
    }));
    expect(after).toEqual(recorded['after_reads']);
  });

  it('that waits is let in when all is read, not before', () => {
    const { kernel, netlink, sk } = fullSocket();
    fill(kernel);
    const skb = message(netlink, 100);
    expect(netlink_unicast_step(kernel, skb, 300, true)).toEqual({ then: 'wait', sk });
    recvLength(sk);
    recvLength(sk);
    expect(netlink_may_retry(sk, skb)).toBe(false);
    while (recvLength(sk) > 0);
    expect(netlink_may_retry(sk, skb)).toBe(true);
    const step = netlink_unicast_step(kernel, skb, 300, true);
    expect(step).toEqual({ then: 'done', result: 116 });
  });
});

describe('multicast from the kernel', () => {
  it('knows whether anybody listens', () => {
    const { kernel, netlink } = machine();
    const recorded = fact('netlink_has_listeners');
    const members = [user(netlink, 301, 1), user(netlink, 302, 3)];
    const listening = (group: number) => Number(netlink_has_listeners(kernel, group));
    expect(listening(1)).toBe(recorded['group1_member']);
    expect(listening(2)).toBe(recorded['group2_member']);
    expect(listening(3)).toBe(recorded['group3_nobody']);
    members.forEach(netlink_release);
    expect(listening(1)).toBe(fact('has-listeners-after-close')['has']);
  });

  it('reaches the members of the group, or reports that there are none', () => {
    const { kernel, netlink } = machine();
    expect(multicast(kernel, 1)).toBe(fact('broadcast-no-members')['ret']);
    const recorded = fact('broadcast-two-members');
    const [first, second, other] = [1, 1, 2].map((mask, i) => user(netlink, 301 + i, mask));
    expect(multicast(kernel, 1)).toBe(recorded['ret']);
    expect(recvLength(first as NetlinkSock)).toBe(recorded['member1_recv']);
    expect(recvLength(second as NetlinkSock)).toBe(recorded['member2_recv']);
    expect(recvLength(other as NetlinkSock)).toBe(recorded['other_group_recv']);
    expect(netlink.memory.live).toBe(0);
  });

  it.each([
    ['broadcast-60-to-small-and-large-member', false],
    ['broadcast-with-NETLINK_BROADCAST_ERROR-on-the-small-member', true],
  ] as const)('%s', (name, wantsError) => {
    const recorded = fact(name);
    const { kernel, netlink } = machine();
    const [small, large] = [user(netlink, 301, 1), user(netlink, 302, 1)];
    sock_setsockopt(small, root, 'SO_RCVBUF', 4096);
    sock_setsockopt(large, root, 'SO_RCVBUF', 65536);
    if (wantsError) netlink_setsockopt(small, root, 'NETLINK_BROADCAST_ERROR', 1);
    const results = Array.from({ length: 60 }, () => multicast(kernel, 1));
    expect(results.filter((result) => result === 0).length).toBe(recorded['ok']);
    expect(results.at(-1)).toBe(recorded['last_ret']);
    if (wantsError) return;
    expect([recvLength(small), recvLength(large)]).toEqual([
      recorded['small_first_recv'],
      recorded['large_first_recv'],
    ]);
    const rest = (sk: NetlinkSock) => {
      let count = 0;
      while (typeof recv(sk) !== 'number') count++;
      return count;
    };
    expect([rest(small), rest(large)]).toEqual([
      recorded['small_received_after'],
      recorded['large_received_after'],
    ]);
  });

  it('a copy that cannot be made overruns every later member', () => {
    const { kernel, netlink } = machine();
    const members = [user(netlink, 301, 1), user(netlink, 302, 1)];
    const skb = message(netlink, 100);
    skb.users++;
    netlink.memory.fails = () => true;
    expect(nlmsg_multicast(kernel, skb, 0, 1, 'GFP_ATOMIC')).toBe(-errno.ESRCH);
    expect(members.map((sk) => sk.sk_drops)).toEqual([1, 1]);
  });
});
