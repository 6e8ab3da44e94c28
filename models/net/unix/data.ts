/*
 * How data goes through UNIX sockets: sendmsg and recvmsg of streams and datagrams
 * (net/unix/af_unix.c), room in the send buffer (net/core/sock.c), waiting for datagrams
 * (net/core/datagram.c). A kernel socket uses the same functions.
 */
import type { Code, Context } from '../../context.ts';
import { errno } from '../../errno.ts';
import { ORDER, load_acquire, store_release } from '../../instrumented.ts';
import { mutex_lock, mutex_unlock } from '../../locking/mutex.ts';
import { might_sleep } from '../../sched/core.ts';
import { TASK_INTERRUPTIBLE } from '../../sched/task.ts';
import {
  WaitEntry,
  autoremove_wake_function,
  finish_wait,
  prepare_to_wait,
  prepare_to_wait_exclusive,
} from '../../sched/wait.ts';
import { send_sig } from '../../signal/send.ts';
import { signal_pending, signals } from '../../signal/signal.ts';
import { schedule_timeout } from '../../time/sleep.ts';
import { netlinkEras } from '../netlink/era.ts';
import { slabGeometry } from '../netlink/truesize.ts';
import { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC } from '../netlink/uapi.ts';
import {
  READABLE,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  WRITABLE,
  free_skb,
  intrErrno,
  sock_error,
  timeoOf,
  unix_find_other,
  unix_wait_for_peer,
  wakeUp,
  type UnixSkb,
  type UnixSock,
} from './af_unix.ts';

export const MSG_WAITALL = 0x100;
export const MSG_NOSIGNAL = 0x4000;

const PAGE_SIZE = 4096;
/** SKB_MAX_HEAD(0), SKB_MAX_ALLOC and UNIX_SKB_FRAGS_SZ on x86-64. */
const SKB_MAX_HEAD = PAGE_SIZE - 320;
const SKB_MAX_ALLOC = 4 * PAGE_SIZE - 320;
const UNIX_SKB_FRAGS_SZ = 8 * PAGE_SIZE;

/** Memory that is charged to a control group (GFP_KERNEL_ACCOUNT) has no cache of small heads. */
const accountedGeometry = slabGeometry(0);

function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
}

/** How many of `size` bytes of a stream go into one buffer. */
function chunkOf(sk: UnixSock, size: number): number {
  const most = sk.machine.era.irqWork ? SKB_MAX_HEAD + UNIX_SKB_FRAGS_SZ : SKB_MAX_ALLOC;
  return Math.min(size, Math.floor(sk.sk_sndbuf / 2) - 64, most);
}

/** What a buffer of `size` bytes is charged; more than `head` bytes of them stand in pages. */
function truesizeOf(sk: UnixSock, size: number, head: number): number {
  const { name, irqWork } = sk.machine.era;
  const inPages = irqWork ? Math.min(pages(Math.max(0, size - head)), size) : 0;
  const geometry = irqWork ? accountedGeometry : netlinkEras[name].geometry;
  return geometry.alloc(size - inPages).truesize + pages(inPages);
}

function spendCopy(k: Context, bytes: number): void {
  k.spend(Math.floor((bytes * k.machine.costs.copy_per_kib) / 1024));
}

/** sock_alloc_send_pskb(): waits until the send buffer is not used up; a buffer or an error. */
function* sock_alloc_send_pskb(
  k: Context,
  sk: UnixSock,
  truesize: number,
  bytes: Uint8Array,
  timeout: number,
): Code<UnixSkb | number> {
  let timeo = timeout;
  for (;;) {
    const error = sock_error(sk);
    if (error !== 0) return error;
    if ((sk.shutdown & SEND_SHUTDOWN) !== 0) return -errno.EPIPE;
    if (sk.sk_wmem_alloc < sk.sk_sndbuf) break;
    if (timeo === 0) return -errno.EAGAIN;
    if (signal_pending(k.current)) return intrErrno(timeo);
    timeo = yield* sock_wait_for_wmem(k, sk, timeo);
  }
  yield* might_sleep(k, 'sock_alloc_send_pskb');
  yield k.step(sk, k.machine.costs.skb);
  spendCopy(k, bytes.length);
  sk.sk_wmem_alloc += truesize;
  return { owner: sk, truesize, bytes, embryo: null };
}

function* sock_wait_for_wmem(k: Context, sk: UnixSock, timeout: number): Code<number> {
  const entry = new WaitEntry(k.current, autoremove_wake_function);
  const stops = (): boolean =>
    sk.sk_wmem_alloc < sk.sk_sndbuf || (sk.shutdown & SEND_SHUTDOWN) !== 0 || sk.sk_err !== 0;
  let timeo = timeout;
  while (timeo !== 0 && !signal_pending(k.current)) {
    prepare_to_wait(k, sk.wait, entry, TASK_INTERRUPTIBLE);
    if (stops()) break;
    timeo = yield* schedule_timeout(k, timeo);
  }
  finish_wait(k, entry);
  return timeo;
}

