/*
 * Netlink sockets of user processes: the descriptor's file, and the socket system calls on it
 * (net/socket.c, net/netlink/af_netlink.c, net/core/datagram.c). Readers wait one behind the other,
 * a message wakes the first; a call in progress keeps a socket that is closed meanwhile alive.
 */
import type { Code, Context } from '../../context.ts';
import type { Cpu } from '../../cpu/cpu.ts';
import { errno } from '../../errno.ts';
import { EV } from '../../events.ts';
import { HOOK } from '../../hooks.ts';
import { might_sleep, yield_ } from '../../sched/core.ts';
import { TASK_INTERRUPTIBLE } from '../../sched/task.ts';
import {
  WaitEntry,
  autoremove_wake_function,
  finish_wait,
  prepare_to_wait_exclusive,
  type WaitQueueHead,
} from '../../sched/wait.ts';
import { signal_pending } from '../../signal/signal.ts';
import { schedule_timeout } from '../../time/sleep.ts';
import { File, type PollTable, processOf, withFile } from '../../user/file.ts';
import { systemCall } from '../../user/signals.ts';
import { ThreadGroup } from '../../user/thread-group.ts';
import type { SkBuff } from '../skb.ts';
import type { NetlinkCaller, NetlinkSock } from './af_netlink.ts';
import { netlink_bind, netlink_connect, netlink_getname } from './bind.ts';
import { netlink_unicast, sock_intr_errno, sock_jiffies } from './kernel.ts';
import * as options from './options.ts';
import { netlink_finish_recv, type Received, skb_try_recv } from './recv.ts';
import { netlink_prepare_send, netlink_send_multicast, type SendRequest } from './send.ts';
import { datagram_poll, sock_error } from './socket.ts';
import { netlinkOf } from './stack.ts';
import { netlink_create, netlink_release } from './table.ts';
import * as uapi from './uapi.ts';
import type { sockaddr_nl } from './uapi.ts';

/** The open file of a netlink socket. */
export class NetlinkFile extends File {
  readonly sk: NetlinkSock;
  private readonly readers: WaitQueueHead;

  constructor(sk: NetlinkSock, readers: WaitQueueHead) {
    super();
    this.sk = sk;
    this.readers = readers;
  }

  override poll(_k: Context, table: PollTable | null): number {
    table?.wait(this.readers);
    return datagram_poll(this.sk);
  }

  protected override *destroy(k: Context): Code {
    yield k.step(this.sk, k.machine.costs.call);
    netlink_release(this.sk);
  }
}

/** The task that makes a call, as netlink looks at it. */
function callerOf(k: Context): NetlinkCaller {
  const process = processOf(k);
  const uid = process instanceof ThreadGroup ? process.uid : 0;
  return { pid: k.current.pid, tgid: process.tgid, uid, gid: uid, net_admin: uid === 0 };
}

function spendCopy(k: Context, bytes: number): void {
  k.spend(Math.floor((bytes * k.machine.costs.copy_per_kib) / 1024));
}

/** The system call `name` on the netlink socket behind `fd`: -EBADF, -ENOTSOCK or what it says. */
function socketCall(
  k: Context,
  name: string,
  fd: number,
  body: (sk: NetlinkSock) => Code<number>,
): Code<number> {
  return systemCall(k, name, () =>
    withFile(k, fd, (file) => (file instanceof NetlinkFile ? body(file.sk) : -errno.ENOTSOCK)),
  );
}

/** A socket call that takes effect at one instant. */
function briefCall(
  k: Context,
  name: string,
  fd: number,
  act: (sk: NetlinkSock, caller: NetlinkCaller) => number,
): Code<number> {
  return socketCall(k, name, fd, (sk) => atOnce(k, sk, act));
}

function* atOnce(
  k: Context,
  sk: NetlinkSock,
  act: (sk: NetlinkSock, caller: NetlinkCaller) => number,
): Code<number> {
  yield k.step(sk, k.machine.costs.call);
  return act(sk, callerOf(k));
}

/** socket(AF_NETLINK, type, protocol): a descriptor. */
export function socket(k: Context, family: number, type: number, protocol: number): Code<number> {
  return systemCall(k, 'socket', () => sys_socket(k, family, type, protocol));
}

