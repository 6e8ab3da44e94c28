/*
 * The state of AF_NETLINK: struct netlink_sock and struct netlink_table of
 * net/netlink/af_netlink.h, and all protocols of one machine. The rules are in the files beside.
 *
 * Nothing here blocks or wakes: a socket's three callbacks tell the machine whom to wake.
 */
import type { SocketLimits } from '../../sysctl.ts';
import type { SkbMemory, SkbOwner, SkBuff } from '../skb.ts';
import { SkbQueue } from '../skb-queue.ts';
import type { NetlinkEra, NetlinkFlagName } from './era.ts';
import type { NlmsgAt } from './nlmsg.ts';
import { MAX_LINKS, NETLINK_USERSOCK, type ucred } from './uapi.ts';

/** The task that makes a call, as netlink looks at it. */
export interface NetlinkCaller {
  /** Thread id and process id. */
  readonly pid: number;
  readonly tgid: number;
  readonly uid: number;
  readonly gid: number;
  /** CAP_NET_ADMIN. */
  readonly net_admin: boolean;
}

/** Leave for users without privilege: NL_CFG_F_NONROOT_RECV and NL_CFG_F_NONROOT_SEND. */
export interface NonrootLeave {
  readonly recv?: boolean;
  readonly send?: boolean;
}

/** A timeout that never ends, in ns. */
export const MAX_SCHEDULE_TIMEOUT = Number.MAX_SAFE_INTEGER;

/** NETLINK_CB(skb): who sent a message, and to which group. */
export interface netlink_skb_parms {
  portid: number;
  /** The group's number, or the mask of groups where the era has masks. */
  dst_group: number;
  creds: ucred;
  /** The sending socket, for messages to the kernel. */
  sk: NetlinkSock | null;
}

const kernelCreds: ucred = { pid: 0, uid: 0, gid: 0 };

export function NETLINK_CB(skb: SkBuff): netlink_skb_parms {
  skb.cb ??= { portid: 0, dst_group: 0, creds: kernelCreds, sk: null };
  return skb.cb as netlink_skb_parms;
}

/** A kernel socket's receiver; what it returns goes to the caller of `netlink_call_input`. */
export type NetlinkInput = (skb: SkBuff) => unknown;
/** The same in 2.4, where the message waits in the socket's queue. */
export type NetlinkDataReady = (sk: NetlinkSock, len: number) => unknown;

/** struct netlink_dump_control. */
export interface NetlinkDumpControl {
  /**
   * Puts messages with NLM_F_MULTI into the buffer. Positive: call again; 0: that was all;
   * negative: an error number, for NLMSG_DONE.
   */
  readonly dump: (skb: SkBuff, cb: NetlinkCallback) => number;
  readonly done?: (cb: NetlinkCallback) => void;
  /** Least size of a buffer in bytes. */
  readonly min_dump_alloc?: number;
}

/** struct netlink_callback: a dump under way on the asking socket. */
export interface NetlinkCallback {
  readonly control: NetlinkDumpControl;
  /** The request; the dump holds a reference. */
  readonly skb: SkBuff;
  readonly nlh: NlmsgAt;
  /** For the dump function, to know where it stopped. */
  readonly args: number[];
  /** Result of the last call of `dump`; positive while there may be more. */
  result: number;
}

/** A classic socket filter: how many bytes of the message to keep, 0 to drop it. */
export type SocketFilter = (skb: SkBuff) => number;

export class NetlinkSock implements SkbOwner {
  readonly netlink: Netlink;
  /** Number of the network namespace. */
  readonly net: number;
  readonly sk_protocol: number;
  readonly sk_type: number;
  readonly isKernel: boolean;

  /** Port; only `bound` tells whether it is really this socket's. */
  portid = 0;
  /** In the protocol's table, under `portid`. */
  hashed = false;
  dst_portid = 0;
  dst_group = 0;
  connected = false;
  /** Member of group g iff bit (g - 1) % 32 of word (g - 1) / 32; empty until first needed. */
  groups: number[] = [];
  /** How many groups the socket can join so far. */
  ngroups = 0;
  subscriptions = 0;

