/*
 * What the netlink tests share: a machine's AF_NETLINK with distinct random draws, sockets by
 * port, and messages with a number in them.
 */
import {
  Netlink,
  type NetlinkCaller,
  type NetlinkSock,
} from '../../../models/net/netlink/af_netlink.ts';
import { netlink_bind } from '../../../models/net/netlink/bind.ts';
import { type NetlinkEra, netlinkEras } from '../../../models/net/netlink/era.ts';
import { netlink_recvmsg, type Received } from '../../../models/net/netlink/recv.ts';
import { netlink_sendmsg } from '../../../models/net/netlink/send.ts';
import { netlink_create } from '../../../models/net/netlink/table.ts';
import { MSG_DONTWAIT, NETLINK_USERSOCK, SOCK_RAW } from '../../../models/net/netlink/uapi.ts';
import { SkbMemory } from '../../../models/net/skb.ts';

export const root: NetlinkCaller = { pid: 301, tgid: 300, uid: 0, gid: 0, net_admin: true };
export const nobody: NetlinkCaller = { ...root, uid: 65534, gid: 65534, net_admin: false };

export function newNetlink(era: NetlinkEra = netlinkEras['linux-6.18']): Netlink {
  let draws = 0;
  return new Netlink(era, new SkbMemory(era.geometry), () => 1000 * ++draws);
}

/** A user socket bound to `port`, or unbound for port 0. */
export function userSocket(
  netlink: Netlink,
  port = 0,
  groups = 0,
  protocol = NETLINK_USERSOCK,
): NetlinkSock {
  const sk = netlink_create(netlink, 0, SOCK_RAW, protocol);
  if (typeof sk === 'number') throw new Error(`socket: ${sk}`);
  if (port !== 0) {
    const error = netlink_bind(sk, root, { nl_pid: port, nl_groups: groups });
    if (error !== 0) throw new Error(`bind: ${error}`);
  }
  return sk;
}

/** The first four bytes of a message carry `tag`. */
export function tagBytes(tag: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(tag).buffer);
}

export function send(sk: NetlinkSock, port: number, groups: number, len: number, tag = 0): number {
  const name = { nl_pid: port, nl_groups: groups };
  return netlink_sendmsg(sk, root, { name, len, data: tagBytes(tag), flags: MSG_DONTWAIT });
}

export function recv(sk: NetlinkSock, flags = 0): Received | number {
  return netlink_recvmsg(sk, 1_000_000, flags | MSG_DONTWAIT);
}

/** The length of the next message, or a negative error number. */
export function recvLength(sk: NetlinkSock): number {
  const got = recv(sk);
  return typeof got === 'number' ? got : got.result;
}

/** Sends until it fails: how often it worked, and the error. */
export function fillUp(
  sk: NetlinkSock,
  port: number,
  len: number,
): { count: number; error: number } {
  for (let count = 0; ; count++) {
    const result = send(sk, port, 0, len);
    if (result < 0) return { count, error: result };
  }
}
