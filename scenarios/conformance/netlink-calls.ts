/*
 * Netlink calls of a user process as the recorders make them: short, and with results as the
 * recordings write them.
 */
import type { Code, Context } from '../../models/context.ts';
import { errno, errnoText } from '../../models/errno.ts';
import type { NetlinkSock } from '../../models/net/netlink/af_netlink.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import { processOf } from '../../models/user/file.ts';
import { pthread_create } from '../../models/user/spawn.ts';
import { usleep } from '../../models/user/unistd.ts';

export const { MSG_DONTWAIT, MSG_PEEK, NETLINK_USERSOCK } = uapi;

export interface OpenOptions {
  readonly port?: number;
  readonly protocol?: number;
  /** Groups to join, as a mask. */
  readonly groups?: number;
  /** What sk_rcvbuf becomes, whatever net.core.rmem_max says. */
  readonly rcvbuf?: number;
}

/** A bound socket. */
export function* open(k: Context, options: OpenOptions = {}): Code<number> {
  const { port = 0, protocol = NETLINK_USERSOCK, groups = 0, rcvbuf } = options;
  const fd = yield* net.socket(k, uapi.AF_NETLINK, uapi.SOCK_RAW, protocol);
  if (fd < 0) throw new Error(`socket: ${errnoText(fd)}`);
  ok(yield* net.bind(k, fd, { nl_pid: port, nl_groups: groups }));
  if (rcvbuf !== undefined) ok(yield* net.setsockopt(k, fd, 'SO_RCVBUFFORCE', rcvbuf / 2));
  return fd;
}

export function ok(result: number): void {
  if (result !== 0) throw new Error(`the call failed: ${errnoText(result)}`);
}

/** The kernel's view of a descriptor, as /proc/net/netlink and SO_MEMINFO show it. */
export function sockOf(k: Context, fd: number): NetlinkSock {
  return (processOf(k).file(fd) as net.NetlinkFile).sk;
}

export function* send(
  k: Context,
  fd: number,
  port: number,
  len: number,
  flags = 0,
  groups = 0,
): Code<number> {
  return yield* net.sendto(k, fd, len, flags, { nl_pid: port, nl_groups: groups });
}

/** Sends until the receiver is full; how many went in. */
export function* fill(k: Context, fd: number, port: number, len: number): Code<number> {
  for (let count = 0; ; count++) {
    const result = yield* send(k, fd, port, len, MSG_DONTWAIT);
    if (result === -errno.EAGAIN) return count;
    if (result < 0) throw new Error(`a send into an open socket failed: ${errnoText(result)}`);
  }
}

export function* recv(k: Context, fd: number, flags = 0): Code<number> {
  return yield* net.recvfrom(k, fd, { size: 300_000, received: null }, flags);
}

/** Reads until it fails; how many messages came. */
export function* drain(k: Context, fd: number): Code<number> {
  for (let count = 0; ; count++) {
    if ((yield* recv(k, fd, MSG_DONTWAIT)) < 0) return count;
  }
}

/** A result as the recordings have it: a number, or the name of the error. */
export function shown(result: number): number | string {
  return result < 0 ? errnoText(result).slice(1) : result;
}

export interface Attempt {
  result: unknown;
}

/** Makes a call in a thread of its own and gives it 5 ms. */
export function* inThread(k: Context, call: (k: Context) => Code<number>): Code<Attempt> {
  const attempt: Attempt = { result: 'blocked' };
  yield* pthread_create(k, function* (t) {
    attempt.result = shown(yield* call(t));
    return 0;
  });
  yield* usleep(k, 5000);
  return attempt;
}
