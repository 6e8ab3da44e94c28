/*
 * Socket options: SOL_NETLINK (net/netlink/af_netlink.c: netlink_setsockopt,
 * netlink_getsockopt) and those of SOL_SOCKET that change what netlink does (net/core/sock.c).
 */
import { errno } from '../../errno.ts';
import { MAX_SCHEDULE_TIMEOUT, type NetlinkCaller, type NetlinkSock } from './af_netlink.ts';
import { netlink_change_membership } from './bind.ts';
import type { NetlinkOptionName } from './era.ts';
import { sock_error } from './socket.ts';
import { AF_NETLINK } from './uapi.ts';

/** The largest int, halved: what a buffer option is doubled from at most. */
const halfMaxInt = 0x3fffffff;

/** SO_RCVBUF, SO_SNDBUF and their FORCE variants: the size that `val` asks for. */
function bufferSize(val: number, limit: number, least: number, force: boolean): number {
  const wanted = force ? Math.min(Math.max(val, 0), halfMaxInt) : Math.min(val >>> 0, limit);
  return Math.max(wanted * 2, least);
}

/**
 * setsockopt of SOL_SOCKET with an int. Changing a buffer size wakes nobody and drops nothing.
 */
export function sock_setsockopt(
  sk: NetlinkSock,
  caller: NetlinkCaller,
  optname: string,
  val: number,
  optlen = 4,
): number {
  const { era, limits } = sk.netlink;
  if (optlen < 4) return -errno.EINVAL;
  const force = optname.endsWith('FORCE');
  if (force && !caller.net_admin) return -errno.EPERM;
  switch (optname) {
    case 'SO_RCVBUF':
    case 'SO_RCVBUFFORCE':
      sk.sk_rcvbuf = bufferSize(val, limits.rmem_max, era.minRcvbuf, force);
      return 0;
    case 'SO_SNDBUF':
    case 'SO_SNDBUFFORCE':
      sk.sk_sndbuf = bufferSize(val, limits.wmem_max, era.minSndbuf, force);
      return 0;
    default:
      return -errno.ENOPROTOOPT;
  }
}

const secondNs = 1_000_000_000;

/** SO_SNDTIMEO and SO_RCVTIMEO: a struct timeval; zero means for ever, negative not at all. */
export function sock_set_timeout(
  sk: NetlinkSock,
  optname: 'SO_SNDTIMEO' | 'SO_RCVTIMEO',
  tv: { tv_sec: number; tv_usec: number },
  optlen = 16,
): number {
  const { tv_sec, tv_usec } = tv;
  if (optlen < 16) return -errno.EINVAL;
  if (tv_usec < 0 || tv_usec >= 1_000_000) return -errno.EDOM;
  const asked = tv_sec < 0 ? 0 : tv_sec * secondNs + tv_usec * 1000;
  const forever = (tv_sec === 0 && tv_usec === 0) || asked >= MAX_SCHEDULE_TIMEOUT;
  const timeo = forever ? MAX_SCHEDULE_TIMEOUT : asked;
  if (optname === 'SO_SNDTIMEO') sk.sk_sndtimeo = timeo;
  else sk.sk_rcvtimeo = timeo;
  return 0;
}

/** sock_sndtimeo: how long a send may wait, in ns. */
export function sock_sndtimeo(sk: NetlinkSock, nonblock: boolean): number {
  return nonblock ? 0 : sk.sk_sndtimeo;
}

/** sock_rcvtimeo: how long a receive may wait, in ns. */
export function sock_rcvtimeo(sk: NetlinkSock, nonblock: boolean): number {
  return nonblock ? 0 : sk.sk_rcvtimeo;
}

/** getsockopt of SOL_SOCKET; a value, or a negative error number. SO_ERROR takes the error. */
export function sock_getsockopt(sk: NetlinkSock, optname: string): number {
  switch (optname) {
    case 'SO_RCVBUF':
      return sk.sk_rcvbuf;
    case 'SO_SNDBUF':
      return sk.sk_sndbuf;
    case 'SO_TYPE':
      return sk.sk_type;
    case 'SO_PROTOCOL':
      return sk.sk_protocol;
    case 'SO_DOMAIN':
      return AF_NETLINK;
    case 'SO_ERROR':
      return Math.abs(sock_error(sk));
    default:
      return -errno.ENOPROTOOPT;
  }
}

function offers(sk: NetlinkSock, optname: string): optname is NetlinkOptionName {
  return (sk.netlink.era.options as readonly string[]).includes(optname);
}

function unknownOption(sk: NetlinkSock): number {
  return sk.netlink.era.options.length === 0 ? -errno.EOPNOTSUPP : -errno.ENOPROTOOPT;
}

/** setsockopt of SOL_NETLINK. A value shorter than an int counts as 0. */
export function netlink_setsockopt(
  sk: NetlinkSock,
  caller: NetlinkCaller,
  optname: string,
  optval: number,
  optlen = 4,
): number {
  if (!offers(sk, optname)) return unknownOption(sk);
  const val = optlen < 4 ? 0 : optval;
  switch (optname) {
    case 'NETLINK_LIST_MEMBERSHIPS':
      return -errno.ENOPROTOOPT;
    case 'NETLINK_ADD_MEMBERSHIP':
    case 'NETLINK_DROP_MEMBERSHIP':
      return netlink_change_membership(sk, caller, val, optname === 'NETLINK_ADD_MEMBERSHIP');
    case 'NETLINK_NO_ENOBUFS':
      if (val !== 0) {
        sk.congested = false;
        sk.wakeSenders(sk);
      }
      break;
    default:
      break;
  }
  if (val !== 0) sk.flags.add(optname);
  else sk.flags.delete(optname);
  return 0;
}

/** getsockopt of SOL_NETLINK for the options that are on or off. */
export function netlink_getsockopt(sk: NetlinkSock, optname: string): number {
  if (!offers(sk, optname)) return unknownOption(sk);
  switch (optname) {
    case 'NETLINK_ADD_MEMBERSHIP':
    case 'NETLINK_DROP_MEMBERSHIP':
    case 'NETLINK_LIST_MEMBERSHIPS':
      return -errno.ENOPROTOOPT;
    default:
      return Number(sk.flags.has(optname));
  }
}

/** NETLINK_LIST_MEMBERSHIPS: the groups as 32-bit masks, lowest first. */
export function netlink_list_memberships(sk: NetlinkSock): readonly number[] {
  return sk.groups;
}
