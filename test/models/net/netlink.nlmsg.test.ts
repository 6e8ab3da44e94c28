/* The message format, acknowledgements, and answers in many parts. */
import { describe, expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import type { NetlinkDumpControl, NetlinkSock } from '../../../models/net/netlink/af_netlink.ts';
import { netlink_dump_start } from '../../../models/net/netlink/dump.ts';
import { type NetlinkEra, netlinkEras } from '../../../models/net/netlink/era.ts';
import { netlink_rcv_skb, netlink_requests } from '../../../models/net/netlink/input.ts';
import * as nl from '../../../models/net/netlink/nlmsg.ts';
import { netlink_setsockopt } from '../../../models/net/netlink/options.ts';
import { netlink_recvmsg } from '../../../models/net/netlink/recv.ts';
import { netlink_sendmsg } from '../../../models/net/netlink/send.ts';
import { netlink_kernel_create, netlink_release } from '../../../models/net/netlink/table.ts';
import { netlink_unicast } from '../../../models/net/netlink/unicast.ts';
import { skb_load, skb_tailroom, type SkBuff, SkbMemory } from '../../../models/net/skb.ts';
import { newNetlink, recv, root, userSocket } from './netlink-setup.ts';

const protocol = 21;

describe('message macros', () => {
  it('give the lengths of the kernel headers', () => {
    expect([0, 1, 4, 5].map(nl.NLMSG_ALIGN)).toEqual([0, 4, 4, 8]);
    expect([0, 8, 768, 1024].map(nl.NLMSG_LENGTH)).toEqual([16, 24, 784, 1040]);
    expect([0, 5, 8, 1024].map(nl.NLMSG_SPACE)).toEqual([16, 24, 24, 1040]);
  });

  it('walk over messages', () => {
    const header = { nlmsg_type: 16, nlmsg_flags: 0, nlmsg_seq: 0, nlmsg_pid: 0 };
    const nlh = { ...header, nlmsg_len: 21, offset: 100 };
    expect(nl.NLMSG_DATA(nlh)).toBe(116);
    expect(nl.NLMSG_NEXT(nlh, 60)).toEqual({ offset: 124, len: 36 });
    expect(nl.NLMSG_PAYLOAD(nlh, 0)).toBe(5);
    expect([20, 21, 22].map((len) => nl.NLMSG_OK(nlh, len))).toEqual([false, true, true]);
    expect(nl.NLMSG_OK({ ...header, nlmsg_len: 15 }, 100)).toBe(false);
  });

  it('headers are little-endian bytes', () => {
    const rest = { nlmsg_flags: 0x607, nlmsg_seq: 8, nlmsg_pid: 0xfffffff0 };
    const nlh = { nlmsg_len: 0x10203, nlmsg_type: 0x405, ...rest };
    const bytes = nl.encodeNlmsghdr(nlh);
    expect([...bytes]).toEqual([3, 2, 1, 0, 5, 4, 7, 6, 8, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff]);
    expect(nl.decodeNlmsghdr(bytes)).toEqual(nlh);
  });

  it('nlmsg_put refuses a message that does not fit and does nothing then', () => {
    const memory = new SkbMemory(netlinkEras['linux-2.6.32'].geometry);
    const skb = nl.nlmsg_new(memory, 48, 'GFP_ATOMIC') as SkBuff;
    const first = nl.nlmsg_put(skb, 7, 1, 16, 5, 0) as nl.NlmsgAt;
    expect([first.nlmsg_len, skb.len, skb.end]).toEqual([21, 24, 64]);
    expect(nl.nlmsg_put(skb, 7, 1, 16, 25, 0)).toBeNull();
    expect(skb.len).toBe(24);
    const second = nl.nlmsg_put(skb, 7, 2, 16, 24, 0) as nl.NlmsgAt;
    expect([second.offset, skb.len]).toEqual([24, 64]);
    nl.nlmsg_cancel(skb, second);
    expect(nl.nlmsg_end(skb, first)).toBe(24);
    expect(nl.nlmsg_hdr(skb).nlmsg_len).toBe(24);
  });
});

/** A machine whose kernel socket handles requests with `handler`. */
function machine(handler: (skb: SkBuff, nlh: nl.NlmsgAt) => number, era?: NetlinkEra) {
  const netlink = newNetlink(era);
  const created = netlink_kernel_create(netlink, 0, protocol, {
    input: (skb) => netlink_rcv_skb(skb, handler),
  });
  if (created === null) throw new Error('no kernel socket');
  const kernel: NetlinkSock = created;
  return { netlink, kernel, asker: userSocket(netlink, 300, 0, protocol) };
}

interface Request {
  readonly seq: number;
  readonly flags?: number;
  readonly type?: number;
  readonly payload?: number;
}

function bytesOf({ seq, flags = nl.NLM_F_REQUEST, type = 16, payload = 0 }: Request): Uint8Array {
  const bytes = new Uint8Array(nl.NLMSG_SPACE(payload)).fill(seq);
  const nlmsg_len = nl.NLMSG_LENGTH(payload);
  const rest = { nlmsg_type: type, nlmsg_flags: flags, nlmsg_seq: seq, nlmsg_pid: 0 };
  bytes.set(nl.encodeNlmsghdr({ nlmsg_len, ...rest }));
  return bytes;
}

function ask(sk: NetlinkSock, ...requests: Request[]): number {
  const data = Uint8Array.from(requests.flatMap((request) => [...bytesOf(request)]));
  const name = { nl_pid: 0, nl_groups: 0 };
  return netlink_sendmsg(sk, root, { name, len: data.length, data, flags: 0 });
}

/** All answers: header fields and, for NLMSG_ERROR and NLMSG_DONE, the number inside. */
function answers(sk: NetlinkSock) {
  const seen: { type: number; seq: number; flags: number; len: number; code: number }[] = [];
  for (;;) {
    const got = recv(sk);
    if (typeof got === 'number') return seen;
    for (let at = 0; at + nl.NLMSG_HDRLEN <= got.placed;) {
      const nlh = nl.decodeNlmsghdr(got.data.subarray(at));
      const code = new DataView(new Uint8Array(20).buffer);
      got.data.subarray(at + 16, at + 20).forEach((byte, i) => code.setUint8(i, byte));
      const { nlmsg_type: type, nlmsg_seq: seq, nlmsg_flags: flags, nlmsg_len: len } = nlh;
      seen.push({ type, seq, flags, len, code: code.getInt32(0, true) });
      at += nl.NLMSG_ALIGN(len);
    }
  }
}

describe('netlink_rcv_skb', () => {
  it('handles requests, skips the rest, and acknowledges where asked or on error', () => {
    const handled: number[] = [];
    const { asker, netlink } = machine((_skb, nlh) => {
      handled.push(nlh.nlmsg_seq);
      return nlh.nlmsg_seq === 2 ? -errno.EPERM : nlh.nlmsg_seq === 6 ? -errno.EINTR : 0;
    });
    const ackFlags = nl.NLM_F_REQUEST | nl.NLM_F_ACK;
    const sent = ask(
      asker,
      { seq: 1, flags: ackFlags, payload: 5 },
      { seq: 2, payload: 5 },
      { seq: 3, flags: nl.NLM_F_ACK },
      { seq: 4, flags: ackFlags, type: nl.NLMSG_NOOP },
      { seq: 5 },
      { seq: 6, flags: ackFlags },
    );
    expect(sent).toBe(112);
    expect(handled).toEqual([1, 2, 5, 6]);
    const error = { type: nl.NLMSG_ERROR, flags: nl.NLM_F_CAPPED, len: 36, code: 0 };
    expect(answers(asker)).toEqual([
      { ...error, seq: 1 },
      { ...error, seq: 2, flags: 0, len: 44, code: -errno.EPERM },
      { ...error, seq: 3 },
      { ...error, seq: 4 },
    ]);
    expect(netlink.memory.live).toBe(0);
  });

  it('stops at a message that is longer than the buffer', () => {
    const handled: number[] = [];
    const { asker } = machine((_skb, nlh) => handled.push(nlh.nlmsg_seq) * 0);
    const broken = bytesOf({ seq: 2 });
    broken[0] = 200;
    const data = Uint8Array.from([...bytesOf({ seq: 1 }), ...broken, ...bytesOf({ seq: 3 })]);
    const name = { nl_pid: 0, nl_groups: 0 };
    expect(netlink_sendmsg(asker, root, { name, len: data.length, data, flags: 0 })).toBe(48);
    expect(handled).toEqual([1]);
  });

  it('NETLINK_CAP_ACK leaves the request out of an error', () => {
    const { asker } = machine(() => -errno.EINVAL);
    netlink_setsockopt(asker, root, 'NETLINK_CAP_ACK', 1);
    ask(asker, { seq: 1, payload: 100 });
    expect(answers(asker)[0]).toMatchObject({ len: 36, flags: nl.NLM_F_CAPPED });
  });

  it.each([
    ['linux-2.6.24', 36],
    ['linux-2.6.32', 136],
  ] as const)('an error of %s has %i bytes and no flags', (name, len) => {
    const { asker } = machine(() => -errno.EINVAL, netlinkEras[name]);
    ask(asker, { seq: 1, payload: 100 });
    expect(answers(asker)).toEqual([
      { type: nl.NLMSG_ERROR, seq: 1, flags: 0, len, code: -errno.EINVAL },
    ]);
  });

  it('an acknowledgement that finds no memory becomes ENOBUFS at the asker', () => {
    const { asker, netlink } = machine(() => {
      netlink.memory.fails = () => true;
      return -errno.EINVAL;
    });
    ask(asker, { seq: 1 });
    expect([asker.sk_err, netlink.memory.live]).toEqual([errno.ENOBUFS, 0]);
  });

  it('the walk can be driven step by step', () => {
    const { asker, netlink } = machine(() => 0);
    const seen: number[] = [];
    const kernel = netlink.table(protocol).hash.get(0)?.get(0) as NetlinkSock;
    kernel.input = (skb) => {
      const walk = netlink_requests(skb);
      for (let next = walk.next(0); !next.done; next = walk.next(-errno.EBUSY)) {
        seen.push(next.value.nlmsg_seq, skb_load(skb, nl.NLMSG_DATA(next.value), 1)[0] ?? -1);
      }
    };
    ask(asker, { seq: 7, payload: 4 }, { seq: 8, payload: 4 });
    expect(seen).toEqual([7, 7, 8, 8]);
    expect(answers(asker).map(({ code }) => code)).toEqual([-errno.EBUSY, -errno.EBUSY]);
  });
});

describe('dumps', () => {
  /** Answers with `total` messages of 1000 bytes. */
  function dumper(total: number, log: { calls: number; done: number }): NetlinkDumpControl {
    return {
      dump: (skb, cb) => {
        log.calls++;
        for (let i = cb.args[0] ?? 0; i < total; i++) {
          const nlh = nl.nlmsg_put(skb, 300, cb.nlh.nlmsg_seq, 20, 984, nl.NLM_F_MULTI);
          cb.args[0] = nlh === null ? i : i + 1;
          if (nlh === null) return skb.len;
        }
        return 0;
      },
      done: () => void log.done++,
    };
  }

  function dumpMachine(total: number, era?: NetlinkEra) {
    const log = { calls: 0, done: 0 };
    const started: number[] = [];
    const { netlink, kernel, asker } = machine((skb, nlh) => {
      started.push(netlink_dump_start(kernel, skb, nlh, dumper(total, log)));
      return started.at(-1) as number;
    }, era);
    return { netlink, kernel, asker, log, started };
  }

  const request = { seq: 5, flags: nl.NLM_F_REQUEST | nl.NLM_F_DUMP | nl.NLM_F_ACK };

  it.each(['linux-2.6.24', 'linux-2.6.32', 'linux-6.1', 'linux-6.18'] as const)(
    'come in parts of one buffer each and end with NLMSG_DONE: %s',
    (name) => {
      const { netlink, asker, log, started } = dumpMachine(100, netlinkEras[name]);
      ask(asker, request);
      expect(started).toEqual([-errno.EINTR]);
      expect(log.calls).toBe(1);
      const seen = answers(asker);
      expect(seen.slice(0, -1).map(({ type }) => type)).toEqual(Array(100).fill(20));
      expect(seen.at(-1)).toMatchObject({ type: nl.NLMSG_DONE, seq: 5, flags: 2, code: 0 });
      expect([log.done, asker.cb, netlink.memory.live]).toEqual([1, null, 0]);
      expect([asker.sk_rmem_alloc, asker.sk_drops]).toEqual([0, 0]);
    },
  );

  it('use larger buffers once the reader has shown a large one', () => {
    const { asker, log } = dumpMachine(100);
    ask(asker, request);
    answers(asker);
    // 3 messages fit the first buffer of 3776 bytes, 32 each of those of 32448.
    expect(log.calls).toBe(1 + Math.ceil(97 / 32));
  });

  it('only one at a time, and it ends with its socket', () => {
    const { netlink, asker, log, started } = dumpMachine(100);
    ask(asker, request, { ...request, seq: 6 });
    expect(started).toEqual([-errno.EINTR, -errno.EBUSY]);
    netlink_release(asker);
    expect([log.done, netlink.memory.live]).toEqual([1, 0]);
  });

  it('an error of the dump function travels in NLMSG_DONE', () => {
    const { asker, kernel } = machine((skb, nlh) =>
      netlink_dump_start(kernel, skb, nlh, { dump: () => -errno.ENODEV }),
    );
    ask(asker, request);
    expect(answers(asker)).toMatchObject([{ type: nl.NLMSG_DONE, code: -errno.ENODEV }]);
  });

  it("keep to the size of the reader's buffer", () => {
    const { asker } = dumpMachine(20);
    ask(asker, request);
    const parts: number[] = [];
    for (;;) {
      const got = netlink_recvmsg(asker, 5000, 0);
      if (typeof got === 'number') break;
      parts.push(got.result);
    }
    expect(parts).toEqual([3000, 5000, 5000, 5000, 2020]);
  });

  it('NLMSG_DONE comes alone when the last buffer has no room for it', () => {
    let calls = 0;
    const { asker, kernel } = machine((skb, nlh) =>
      netlink_dump_start(kernel, skb, nlh, {
        dump: (part, cb) => {
          calls++;
          nl.nlmsg_put(part, 300, cb.nlh.nlmsg_seq, 20, skb_tailroom(part) - 16, nl.NLM_F_MULTI);
          return 0;
        },
      }),
    );
    ask(asker, request);
    expect(answers(asker).map(({ type }) => type)).toEqual([20, nl.NLMSG_DONE]);
    expect(calls).toBe(1);
  });

  it('go on only when at most half of the buffer is in use', () => {
    const { asker, kernel, log, netlink } = dumpMachine(100);
    asker.sk_rcvbuf = 16384;
    ask(asker, request);
    for (let i = 0; i < 4; i++) {
      const skb = nl.nlmsg_new(netlink.memory, 768, 'GFP_KERNEL') as SkBuff;
      nl.nlmsg_put(skb, 0, 0, 16, 768, 0);
      expect(netlink_unicast(kernel, skb, 300, true)).toBe(784);
    }
    netlink_recvmsg(asker, 3776, 0);
    expect([asker.sk_rmem_alloc, log.calls]).toEqual([4 * 2304, 1]);
    netlink_recvmsg(asker, 1000, 0);
    expect(log.calls).toBe(2);
  });

  it('a reader without room gets ENOBUFS instead of the next part', () => {
    const { asker, netlink } = dumpMachine(100);
    ask(asker, request);
    asker.sk_rcvbuf = 16384;
    asker.sk_rmem_alloc += 8000;
    recv(asker);
    expect(asker.sk_err).toBe(errno.ENOBUFS);
    // What is left is the request that the dump holds on to.
    expect(netlink.memory.live).toBe(1);
  });
});
