/*
 * What the experiments with the netlink module of Linux 6.1 share: their inputs, and the user
 * sockets that the recorder opened (nlsock() and rx() of its user side).
 */
import type { Code, Context } from '../../models/context.ts';
import { NLMSG_HDRLEN } from '../../models/net/netlink/nlmsg.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import type { Fact, FactRun } from './facts.ts';
import { MSG_DONTWAIT, ok } from './netlink-calls.ts';
import { NetlinkModule, PROTOCOL } from './netlink-commands.ts';

type Fields = Readonly<Record<string, unknown>>;
type Inputs = Readonly<Record<string, number>>;

/**
 * The payload of a row that does not name it: the recorder sent messages of one length only, so
 * that of any which arrived tells it.
 */
function payloadTold(fact: Fact): number | undefined {
  const after = fact['after_reads'] as readonly { recv?: number }[] | undefined;
  const info = fact['info'] as { ret?: number } | undefined;
  const lengths = [
    ...['recv', 'first_recv', 'member1_recv', 'large_first_recv'].map((field) => fact[field]),
    after?.[0]?.recv,
    info?.ret,
  ];
  const length = lengths.find((one): one is number => typeof one === 'number' && one > 0);
  return length === undefined ? undefined : length - NLMSG_HDRLEN;
}

/**
 * An experiment: its inputs, each with the recorder's own value for rows that do not tell, and
 * what the process does and sees.
 */
export function experiment<I extends Inputs>(
  inputs: I,
  body: (k: Context, module: NetlinkModule, given: I, fact: Fact) => Code<Fields>,
): FactRun {
  return (fact) => {
    const told = Object.keys(inputs).filter((name) => name in fact);
    const own = Object.fromEntries(told.map((name) => [name, Number(fact[name])]));
    const payload = payloadTold(fact);
    const given = { ...inputs, ...(payload === undefined ? {} : { payload }), ...own };
    const module = new NetlinkModule();
    return { ...own, ...module.observe((k) => body(k, module, given, fact)) };
  };
}

export interface UserSocket {
  readonly fd: number;
  readonly port: number;
}

/** nlsock() of the recorder; `rcvbuf` 0 leaves the default. */
export function* nlsock(k: Context, rcvbuf = 0, groups = 0): Code<UserSocket> {
  const fd = yield* net.socket(k, uapi.AF_NETLINK, uapi.SOCK_RAW, PROTOCOL);
  if (rcvbuf !== 0) ok(yield* net.setsockopt(k, fd, 'SO_RCVBUF', rcvbuf));
  ok(yield* net.bind(k, fd, { nl_pid: 0, nl_groups: groups }));
  return { fd, port: yield* net.getsockname(k, fd) };
}

/** A recv() that does not wait, into the recorder's buffer. */
export function rx(k: Context, { fd }: UserSocket): Code<number> {
  return net.recvfrom(k, fd, { size: 70_000, received: null }, MSG_DONTWAIT);
}

/** More messages than any receiver takes. */
export const plenty = 20000;
