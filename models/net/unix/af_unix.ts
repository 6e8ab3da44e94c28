/*
 * UNIX sockets, net/unix/af_unix.c: their state, names, connections and ends. How data goes through
 * them is in stream.ts and dgram.ts beside. Left out: the file system (names are abstract),
 * SOCK_SEQPACKET, passing of descriptors and credentials, MSG_OOB.
 */
import type { Code, Context } from '../../context.ts';
import { errno } from '../../errno.ts';
import { Mutex } from '../../locking/mutex.ts';
import type { Machine } from '../../machine.ts';
import { TASK_INTERRUPTIBLE } from '../../sched/task.ts';
import {
  WaitEntry,
  WaitQueueHead,
  __wake_up,
  autoremove_wake_function,
  finish_wait,
  prepare_to_wait_exclusive,
} from '../../sched/wait.ts';
import { signal_pending } from '../../signal/signal.ts';
import { MAX_SCHEDULE_TIMEOUT } from '../../time/jiffies.ts';
import { schedule_timeout } from '../../time/sleep.ts';
import { netlinkEras } from '../netlink/era.ts';
import { sock_intr_errno, sock_jiffies } from '../netlink/kernel.ts';
import {
  EPOLLERR,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDNORM,
  EPOLLWRBAND,
  EPOLLWRNORM,
} from '../netlink/uapi.ts';

export const AF_UNIX = 1;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;

export const RCV_SHUTDOWN = 1;
export const SEND_SHUTDOWN = 2;
export const SHUTDOWN_MASK = 3;

const EPOLLHUP = 0x010;
const EPOLLRDHUP = 0x2000;
export const READABLE = EPOLLIN | EPOLLRDNORM;
export const WRITABLE = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

/** net.unix.max_dgram_qlen */
const MAX_DGRAM_QLEN = 10;

/** A socket buffer in a receive queue, charged to the socket that sent it. */
export interface UnixSkb {
  readonly owner: UnixSock;
  readonly truesize: number;
  bytes: Uint8Array;
  /** Of a connection that waits to be accepted: the other end of it. */
  readonly embryo: UnixSock | null;
}

/** struct unix_sock */
export class UnixSock {
  readonly machine: Machine;
  readonly type: number;
  readonly label: string;
  name: string | null = null;
  state: 'close' | 'listen' | 'established' = 'close';
  peer: UnixSock | null = null;
  dead = false;
  shutdown = 0;
  sk_err = 0;
  sk_sndbuf: number;
  sk_rcvbuf: number;
  sk_wmem_alloc = 0;
  /** ns; null: without end. */
  sndtimeo: number | null = null;
  rcvtimeo: number | null = null;
  backlog = MAX_DGRAM_QLEN;
  readonly queue: UnixSkb[] = [];
  readonly iolock: Mutex;
  /** sk_sleep(sk): readers, writers without room, pollers. */
  readonly wait: WaitQueueHead;
  /** Those for whom the receive queue is too long. */
  readonly peer_wait: WaitQueueHead;

  constructor(machine: Machine, type: number, label: string) {
    const { wmem_default, rmem_default } = netlinkEras[machine.era.name];
    this.machine = machine;
    this.type = type;
    this.label = label;
    this.sk_sndbuf = wmem_default;
    this.sk_rcvbuf = rmem_default;
    this.iolock = new Mutex(`${label} iolock`);
    this.iolock.className = '&u->iolock';
    this.wait = new WaitQueueHead(label);
    this.peer_wait = new WaitQueueHead(`${label} peer`);
  }

  /** unix_recvq_full() */
  get full(): boolean {
    return this.queue.length > this.backlog;
  }

  /** unix_writable(): a quarter of the send buffer is in use at most. */
  get writable(): boolean {
    return this.state !== 'listen' && this.sk_wmem_alloc * 4 <= this.sk_sndbuf;
  }
}

const names = new WeakMap<Machine, Map<string, UnixSock>>();
const opened = new WeakMap<Machine, number>();

function namesOf(machine: Machine): Map<string, UnixSock> {
  let known = names.get(machine);
  if (known === undefined) names.set(machine, (known = new Map<string, UnixSock>()));
  return known;
}

export function unix_create(machine: Machine, type: number): UnixSock | number {
  if (type !== SOCK_STREAM && type !== SOCK_DGRAM) return -errno.ESOCKTNOSUPPORT;
  const number = (opened.get(machine) ?? 0) + 1;
  opened.set(machine, number);
  return new UnixSock(machine, type, `unix:${number}`);
}

export function wakeUp(k: Context, queue: WaitQueueHead, key: number, nr = 1): void {
  __wake_up(k.cpu, queue, TASK_INTERRUPTIBLE, nr, key);
}

/** sock_error(): takes the pending error. */
export function sock_error(sk: UnixSock): number {
  const error = sk.sk_err;
  sk.sk_err = 0;
  return error === 0 ? 0 : -error;
}

/** Jiffies that a call may wait. */
export function timeoOf(k: Context, ns: number | null, nonblock: boolean): number {
  if (nonblock) return 0;
  return ns === null ? MAX_SCHEDULE_TIMEOUT : sock_jiffies(k, ns);
}

export function intrErrno(timeo: number): number {
  return timeo === MAX_SCHEDULE_TIMEOUT ? -errno.ERESTARTSYS : sock_intr_errno(timeo);
}

/** 0, -EINVAL if it has a name already, -EADDRINUSE. */
export function unix_bind(sk: UnixSock, name: string): number {
  const all = namesOf(sk.machine);
  if (sk.name !== null) return -errno.EINVAL;
  if (all.has(name)) return -errno.EADDRINUSE;
  sk.name = name;
  all.set(name, sk);
  return 0;
}

