/*
 * System calls on UNIX sockets, net/socket.c: they are open files, so read, write, poll and close
 * work on them as well.
 */
import type { Code, Context } from '../../context.ts';
import { errno } from '../../errno.ts';
import {
  FMODE_READ,
  FMODE_WRITE,
  OpenedFile,
  type Inode,
  type file_operations,
} from '../../fs/file.ts';
import { O_NONBLOCK, O_RDWR } from '../../fs/open.ts';
import { copy_from_iter, copy_to_iter } from '../../fs/uio.ts';
import { might_sleep } from '../../sched/core.ts';
import { TASK_INTERRUPTIBLE } from '../../sched/task.ts';
import {
  WaitEntry,
  autoremove_wake_function,
  finish_wait,
  prepare_to_wait_exclusive,
} from '../../sched/wait.ts';
import { signal_pending } from '../../signal/signal.ts';
import { schedule_timeout } from '../../time/sleep.ts';
import { fileOf, processOf, withFile } from '../../user/file.ts';
import { systemCall } from '../../user/signals.ts';
import { netlinkEras } from '../netlink/era.ts';
import { MSG_DONTWAIT } from '../netlink/uapi.ts';
import {
  AF_UNIX,
  SOCK_DGRAM,
  intrErrno,
  timeoOf,
  unix_bind,
  unix_connect,
  unix_create,
  unix_listen,
  unix_pair,
  unix_poll,
  unix_release_sock,
  unix_shutdown,
  wakeUp,
  WRITABLE,
  type UnixSock,
} from './af_unix.ts';
import {
  unix_dgram_recvmsg,
  unix_dgram_sendmsg,
  unix_stream_recvmsg,
  unix_stream_sendmsg,
} from './data.ts';

/** sock_sendmsg(): `name` only for datagrams. */
export function sock_sendmsg(
  k: Context,
  sk: UnixSock,
  data: Uint8Array,
  flags: number,
  name: string | null = null,
): Code<number> {
  if (sk.type === SOCK_DGRAM) return unix_dgram_sendmsg(k, sk, data, flags, name);
  return unix_stream_sendmsg(k, sk, data, flags);
}

/** sock_recvmsg(): what the call returns; `take` gets the bytes. */
export function* sock_recvmsg(
  k: Context,
  sk: UnixSock,
  size: number,
  flags: number,
  take: (bytes: Uint8Array) => void = () => {},
): Code<number> {
  if (sk.type === SOCK_DGRAM) {
    const got = yield* unix_dgram_recvmsg(k, sk, size, flags);
    if (typeof got === 'number') return got;
    take(got.bytes);
    return got.result;
  }
  const bytes = yield* unix_stream_recvmsg(k, sk, size, flags);
  if (typeof bytes === 'number') return bytes;
  take(bytes);
  return bytes.length;
}

const waits = (file: OpenedFile): number => ((file.f_flags & O_NONBLOCK) === 0 ? 0 : MSG_DONTWAIT);

const socket_file_ops: file_operations = {
  read: (k, file, to) =>
    sock_recvmsg(k, sockOf(file)!, to.count, waits(file), (bytes) => copy_to_iter(k, bytes, to)),
  write: (k, file, from) =>
    sock_sendmsg(k, sockOf(file)!, copy_from_iter(k, from.count, from), waits(file)),
  poll: (_k, file, table) => {
    const sk = sockOf(file)!;
    table?.wait(sk.wait);
    return unix_poll(sk);
  },
  release: function* (k, file) {
    yield k.step(sockOf(file), k.machine.costs.call);
    unix_release_sock(k, sockOf(file)!);
    return 0;
  },
};
const inode: Inode = { type: 'socket', mode: 0o777, i_fop: socket_file_ops };

function sockOf({ private_data }: OpenedFile): UnixSock | null {
  return (private_data as UnixSock | null) ?? null;
}

/** The UNIX socket behind a descriptor of the calling process, if it is one. */
export function unixSocketOf(k: Context, fd: number): UnixSock | null {
  const file = fileOf(k, fd);
  return file instanceof OpenedFile && file.f_op === socket_file_ops ? sockOf(file) : null;
}

/** sock_map_fd() */
function install(k: Context, sk: UnixSock, flags: number): number {
  const file = new OpenedFile(inode, O_RDWR | flags, FMODE_READ | FMODE_WRITE);
  file.private_data = sk;
  return processOf(k).install(file);
}

/** The call `name` on the socket behind `fd`, which gets the flags of its file as MSG_DONTWAIT. */
function socketCall(
  k: Context,
  name: string,
  fd: number,
  body: (sk: UnixSock, how: number) => Code<number>,
): Code<number> {
  return systemCall(k, name, () =>
    withFile(k, fd, (file) => {
      const own = file instanceof OpenedFile && file.f_op === socket_file_ops;
      return own ? body(sockOf(file)!, waits(file)) : -errno.ENOTSOCK;
    }),
  );
}

function briefCall(
  k: Context,
  name: string,
  fd: number,
  act: (sk: UnixSock) => number,
): Code<number> {
  return socketCall(k, name, fd, function* (sk) {
    yield k.step(sk, k.machine.costs.call);
    return act(sk);
  });
}