  sk_rcvbuf: number;
  sk_sndbuf: number;
  /** Sum of the truesizes that are queued here. */
  sk_rmem_alloc = 0;
  readonly sk_wmem_alloc = 0;
  sk_err = 0;
  /** Messages lost in overruns (no kernel before 2.6.30 shows it). */
  sk_drops = 0;
  /** NETLINK_S_CONGESTED: refuses everything until it is read empty. */
  congested = false;
  /** SOCK_DEAD: closed. */
  dead = false;
  /** SO_SNDTIMEO and SO_RCVTIMEO in ns. */
  sk_sndtimeo = MAX_SCHEDULE_TIMEOUT;
  sk_rcvtimeo = MAX_SCHEDULE_TIMEOUT;
  sk_filter: SocketFilter | null = null;
  readonly flags = new Set<NetlinkFlagName | 'NETLINK_NO_ENOBUFS'>();
  readonly sk_receive_queue = new SkbQueue();

  input: NetlinkInput | null = null;
  data_ready: NetlinkDataReady | null = null;
  /** The dump under way. */
  cb: NetlinkCallback | null = null;
  max_recvmsg_len = 0;

  /** A message was queued, about which nobody was told yet. */
  queued: (skb: SkBuff) => void = () => {};
  /** A message was queued: wake readers and pollers with `readableKey`. */
  sk_data_ready: (sk: NetlinkSock) => void = () => {};
  /** An error is pending: wake readers and pollers with `errorKey`. */
  sk_error_report: (sk: NetlinkSock) => void = () => {};
  /** wake_up_interruptible(&nlk->wait): all blocked senders look again. */
  wakeSenders: (sk: NetlinkSock) => void = () => {};

  constructor(netlink: Netlink, net: number, protocol: number, type: number, isKernel: boolean) {
    this.netlink = netlink;
    this.net = net;
    this.sk_protocol = protocol;
    this.sk_type = type;
    this.isKernel = isKernel;
    this.sk_rcvbuf = netlink.limits.rmem_default;
    this.sk_sndbuf = netlink.limits.wmem_default;
  }

  get bound(): boolean {
    return this.hashed && this.portid !== 0;
  }

  hasGroup(group: number): boolean {
    const word = this.groups[(group - 1) >>> 5];
    return word !== undefined && (word & (1 << ((group - 1) & 31))) !== 0;
  }
}

class NetlinkTable {
  /** Kernel sockets of this protocol, over all namespaces. */
  registered = 0;
  groups = 0;
  nonroot: NonrootLeave = {};
  /** Bound sockets by namespace and port. */
  readonly hash = new Map<number, Map<number, NetlinkSock>>();
  /** The sockets that a broadcast visits, in its order. */
  readonly mc_list: NetlinkSock[] = [];
}

/** AF_NETLINK of one machine. */
export class Netlink {
  readonly era: NetlinkEra;
  readonly limits: SocketLimits;
  readonly memory: SkbMemory;
  readonly tables: readonly NetlinkTable[];
  /** The static rover of netlink_autobind, where the era has one. */
  rover = -4097;
  /** get_random_u32_below. */
  readonly randomBelow: (ceiling: number) => number;

  /** `limits`: net.core.rmem_max and the like, which may change; the era's if left out. */
  constructor(
    era: NetlinkEra,
    memory: SkbMemory,
    randomBelow: (ceiling: number) => number,
    limits: SocketLimits = era,
  ) {
    this.era = era;
    this.limits = limits;
    this.memory = memory;
    this.randomBelow = randomBelow;
    this.tables = Array.from({ length: MAX_LINKS }, () => new NetlinkTable());
    if (!era.opensUnregistered) this.addUsersockEntry();
  }

  /** netlink_add_usersock_entry: the protocol of users among themselves has no kernel socket. */
  private addUsersockEntry(): void {
    const table = this.table(NETLINK_USERSOCK);
    table.registered = 1;
    table.groups = 32;
    table.nonroot = { send: true };
  }

  table(protocol: number): NetlinkTable {
    const table = this.tables[protocol];
    if (table === undefined) throw new RangeError(`no netlink protocol ${protocol}`);
    return table;
  }
}
