/* Netlink calls as the tests make them: short, and with results as the recordings write them. */
import { readFileSync } from 'node:fs';
import type { Code, Context } from '../../../models/context.ts';
import { errno, errnoText } from '../../../models/errno.ts';
import * as net from '../../../models/net/netlink/syscalls.ts';
import * as uapi from '../../../models/net/netlink/uapi.ts';
import { pthread_create } from '../../../models/user/spawn.ts';
import { usleep } from '../../../models/user/unistd.ts';

export const { MSG_DONTWAIT, MSG_PEEK, NETLINK_USERSOCK } = uapi;

export interface OpenOptions {
  readonly port?: number;
  readonly protocol?: number;
  /** Groups to join, as a mask. */
  readonly groups?: number;
  /** What sk_rcvbuf becomes. */
  readonly rcvbuf?: number;
}

/** A bound socket. */
export function* open(k: Context, options: OpenOptions = {}): Code<number> {
  const { port = 0, protocol = NETLINK_USERSOCK, groups = 0, rcvbuf } = options;
  const fd = yield* net.socket(k, uapi.AF_NETLINK, uapi.SOCK_RAW, protocol);
  ok(yield* net.bind(k, fd, { nl_pid: port, nl_groups: groups }));
  if (rcvbuf !== undefined) ok(yield* net.setsockopt(k, fd, 'SO_RCVBUF', rcvbuf / 2));
  return fd;
}

export function ok(result: number): void {
  if (result !== 0) throw new Error(`the call failed: ${errnoText(result)}`);
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
  }
}

export function* recv(k: Context, fd: number, flags = 0): Code<number> {
  return yield* net.recvfrom(k, fd, { size: 300_000, received: null }, flags);
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

interface Fact {
  readonly name: string;
  readonly value: unknown;
  readonly values?: unknown;
}

const folder = new URL('../../conformance/netlink/', import.meta.url);
const recorded = JSON.parse(readFileSync(new URL('facts.json', folder), 'utf8')) as {
  facts: Fact[];
};

/** What the kernel was recorded to do. */
export function fact(name: string): Fact {
  const found = recorded.facts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no fact ${name}`);
  return found;
}

const moduleFacts = JSON.parse(readFileSync(new URL('kernel-6.1.json', folder), 'utf8')) as {
  facts: Record<string, unknown>[];
};

/** Recorded results of a kernel module's sends, without the bookkeeping of the recorder. */
export function moduleFact(name: string): Record<string, unknown> {
  const found = moduleFacts.facts.find((one) => one['case'] === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  const { case: _case, runs: _runs, distinct_outcomes: _outcomes, ...result } = found;
  return result;
}

/** All recorded cases of one name. */
export function moduleCases(name: string): Record<string, unknown>[] {
  return moduleFacts.facts.filter((one) => one['case'] === name);
}
