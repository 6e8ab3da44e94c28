/*
 * What differs in AF_NETLINK between kernel versions, as far as it shows from outside. One
 * record per preset; the models ask the record and never compare version numbers.
 *
 * Sources: net/netlink/af_netlink.c of 2.4.0, 2.6.24, 6.1.192 and a kernel of 2026, and
 * recordings on 6.18. Values marked (assumed) could not be read or measured.
 */
import type { SkbGeometry } from '../skb.ts';
import { alignedGeometry, slabGeometry } from './truesize.ts';

export type NetlinkFlagName = 'NETLINK_PKTINFO' | 'NETLINK_BROADCAST_ERROR' | 'NETLINK_CAP_ACK';
export type NetlinkOptionName =
  | NetlinkFlagName
  | 'NETLINK_ADD_MEMBERSHIP'
  | 'NETLINK_DROP_MEMBERSHIP'
  | 'NETLINK_NO_ENOBUFS'
  | 'NETLINK_LIST_MEMBERSHIPS';

export interface NetlinkEra {
  readonly name: string;
  /**
   * A receiver has room if its charge before the message is within sk_rcvbuf, or if the sum is
   * (an empty receiver then takes any one message).
   */
  readonly roomTest: 'beforeAdding' | 'afterAdding';
  readonly geometry: SkbGeometry;
  /** Buffer sizes in bytes: defaults, limits of SO_RCVBUF and SO_SNDBUF, least values. */
  readonly rmem_default: number;
  readonly wmem_default: number;
  readonly rmem_max: number;
  readonly wmem_max: number;
  readonly minRcvbuf: number;
  readonly minSndbuf: number;
  /**
   * The port of an unbound socket: `pid`: the thread's id, else from -4097 down; `staticRover`:
   * the process id, else one rover for all from -4097 down; `randomStart`: the process id, else
   * down from a random negative number.
   */
  readonly autobind: 'pid' | 'staticRover' | 'randomStart';
  /** netlink_insert leaves a port that was in use in the unbound socket's name. */
  readonly keepsRefusedPort: boolean;
  /**
   * How a kernel socket gets a message: queued, then data_ready(sk, len); or as input(skb).
   */
  readonly input: 'queue' | 'call';
  /**
   * `mask`: a message goes to all sockets that share a bit with it, last bound first. `number`:
   * to the members of its lowest group, last joined first.
   */
  readonly groups: 'mask' | 'number';
  /** A user socket of a protocol that no kernel socket registered may be opened. */
  readonly opensUnregistered: boolean;
  /** A connected socket refuses messages from others than its peer. */
  readonly connectFilters: boolean;
  /** Sending to a user's port, not only to a group, needs the protocol's leave or privilege. */
  readonly unicastNeedsLeave: boolean;
  /** Sending nothing is refused with -ENODATA. */
  readonly refusesEmpty: boolean;
  /** Socket filters see netlink messages. */
  readonly filters: boolean;
  /** recvmsg with MSG_TRUNC returns the full length. */
  readonly truncReturnsLength: boolean;
  /** SOL_NETLINK options; none at all means -EOPNOTSUPP. */
  readonly options: readonly NetlinkOptionName[];
  /** A broadcast yields when a receiver is filled beyond this part of sk_rcvbuf. */
  readonly yieldsAbove: 0.5 | 1;
  /**
   * What follows the error number in NLMSG_ERROR: the request's header only; for errors the
   * whole request; the same, with NLM_F_CAPPED set where it is not whole.
   */
  readonly acks: 'header' | 'request' | 'flagged';
  /** `goodsize`: fixed buffers, errors unseen. `sized`: as large as the reader's, errors kept. */
  readonly dump: 'goodsize' | 'sized';
  /** NLMSG_GOODSIZE in bytes. */
  readonly goodsize: number;
}

const linux24: NetlinkEra = {
  name: 'linux-2.4.27',
  roomTest: 'beforeAdding',
  // i386: 32-byte cache line and sk_buff of 160 bytes (both assumed); the defaults and the
  // limit follow from it as 256 * (sizeof(struct sk_buff) + 256).
  geometry: alignedGeometry(32, 160),
  rmem_default: 106496,
  wmem_default: 106496,
  rmem_max: 106496,
  wmem_max: 106496,
  minRcvbuf: 256,
  minSndbuf: 2048,
  autobind: 'pid',
  keepsRefusedPort: false,
  input: 'queue',
  groups: 'mask',
  opensUnregistered: true,
  connectFilters: false,
  unicastNeedsLeave: false,
  refusesEmpty: false,
  filters: false,
  truncReturnsLength: false,
  options: [],
  yieldsAbove: 1,
  acks: 'header',
  dump: 'goodsize',
  goodsize: 3936,
};

const linux2624: NetlinkEra = {
  ...linux24,
  name: 'linux-2.6.24',
  // x86-64; sk_buff of 232 bytes as in 2.6.32 (assumed).
  geometry: alignedGeometry(64, 232),
  rmem_default: 124928,
  wmem_default: 124928,
  rmem_max: 131071,
  wmem_max: 131071,
  autobind: 'staticRover',
  input: 'call',
  groups: 'number',
  connectFilters: true,
  truncReturnsLength: true,
  options: ['NETLINK_ADD_MEMBERSHIP', 'NETLINK_DROP_MEMBERSHIP', 'NETLINK_PKTINFO'],
  goodsize: 3776,
};

const linux2632: NetlinkEra = {
  ...linux2624,
  name: 'linux-2.6.32',
  filters: true,
  acks: 'request',
  options: [...linux2624.options, 'NETLINK_BROADCAST_ERROR', 'NETLINK_NO_ENOBUFS'],
};

const linux61: NetlinkEra = {
  ...linux2632,
  name: 'linux-6.1',
  // 6.1.192: the change that tests the sum came to the stable kernels in 2025.
  roomTest: 'afterAdding',
  geometry: slabGeometry(0),
  rmem_default: 212992,
  wmem_default: 212992,
  rmem_max: 212992,
  wmem_max: 212992,
  minRcvbuf: 2304,
  minSndbuf: 4608,
  autobind: 'randomStart',
  keepsRefusedPort: true,
  opensUnregistered: false,
  unicastNeedsLeave: true,
  refusesEmpty: true,
  options: [...linux2632.options, 'NETLINK_LIST_MEMBERSHIPS', 'NETLINK_CAP_ACK'],
  yieldsAbove: 0.5,
  acks: 'flagged',
  dump: 'sized',
};

const linux612: NetlinkEra = {
  ...linux61,
  name: 'linux-6.12',
  // The small head is 576 bytes where MAX_TCP_HEADER is 256, which depends on the configuration.
  geometry: slabGeometry(576),
};

/** As recorded: 6.18.44 with net.core.rmem_max and wmem_max of 4194304. */
const linux618: NetlinkEra = {
  ...linux612,
  name: 'linux-6.18',
  rmem_max: 4194304,
  wmem_max: 4194304,
};

export const netlinkEras = {
  'linux-2.4.27': linux24,
  'linux-2.6.24': linux2624,
  'linux-2.6.32': linux2632,
  'linux-6.1': linux61,
  'linux-6.12': linux612,
  'linux-6.18': linux618,
} as const satisfies Record<string, NetlinkEra>;