function* sys_socket(k: Context, family: number, type: number, protocol: number): Code<number> {
  yield* might_sleep(k, 'sock_alloc');
  yield k.machine.costs.call;
  if (family !== uapi.AF_NETLINK) return -errno.EAFNOSUPPORT;
  const stack = netlinkOf(k.machine);
  const sk = netlink_create(stack.netlink, 0, type, protocol);
  if (typeof sk === 'number') return sk;
  stack.adopt(sk, `netlink/${protocol}`);
  return processOf(k).install(new NetlinkFile(sk, stack.state(sk).readers));
}

export function bind(k: Context, fd: number, addr: sockaddr_nl): Code<number> {
  return briefCall(k, 'bind', fd, (sk, caller) => netlink_bind(sk, caller, addr));
}

export function connect(k: Context, fd: number, addr: sockaddr_nl): Code<number> {
  return briefCall(k, 'connect', fd, (sk, caller) => netlink_connect(sk, caller, addr));
}

/** The port (unsigned), or a negative error number. */
export function getsockname(k: Context, fd: number): Code<number> {
  return briefCall(k, 'getsockname', fd, (sk) => netlink_getname(sk, false).nl_pid);
}

export function getpeername(k: Context, fd: number): Code<number> {
  return briefCall(k, 'getpeername', fd, (sk) => netlink_getname(sk, true).nl_pid);
}

/** sock_no_shutdown(). */
export function shutdown(k: Context, fd: number): Code<number> {
  return briefCall(k, 'shutdown', fd, () => -errno.EOPNOTSUPP);
}

/** Options of SOL_SOCKET (`SO_...`) and SOL_NETLINK (`NETLINK_...`); timeouts in ns. */
export function setsockopt(k: Context, fd: number, optname: string, value: number): Code<number> {
  return briefCall(k, 'setsockopt', fd, (sk, caller) => {
    if (optname.startsWith('NETLINK_')) {
      return options.netlink_setsockopt(sk, caller, optname, value);
    }
    if (optname !== 'SO_SNDTIMEO' && optname !== 'SO_RCVTIMEO') {
      return options.sock_setsockopt(sk, caller, optname, value);
    }
    const us = Math.floor(value / 1000);
    const tv_sec = Math.floor(us / 1_000_000);
    return options.sock_set_timeout(sk, optname, { tv_sec, tv_usec: us - tv_sec * 1_000_000 });
  });
}

/** The option's value, or a negative error number. */
export function getsockopt(k: Context, fd: number, optname: string): Code<number> {
  const known = optname.startsWith('NETLINK_')
    ? options.netlink_getsockopt
    : options.sock_getsockopt;
  return briefCall(k, 'getsockopt', fd, (sk) => {
    const value = known(sk, optname);
    if (optname === 'SO_ERROR') noteError(k, sk, -value);
    return value;
  });
}

/** sendmsg(): the number of bytes sent, or a negative error number. */
export function sendmsg(k: Context, fd: number, request: SendRequest): Code<number> {
  return socketCall(k, 'sendmsg', fd, (sk) => netlink_sendmsg(k, sk, request));
}

/** sendto(): without a name, to the connected port. `data` is the message's beginning. */
export function sendto(
  k: Context,
  fd: number,
  len: number,
  flags: number,
  name?: sockaddr_nl,
  data?: Uint8Array,
): Code<number> {
  const request = { len, flags, ...(name && { name }), ...(data && { data }) };
  return socketCall(k, 'sendto', fd, (sk) => netlink_sendmsg(k, sk, request));
}

/** Multicast first, if there is a group; then always the unicast, whose result counts. */
function* netlink_sendmsg(k: Context, sk: NetlinkSock, request: SendRequest): Code<number> {
  const { costs } = k.machine;
  const stack = netlinkOf(k.machine);
  yield* might_sleep(k, 'netlink_sendmsg');
  yield k.step(sk, costs.skb);
  const send = netlink_prepare_send(sk, callerOf(k), request);
  if (typeof send === 'number') return send;
  spendCopy(k, request.len);
  if (send.group !== 0) {
    yield k.step(sk, costs.netlink_send);
    const members = [...stack.netlink.table(sk.sk_protocol).mc_list];
    if (stack.delivers(members, () => netlink_send_multicast(sk, send))) yield* yield_(k);
  }
  const nonblock = (request.flags & uapi.MSG_DONTWAIT) !== 0;
  return yield* netlink_unicast(k, sk, send.skb, send.portid, nonblock);
}