/** unix_find_other(): -ECONNREFUSED, also where an abstract name is of a socket of another type. */
export function unix_find_other(sk: UnixSock, name: string): UnixSock | number {
  const other = namesOf(sk.machine).get(name);
  return other?.type === sk.type ? other : -errno.ECONNREFUSED;
}

export function unix_listen(sk: UnixSock, backlog: number): number {
  if (sk.type !== SOCK_STREAM) return -errno.EOPNOTSUPP;
  if (sk.name === null || sk.state === 'established') return -errno.EINVAL;
  sk.backlog = backlog;
  sk.state = 'listen';
  return 0;
}

export function unix_pair(a: UnixSock, b: UnixSock): void {
  a.peer = b;
  b.peer = a;
  a.state = b.state = 'established';
}

/** unix_wait_for_peer(): sleeps while the queue of `other` is too long; the jiffies left. */
export function* unix_wait_for_peer(k: Context, other: UnixSock, timeo: number): Code<number> {
  const entry = new WaitEntry(k.current, autoremove_wake_function);
  prepare_to_wait_exclusive(k, other.peer_wait, entry, TASK_INTERRUPTIBLE);
  const sleeps = !other.dead && (other.shutdown & RCV_SHUTDOWN) === 0 && other.full;
  const left = sleeps ? yield* schedule_timeout(k, timeo) : timeo;
  finish_wait(k, entry);
  return left;
}

/** connect(): of datagrams it sets the peer, of streams it waits for room in the backlog. */
export function* unix_connect(
  k: Context,
  sk: UnixSock,
  name: string,
  nonblock: boolean,
): Code<number> {
  let timeo = timeoOf(k, sk.sndtimeo, nonblock);
  for (;;) {
    yield k.step(sk, k.machine.costs.call);
    const other = unix_find_other(sk, name);
    if (typeof other === 'number') return other;
    if (sk.type === SOCK_DGRAM) {
      if (other.peer !== null && other.peer !== sk) return -errno.EPERM;
      sk.peer = other;
      sk.state = 'established';
      return 0;
    }
    if (other.state !== 'listen' || (other.shutdown & RCV_SHUTDOWN) !== 0) {
      return -errno.ECONNREFUSED;
    }
    if (sk.state !== 'close') return sk.state === 'listen' ? -errno.EINVAL : -errno.EISCONN;
    if (!other.full) return connected(k, sk, other);
    if (timeo === 0) return -errno.EAGAIN;
    timeo = yield* unix_wait_for_peer(k, other, timeo);
    if (signal_pending(k.current)) return intrErrno(timeo);
  }
}

function connected(k: Context, sk: UnixSock, listener: UnixSock): number {
  const made = unix_create(k.machine, SOCK_STREAM) as UnixSock;
  made.name = listener.name;
  unix_pair(sk, made);
  listener.queue.push({ owner: sk, truesize: 0, bytes: new Uint8Array(0), embryo: made });
  wakeUp(k, listener.wait, READABLE);
  return 0;
}

/** skb_free of a buffer: its sender may have room again (sock_wfree, unix_write_space). */
export function free_skb(k: Context, { owner, truesize }: UnixSkb): void {
  owner.sk_wmem_alloc -= truesize;
  if (!owner.dead && owner.writable) wakeUp(k, owner.wait, WRITABLE);
}

/** shutdown(): 0 no more receiving, 1 no more sending, 2 both. */
export function unix_shutdown(k: Context, sk: UnixSock, how: number): number {
  if (how < 0 || how > 2) return -errno.EINVAL;
  const mode = how + 1;
  sk.shutdown |= mode;
  const { peer } = sk;
  if (peer !== null && sk.type === SOCK_STREAM) {
    if ((mode & RCV_SHUTDOWN) !== 0) peer.shutdown |= SEND_SHUTDOWN;
    if ((mode & SEND_SHUTDOWN) !== 0) peer.shutdown |= RCV_SHUTDOWN;
    wakeUp(k, peer.wait, 0, 0);
  }
  wakeUp(k, sk.wait, 0, 0);
  return 0;
}

/** unix_release_sock(): who was connected hears of it; what was not read is gone. */
export function unix_release_sock(k: Context, sk: UnixSock, embryo = false): void {
  sk.dead = true;
  sk.shutdown = SHUTDOWN_MASK;
  const all = namesOf(sk.machine);
  if (sk.name !== null && all.get(sk.name) === sk) all.delete(sk.name);
  wakeUp(k, sk.peer_wait, 0, 0);
  const { peer } = sk;
  if (peer !== null && sk.type === SOCK_STREAM) {
    peer.shutdown = SHUTDOWN_MASK;
    if (sk.queue.length > 0 || embryo) peer.sk_err = errno.ECONNRESET;
    wakeUp(k, peer.wait, 0, 0);
  }
  sk.state = 'close';
  sk.peer = null;
  for (const skb of sk.queue.splice(0)) {
    if (skb.embryo === null) free_skb(k, skb);
    else unix_release_sock(k, skb.embryo, true);
  }
}

/** unix_poll() and unix_dgram_poll() */
export function unix_poll(sk: UnixSock): number {
  let mask = sk.sk_err === 0 ? 0 : EPOLLERR;
  if (sk.shutdown === SHUTDOWN_MASK) mask |= EPOLLHUP;
  if ((sk.shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLRDHUP | READABLE;
  if (sk.queue.length > 0) mask |= READABLE;
  if (sk.type === SOCK_STREAM && sk.state === 'close') mask |= EPOLLHUP;
  const { peer } = sk;
  const crowded = sk.type === SOCK_DGRAM && peer !== null && peer.peer !== sk && peer.full;
  return sk.writable && !crowded ? mask | WRITABLE : mask;
}