function deliver(k: Context, to: UnixSock, skb: UnixSkb): void {
  store_release(k.cpu, ORDER.skb, to.label);
  to.queue.push(skb);
  wakeUp(k, to.wait, READABLE);
}

function closed({ dead, shutdown }: UnixSock): boolean {
  return dead || (shutdown & RCV_SHUTDOWN) !== 0;
}

function* brokenPipe(k: Context, flags: number, sent: number): Code<number> {
  if (sent > 0) return sent;
  if ((flags & MSG_NOSIGNAL) === 0) send_sig(k.cpu, signals.SIGPIPE, k.current);
  yield 0;
  return -errno.EPIPE;
}

/** The bytes sent; fewer only if something went wrong behind them. */
export function* unix_stream_sendmsg(
  k: Context,
  sk: UnixSock,
  data: Uint8Array,
  flags: number,
): Code<number> {
  if (sk.peer === null) return -errno.ENOTCONN;
  const timeo = timeoOf(k, sk.sndtimeo, (flags & MSG_DONTWAIT) !== 0);
  let sent = 0;
  while (sent < data.length) {
    if ((sk.shutdown & SEND_SHUTDOWN) !== 0) return yield* brokenPipe(k, flags, sent);
    const size = chunkOf(sk, data.length - sent);
    const truesize = truesizeOf(sk, size, SKB_MAX_HEAD);
    const bytes = data.slice(sent, sent + size);
    const skb = yield* sock_alloc_send_pskb(k, sk, truesize, bytes, timeo);
    if (skb === -errno.EPIPE) return yield* brokenPipe(k, flags, sent);
    if (typeof skb === 'number') return sent > 0 ? sent : skb;
    const { peer } = sk;
    if (peer === null || closed(peer)) {
      free_skb(k, skb);
      return yield* brokenPipe(k, flags, sent);
    }
    deliver(k, peer, skb);
    sent += size;
  }
  return sent;
}

/** Bytes of as many buffers as it takes; 0 when the other end is closed. */
export function* unix_stream_recvmsg(
  k: Context,
  sk: UnixSock,
  size: number,
  flags: number,
): Code<Uint8Array | number> {
  if (sk.state !== 'established' && !sk.dead) return -errno.EINVAL;
  const got: number[] = [];
  const target = (flags & MSG_WAITALL) === 0 ? Math.min(1, size) : size;
  let timeo = timeoOf(k, sk.rcvtimeo, (flags & MSG_DONTWAIT) !== 0);
  yield* mutex_lock(k, sk.iolock);
  const finish = function* (result: Uint8Array | number): Code<Uint8Array | number> {
    yield* mutex_unlock(k, sk.iolock);
    return got.length > 0 ? Uint8Array.from(got) : result;
  };
  for (;;) {
    takeBytes(k, sk, size, (flags & MSG_PEEK) !== 0, got);
    if (got.length >= target) return yield* finish(Uint8Array.from(got));
    const error = sock_error(sk);
    if (error !== 0) return yield* finish(error);
    if ((sk.shutdown & RCV_SHUTDOWN) !== 0) return yield* finish(new Uint8Array(0));
    if (timeo === 0) return yield* finish(-errno.EAGAIN);
    yield* mutex_unlock(k, sk.iolock);
    timeo = yield* unix_stream_data_wait(k, sk, timeo);
    if (signal_pending(k.current)) return got.length > 0 ? Uint8Array.from(got) : intrErrno(timeo);
    yield* mutex_lock(k, sk.iolock);
  }
}

/** Moves bytes of the queue to `got` until there are `size`; looking only, from the beginning. */
function takeBytes(k: Context, sk: UnixSock, size: number, peeks: boolean, got: number[]): void {
  if (peeks) got.length = 0;
  let at = 0;
  for (let skb = sk.queue[at]; skb !== undefined && got.length < size; skb = sk.queue[at]) {
    const part = skb.bytes.subarray(0, size - got.length);
    load_acquire(k.cpu, ORDER.skb, sk.label);
    spendCopy(k, part.length);
    for (const byte of part) got.push(byte);
    if (peeks) {
      at++;
      continue;
    }
    skb.bytes = skb.bytes.subarray(part.length);
    if (skb.bytes.length > 0) break;
    sk.queue.shift();
    free_skb(k, skb);
  }
}

