/*
 * Numbers and shapes that AF_NETLINK shares with user space: include/uapi/linux/netlink.h,
 * linux/socket.h and asm-generic/poll.h.
 */
export const AF_NETLINK = 16;
export const SOCK_RAW = 3;
export const SOCK_DGRAM = 2;
/** Number of netlink protocols. */
export const MAX_LINKS = 32;
export const NETLINK_USERSOCK = 2;

export const MSG_OOB = 0x01;
export const MSG_PEEK = 0x02;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLRDNORM = 0x040;
export const EPOLLRDBAND = 0x080;
export const EPOLLWRNORM = 0x100;
export const EPOLLWRBAND = 0x200;
export const EPOLLPRI = 0x002;

/** struct sockaddr_nl. Family and length are written out only when they are wrong. */
export interface sockaddr_nl {
  /** Port, an unsigned 32-bit number; 0 is the kernel. */
  readonly nl_pid: number;
  /** Mask of the groups 1 to 32. */
  readonly nl_groups: number;
  readonly nl_family?: number;
  /** Length of the address in bytes, 12 when absent. */
  readonly length?: number;
}

/** Whether an address is long enough and of the right family. */
export function isNetlinkAddress(addr: sockaddr_nl): boolean {
  return (addr.length ?? 12) >= 12 && (addr.nl_family ?? AF_NETLINK) === AF_NETLINK;
}

/** struct ucred: who sent a message. */
export interface ucred {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}