/** struct msghdr of a receiver. */
export interface msghdr {
  /** Room for a message, in bytes. */
  readonly size: number;
  /** What came, once recvmsg has returned a length. */
  received: Received | null;
}

/** recvmsg(): the length of one message, or a negative error number. */
export function recvmsg(k: Context, fd: number, msg: msghdr, flags: number): Code<number> {
  return socketCall(k, 'recvmsg', fd, (sk) => netlink_recvmsg(k, sk, msg, flags));
}

/** recvfrom(), and with it recv(). */
export function recvfrom(k: Context, fd: number, msg: msghdr, flags: number): Code<number> {
  return socketCall(k, 'recvfrom', fd, (sk) => netlink_recvmsg(k, sk, msg, flags));
}

function* netlink_recvmsg(k: Context, sk: NetlinkSock, msg: msghdr, flags: number): Code<number> {
  if ((flags & uapi.MSG_OOB) !== 0) return -errno.EOPNOTSUPP;
  yield* might_sleep(k, 'netlink_recvmsg');
  yield k.step(sk, k.machine.costs.netlink_recv);
  const got = yield* skb_recv_datagram(k, sk, flags);
  const received = netlink_finish_recv(sk, got, msg.size, flags);
  if (typeof received === 'number') {
    noteError(k, sk, received);
    return received;
  }
  msg.received = received;
  spendCopy(k, received.placed);
  noteReceive(k, sk, received);
  return received.result;
}

/** A message, or a negative error number: -EAGAIN when the time is over. */
function* skb_recv_datagram(k: Context, sk: NetlinkSock, flags: number): Code<SkBuff | number> {
  const nonblock = (flags & uapi.MSG_DONTWAIT) !== 0;
  let timeo = sock_jiffies(k, options.sock_rcvtimeo(sk, nonblock));
  for (;;) {
    const got = skb_try_recv(sk, flags);
    if (got !== -errno.EAGAIN || timeo === 0) return got;
    const waited = yield* wait_for_more_packets(k, sk, timeo);
    if (waited < 0) return waited;
    timeo = waited;
  }
}

/** Sleeps behind earlier readers; the jiffies left, or a negative error number. */
function* wait_for_more_packets(k: Context, sk: NetlinkSock, timeo: number): Code<number> {
  const { readers } = netlinkOf(k.machine).state(sk);
  const entry = new WaitEntry(k.current, receiver_wake_function);
  prepare_to_wait_exclusive(k, readers, entry, TASK_INTERRUPTIBLE);
  yield k.step(sk, k.machine.costs.access);
  let left = sock_error(sk);
  if (left === 0) {
    if (sk.sk_receive_queue.length > 0) left = timeo;
    else if (signal_pending(k.current)) left = sock_intr_errno(timeo);
    else left = yield* schedule_timeout(k, timeo);
  }
  finish_wait(k, entry);
  return left;
}

/** Not every wake-up of the queue is for readers: it also carries those of pollers. */
function receiver_wake_function(entry: WaitEntry, waker: Cpu, mode: number, key: number): boolean {
  if (key !== 0 && (key & (uapi.EPOLLIN | uapi.EPOLLERR)) === 0) return false;
  return autoremove_wake_function(entry, waker, mode);
}

/** Who gets ENOBUFS has been told that messages were lost. */
function noteError(k: Context, sk: NetlinkSock, error: number): void {
  if (error !== -errno.ENOBUFS || !k.machine.trace.on) return;
  k.machine.tell(k.cpu, HOOK.queue_drops, netlinkOf(k.machine).state(sk).text);
}

function noteReceive(k: Context, sk: NetlinkSock, { result, placed, from, skb }: Received): void {
  const stack = netlinkOf(k.machine);
  stack.stats.received++;
  if (!k.machine.trace.on) return;
  const { text } = stack.state(sk);
  k.cpu.emit(EV.netlinkReceive, text, result, from.nl_pid, placed, skb);
}