/** socket(AF_UNIX, type, 0); `flags`: O_NONBLOCK for SOCK_NONBLOCK. */
export function socket(k: Context, type: number, flags = 0): Code<number> {
  return systemCall(k, 'socket', function* () {
    yield* might_sleep(k, 'sock_alloc');
    yield k.machine.costs.call;
    const sk = unix_create(k.machine, type);
    return typeof sk === 'number' ? sk : install(k, sk, flags);
  });
}

export interface Pair {
  readonly error: number;
  readonly first: number;
  readonly second: number;
}

export function* socketpair(k: Context, type: number, flags = 0): Code<Pair> {
  let first = -1;
  let second = -1;
  const error = yield* systemCall(k, 'socketpair', function* () {
    yield k.machine.costs.call;
    const [a, b] = [unix_create(k.machine, type), unix_create(k.machine, type)];
    if (typeof a === 'number' || typeof b === 'number') return -errno.ESOCKTNOSUPPORT;
    unix_pair(a, b);
    first = install(k, a, flags);
    if (first < 0) return first;
    second = install(k, b, flags);
    if (second < 0) yield* processOf(k).remove(first)!.release(k);
    return Math.min(0, second);
  });
  return { error, first, second };
}

export function bind(k: Context, fd: number, name: string): Code<number> {
  return briefCall(k, 'bind', fd, (sk) => unix_bind(sk, name));
}

export function connect(k: Context, fd: number, name: string): Code<number> {
  return socketCall(k, 'connect', fd, (sk, how) => unix_connect(k, sk, name, how !== 0));
}

export function listen(k: Context, fd: number, backlog: number): Code<number> {
  return briefCall(k, 'listen', fd, (sk) => unix_listen(sk, backlog));
}

/** A descriptor of the next connection. */
export function accept(k: Context, fd: number): Code<number> {
  return socketCall(k, 'accept', fd, function* (sk, how) {
    if (sk.type === SOCK_DGRAM) return -errno.EOPNOTSUPP;
    if (sk.state !== 'listen') return -errno.EINVAL;
    let timeo = timeoOf(k, sk.rcvtimeo, how !== 0);
    for (;;) {
      yield k.step(sk, k.machine.costs.call);
      const made = sk.queue.shift()?.embryo;
      if (made !== undefined && made !== null) {
        wakeUp(k, sk.peer_wait, WRITABLE);
        return install(k, made, 0);
      }
      if (timeo === 0) return -errno.EAGAIN;
      if (signal_pending(k.current)) return intrErrno(timeo);
      const entry = new WaitEntry(k.current, autoremove_wake_function);
      prepare_to_wait_exclusive(k, sk.wait, entry, TASK_INTERRUPTIBLE);
      if (sk.queue.length === 0) timeo = yield* schedule_timeout(k, timeo);
      finish_wait(k, entry);
    }
  });
}

export function send(
  k: Context,
  fd: number,
  data: Uint8Array,
  flags: number,
  name: string | null = null,
): Code<number> {
  return socketCall(k, 'sendto', fd, (sk, how) => sock_sendmsg(k, sk, data, flags | how, name));
}

export function recv(
  k: Context,
  fd: number,
  size: number,
  flags: number,
  take?: (bytes: Uint8Array) => void,
): Code<number> {
  return socketCall(k, 'recvfrom', fd, (sk, how) => sock_recvmsg(k, sk, size, flags | how, take));
}

export function shutdown(k: Context, fd: number, how: number): Code<number> {
  return briefCall(k, 'shutdown', fd, (sk) => unix_shutdown(k, sk, how));
}

/** SO_SNDBUF doubles what it is given, at least SOCK_MIN_SNDBUF; timeouts are in ns. */
export function setsockopt(k: Context, fd: number, optname: string, value: number): Code<number> {
  return briefCall(k, 'setsockopt', fd, (sk) => {
    const { wmem_max, rmem_max, minSndbuf, minRcvbuf } = netlinkEras[k.machine.era.name];
    const timeout = value === 0 ? null : value;
    if (optname === 'SO_SNDBUF') {
      sk.sk_sndbuf = Math.max(2 * Math.min(value, wmem_max), minSndbuf);
      wakeUp(k, sk.wait, WRITABLE);
    } else if (optname === 'SO_RCVBUF') {
      sk.sk_rcvbuf = Math.max(2 * Math.min(value, rmem_max), minRcvbuf);
    } else if (optname === 'SO_SNDTIMEO') sk.sndtimeo = timeout;
    else if (optname === 'SO_RCVTIMEO') sk.rcvtimeo = timeout;
    else return -errno.ENOPROTOOPT;
    return 0;
  });
}

export function getsockopt(k: Context, fd: number, optname: string): Code<number> {
  return briefCall(k, 'getsockopt', fd, (sk) => {
    switch (optname) {
      case 'SO_SNDBUF':
        return sk.sk_sndbuf;
      case 'SO_RCVBUF':
        return sk.sk_rcvbuf;
      case 'SO_TYPE':
        return sk.type;
      case 'SO_DOMAIN':
        return AF_UNIX;
      case 'SO_ERROR': {
        const error = sk.sk_err;
        sk.sk_err = 0;
        return error;
      }
      default:
        return -errno.ENOPROTOOPT;
    }
  });
}