function* unix_stream_data_wait(k: Context, sk: UnixSock, timeout: number): Code<number> {
  const last = sk.queue.at(-1);
  const entry = new WaitEntry(k.current, autoremove_wake_function);
  const stops = (): boolean =>
    sk.queue.at(-1) !== last || sk.sk_err !== 0 || (sk.shutdown & RCV_SHUTDOWN) !== 0;
  let timeo = timeout;
  for (;;) {
    prepare_to_wait(k, sk.wait, entry, TASK_INTERRUPTIBLE);
    yield k.step(sk, k.machine.costs.access);
    if (stops() || signal_pending(k.current) || timeo === 0) break;
    timeo = yield* schedule_timeout(k, timeo);
  }
  finish_wait(k, entry);
  return timeo;
}

/** The bytes sent: all of them, as one message, or an error. */
export function* unix_dgram_sendmsg(
  k: Context,
  sk: UnixSock,
  data: Uint8Array,
  flags: number,
  name: string | null,
): Code<number> {
  if (name === null && sk.peer === null) return -errno.ENOTCONN;
  if (data.length > sk.sk_sndbuf - 32) return -errno.EMSGSIZE;
  let timeo = timeoOf(k, sk.sndtimeo, (flags & MSG_DONTWAIT) !== 0);
  const truesize = truesizeOf(sk, data.length, SKB_MAX_ALLOC);
  const skb = yield* sock_alloc_send_pskb(k, sk, truesize, data.slice(), timeo);
  if (typeof skb === 'number') {
    return skb === -errno.EPIPE ? yield* brokenPipe(k, flags, 0) : skb;
  }
  for (;;) {
    const other = destination(sk, name);
    if (typeof other === 'number') return refused(k, skb, other);
    if (closed(other)) return refused(k, skb, -errno.EPIPE);
    if (other === sk || other.peer === sk || !other.full) {
      deliver(k, other, skb);
      return data.length;
    }
    if (timeo === 0) return refused(k, skb, -errno.EAGAIN);
    timeo = yield* unix_wait_for_peer(k, other, timeo);
    if (signal_pending(k.current)) return refused(k, skb, intrErrno(timeo));
  }
}

function refused(k: Context, skb: UnixSkb, error: number): number {
  free_skb(k, skb);
  return error;
}

/** The socket that gets it; a peer that is closed is forgotten. */
function destination(sk: UnixSock, name: string | null): UnixSock | number {
  const other = name === null ? sk.peer : unix_find_other(sk, name);
  if (other === null) return -errno.ECONNRESET;
  if (typeof other === 'number') return other;
  if (other.peer !== null && other.peer !== sk) return -errno.EPERM;
  if (!other.dead) return other;
  if (sk.peer === other) sk.peer = null;
  return -errno.ECONNREFUSED;
}

export interface Datagram {
  readonly bytes: Uint8Array;
  /** What recvmsg() returns: its length, or with MSG_TRUNC that of the whole message. */
  readonly result: number;
}

/** One message, cut to `size`. */
export function* unix_dgram_recvmsg(
  k: Context,
  sk: UnixSock,
  size: number,
  flags: number,
): Code<Datagram | number> {
  let timeo = timeoOf(k, sk.rcvtimeo, (flags & MSG_DONTWAIT) !== 0);
  for (;;) {
    yield* mutex_lock(k, sk.iolock);
    const skb = sk.queue[0];
    if (skb !== undefined) {
      load_acquire(k.cpu, ORDER.skb, sk.label);
      if ((flags & MSG_PEEK) === 0) sk.queue.shift();
      wakeUp(k, sk.peer_wait, WRITABLE);
      const bytes = skb.bytes.slice(0, size);
      spendCopy(k, bytes.length);
      if ((flags & MSG_PEEK) === 0) free_skb(k, skb);
      yield* mutex_unlock(k, sk.iolock);
      return { bytes, result: (flags & MSG_TRUNC) === 0 ? bytes.length : skb.bytes.length };
    }
    yield* mutex_unlock(k, sk.iolock);
    const error = sock_error(sk);
    if (error !== 0) return error;
    if ((sk.shutdown & RCV_SHUTDOWN) !== 0) return { bytes: new Uint8Array(0), result: 0 };
    if (timeo === 0) return -errno.EAGAIN;
    const waited = yield* skb_wait_for_more_packets(k, sk, timeo);
    if (waited < 0) return waited;
    timeo = waited;
  }
}

/** Sleeps behind earlier readers; the jiffies left, or a negative error number. */
function* skb_wait_for_more_packets(k: Context, sk: UnixSock, timeo: number): Code<number> {
  const entry = new WaitEntry(k.current, autoremove_wake_function);
  prepare_to_wait_exclusive(k, sk.wait, entry, TASK_INTERRUPTIBLE);
  yield k.step(sk, k.machine.costs.access);
  let left = timeo;
  const over = sk.queue.length > 0 || sk.sk_err !== 0 || (sk.shutdown & RCV_SHUTDOWN) !== 0;
  if (!over) {
    left = signal_pending(k.current) ? intrErrno(timeo) : yield* schedule_timeout(k, timeo);
  }
  finish_wait(k, entry);
  return left;
}
