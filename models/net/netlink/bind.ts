/*
 * Names and groups of a netlink socket: bind, connect, getsockname, getpeername, membership
 * (net/netlink/af_netlink.c: netlink_bind, netlink_connect, netlink_getname,
 * netlink_update_socket_mc).
 */
import { errno } from '../../errno.ts';
import type { NetlinkCaller, NetlinkSock } from './af_netlink.ts';
import {
  netlink_allowed,
  netlink_autobind,
  netlink_insert,
  netlink_update_subscriptions,
} from './table.ts';
import { isNetlinkAddress, type sockaddr_nl } from './uapi.ts';

/** AF_UNSPEC. */
const unspecified = 0;

/** Gives the socket room for the protocol's groups, which only a registered protocol has. */
function netlink_realloc_groups(sk: NetlinkSock): number {
  const { era } = sk.netlink;
  const table = sk.netlink.table(sk.sk_protocol);
  if (era.groups === 'number' && table.registered === 0) return -errno.ENOENT;
  sk.ngroups = Math.max(sk.ngroups, era.groups === 'mask' ? 32 : table.groups);
  while (sk.groups.length * 32 < sk.ngroups) sk.groups.push(0);
  return 0;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}

/** bind(): port 0 asks for any; a bound socket can only change its groups. */
export function netlink_bind(sk: NetlinkSock, caller: NetlinkCaller, addr: sockaddr_nl): number {
  if (!isNetlinkAddress(addr)) return -errno.EINVAL;
  const { nl_pid, nl_groups } = addr;
  if (nl_groups !== 0) {
    if (!netlink_allowed(sk, caller, 'recv')) return -errno.EPERM;
    const error = netlink_realloc_groups(sk);
    if (error !== 0) return error;
  }
  if (sk.bound) {
    if (nl_pid !== sk.portid) return -errno.EINVAL;
  } else {
    const error = nl_pid === 0 ? netlink_autobind(sk, caller) : netlink_insert(sk, nl_pid);
    if (error !== 0) return error;
  }
  const before = sk.groups[0] ?? 0;
  if (nl_groups === 0 && before === 0) return 0;
  netlink_update_subscriptions(sk, sk.subscriptions + bitCount(nl_groups) - bitCount(before));
  sk.groups[0] = nl_groups >>> 0;
  return 0;
}

/** connect(): stores a default destination without looking whether it exists. */
export function netlink_connect(sk: NetlinkSock, caller: NetlinkCaller, addr: sockaddr_nl): number {
  if (addr.nl_family === unspecified) {
    sk.connected = false;
    sk.dst_portid = 0;
    sk.dst_group = 0;
    return 0;
  }
  if (!isNetlinkAddress(addr)) return -errno.EINVAL;
  if (needsSendLeave(sk, addr) && !netlink_allowed(sk, caller, 'send')) return -errno.EPERM;
  const error = sk.bound ? 0 : netlink_autobind(sk, caller);
  if (error !== 0) return error;
  sk.connected = true;
  sk.dst_portid = addr.nl_pid;
  sk.dst_group = destinationGroup(sk, addr.nl_groups);
  return 0;
}

/** Whether sending to this address asks for leave or privilege. */
export function needsSendLeave(sk: NetlinkSock, addr: sockaddr_nl): boolean {
  return addr.nl_groups !== 0 || (addr.nl_pid !== 0 && sk.netlink.era.unicastNeedsLeave);
}

/** What counts of a mask of groups: all of it in 2.4, later its lowest group's number. */
export function destinationGroup(sk: NetlinkSock, groups: number): number {
  return sk.netlink.era.groups === 'mask' ? groups >>> 0 : ffs(groups);
}

function ffs(mask: number): number {
  return mask === 0 ? 0 : 32 - Math.clz32(mask & -mask);
}

/** The mask that user space sees for a destination group; groups above 32 have none. */
export function netlink_group_mask(sk: NetlinkSock, group: number): number {
  if (sk.netlink.era.groups === 'mask') return group;
  return group === 0 ? 0 : (1 << (group - 1)) >>> 0;
}

/** getsockname(), or getpeername() with `peer`. */
export function netlink_getname(sk: NetlinkSock, peer: boolean): sockaddr_nl {
  return peer
    ? { nl_pid: sk.dst_portid, nl_groups: netlink_group_mask(sk, sk.dst_group) }
    : { nl_pid: sk.portid, nl_groups: sk.groups[0] ?? 0 };
}

/** NETLINK_ADD_MEMBERSHIP and NETLINK_DROP_MEMBERSHIP of one group. */
export function netlink_change_membership(
  sk: NetlinkSock,
  caller: NetlinkCaller,
  group: number,
  join: boolean,
): number {
  if (!netlink_allowed(sk, caller, 'recv')) return -errno.EPERM;
  const error = netlink_realloc_groups(sk);
  if (error !== 0) return error;
  if (group < 1 || group > sk.ngroups) return -errno.EINVAL;
  const member = sk.hasGroup(group);
  netlink_update_subscriptions(sk, sk.subscriptions - Number(member) + Number(join));
  const word = (group - 1) >>> 5;
  const bit = 1 << ((group - 1) & 31);
  const mask = sk.groups[word] ?? 0;
  sk.groups[word] = (join ? mask | bit : mask & ~bit) >>> 0;
  return 0;
}
