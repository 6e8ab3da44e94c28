/*
 * nl_table of net/netlink/af_netlink.c: for each protocol the bound sockets of every network
 * namespace, the members of multicast groups in the order of delivery, and the registration by
 * kernel sockets. Also the life of a socket: netlink_create to netlink_release.
 */
import { errno } from '../../errno.ts';
import {
  type Netlink,
  type NetlinkCaller,
  type NetlinkDataReady,
  type NetlinkInput,
  NetlinkSock,
  type NonrootLeave,
} from './af_netlink.ts';
import type { NetlinkEra } from './era.ts';
import { netlink_end_dump } from './socket.ts';
import { MAX_LINKS, SOCK_DGRAM, SOCK_RAW } from './uapi.ts';

/** struct netlink_kernel_cfg. `data_ready` is the input of 2.4, `input` that of later kernels. */
export interface NetlinkKernelCfg {
  /** Number of multicast groups, at least 32. */
  readonly groups?: number;
  readonly nonroot?: NonrootLeave;
  readonly input?: NetlinkInput;
  readonly data_ready?: NetlinkDataReady;
}

/** netlink_lookup: the socket bound to a port of the namespace; port 0 is the kernel's. */
export function netlink_lookup(
  netlink: Netlink,
  net: number,
  protocol: number,
  portid: number,
): NetlinkSock | null {
  return netlink.table(protocol).hash.get(net)?.get(portid) ?? null;
}

/** socket(AF_NETLINK, type, protocol): a new socket or a negative error number. */
export function netlink_create(
  netlink: Netlink,
  net: number,
  type: number,
  protocol: number,
): NetlinkSock | number {
  if (type !== SOCK_RAW && type !== SOCK_DGRAM) return -errno.ESOCKTNOSUPPORT;
  if (protocol < 0 || protocol >= MAX_LINKS) return -errno.EPROTONOSUPPORT;
  const { registered } = netlink.table(protocol);
  if (registered === 0 && !netlink.era.opensUnregistered) return -errno.EPROTONOSUPPORT;
  return new NetlinkSock(netlink, net, protocol, type, false);
}

/** The kernel's end of a protocol in one namespace; null if the unit is wrong or taken. */
export function netlink_kernel_create(
  netlink: Netlink,
  net: number,
  unit: number,
  cfg: NetlinkKernelCfg = {},
): NetlinkSock | null {
  if (unit < 0 || unit >= MAX_LINKS) return null;
  const sk = new NetlinkSock(netlink, net, unit, SOCK_DGRAM, true);
  sk.input = cfg.input ?? null;
  sk.data_ready = cfg.data_ready ?? null;
  if (netlink_insert(sk, 0) !== 0) return null;
  const table = netlink.table(unit);
  if (table.registered++ === 0) {
    table.groups = Math.max(32, cfg.groups ?? 0);
    table.nonroot = cfg.nonroot ?? {};
  }
  return sk;
}

/** Gives a socket its port. -EADDRINUSE, or -EBUSY if it was bound to another one meanwhile. */
export function netlink_insert(sk: NetlinkSock, portid: number): number {
  const { netlink, net, sk_protocol } = sk;
  if (sk.bound) return sk.portid === portid ? 0 : -errno.EBUSY;
  if (netlink.era.keepsRefusedPort) sk.portid = portid;
  if (netlink_lookup(netlink, net, sk_protocol, portid) !== null) return -errno.EADDRINUSE;
  const table = netlink.table(sk_protocol);
  const ports = table.hash.get(net) ?? new Map<number, NetlinkSock>();
  table.hash.set(net, ports.set(portid, sk));
  sk.portid = portid;
  sk.hashed = true;
  if (netlink.era.groups === 'mask') table.mc_list.unshift(sk);
  return 0;
}

/** A port for a socket that has none: the caller's id, or the next free negative number. */
export function netlink_autobind(sk: NetlinkSock, caller: NetlinkCaller): number {
  const { netlink, net, sk_protocol } = sk;
  const nextRover = rovers[netlink.era.autobind](netlink);
  let portid = netlink.era.autobind === 'pid' ? caller.pid : caller.tgid;
  while (netlink_lookup(netlink, net, sk_protocol, portid >>> 0) !== null) portid = nextRover();
  const error = netlink_insert(sk, portid >>> 0);
  return error === -errno.EBUSY ? 0 : error;
}

/** How each era walks the negative ports once the id is taken; all stay at or below -4097. */
const rovers: Record<NetlinkEra['autobind'], (netlink: Netlink) => () => number> = {
  pid: () => descending(-4097),
  staticRover: (netlink) => () => {
    const portid = netlink.rover;
    netlink.rover = below(portid);
    return portid;
  },
  randomStart: (netlink) => {
    let next: (() => number) | null = null;
    return () => (next ??= descending(lowest + netlink.randomBelow(-4096 - lowest)))();
  },
};

/** S32_MIN. */
const lowest = -0x80000000;

function below(portid: number): number {
  return portid === lowest ? -4097 : portid - 1;
}

function descending(start: number): () => number {
  let rover = start;
  return () => {
    const portid = rover;
    rover = below(rover);
    return portid;
  };
}

/** netlink_allowed: the protocol's leave for everyone, or privilege. */
export function netlink_allowed(
  sk: NetlinkSock,
  caller: NetlinkCaller,
  what: keyof NonrootLeave,
): boolean {
  return caller.net_admin || sk.netlink.table(sk.sk_protocol).nonroot[what] === true;
}

/** Keeps the list of members: a socket is in it while it has at least one group. */
export function netlink_update_subscriptions(sk: NetlinkSock, subscriptions: number): void {
  const { mc_list } = sk.netlink.table(sk.sk_protocol);
  if (sk.netlink.era.groups === 'number') {
    if (sk.subscriptions > 0 && subscriptions === 0) mc_list.splice(mc_list.indexOf(sk), 1);
    else if (sk.subscriptions === 0 && subscriptions > 0) mc_list.unshift(sk);
  }
  sk.subscriptions = subscriptions;
}

/**
 * The last close: the port is free at once, the queue is dropped, a dump ends, and blocked
 * senders look again (to find nobody). Messages that the socket sent stay where they are.
 */
export function netlink_release(sk: NetlinkSock): void {
  const table = sk.netlink.table(sk.sk_protocol);
  if (sk.hashed) table.hash.get(sk.net)?.delete(sk.portid);
  sk.hashed = false;
  const listed = table.mc_list.indexOf(sk);
  if (listed >= 0) table.mc_list.splice(listed, 1);
  sk.subscriptions = 0;
  sk.dead = true;
  sk.wakeSenders(sk);
  netlink_end_dump(sk);
  sk.sk_receive_queue.purge();
  if (sk.isKernel && --table.registered === 0) table.nonroot = {};
}

/** netlink_kernel_release. */
export { netlink_release as netlink_kernel_release };
