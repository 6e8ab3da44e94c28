/*
 * Recorded facts of who may do what, and of addresses, options and flags that are wrong. A value
 * names each call in words; the calls are made in that order, on the rules of the sockets alone.
 */
import {
  Netlink,
  type NetlinkCaller,
  type NetlinkSock,
} from '../../models/net/netlink/af_netlink.ts';
import { netlink_bind, netlink_connect, netlink_getname } from '../../models/net/netlink/bind.ts';
import { netlinkEras } from '../../models/net/netlink/era.ts';
import * as options from '../../models/net/netlink/options.ts';
import { netlink_recvmsg } from '../../models/net/netlink/recv.ts';
import { netlink_sendmsg } from '../../models/net/netlink/send.ts';
import { netlink_create } from '../../models/net/netlink/table.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import { SkbMemory } from '../../models/net/skb.ts';
import { shown } from './netlink-calls.ts';
import type { NamedFactRun } from './netlink-named.ts';

const root: NetlinkCaller = { pid: 300, tgid: 300, uid: 0, gid: 0, net_admin: true };
const nobody: NetlinkCaller = { ...root, uid: 65534, gid: 65534, net_admin: false };

function newNetlink(): Netlink {
  const era = netlinkEras['linux-6.18'];
  return new Netlink(era, new SkbMemory(era.geometry), () => 1000);
}

function userSocket(netlink: Netlink, port = 0, groups = 0): NetlinkSock {
  const sk = netlink_create(netlink, 0, uapi.SOCK_RAW, uapi.NETLINK_USERSOCK);
  if (typeof sk === 'number') throw new Error(`socket: ${sk}`);
  if (port !== 0) netlink_bind(sk, root, { nl_pid: port, nl_groups: groups });
  return sk;
}

/** The length of the next message, or a negative error number. */
function recvLength(sk: NetlinkSock, flags = 0): number {
  const got = netlink_recvmsg(sk, 1000, flags | uapi.MSG_DONTWAIT);
  return typeof got === 'number' ? got : got.result;
}

function nameOf(sk: NetlinkSock): readonly number[] {
  const { nl_pid, nl_groups } = netlink_getname(sk, false);
  return [nl_pid, nl_groups];
}

/** Makes the calls that the value names, in its order. */
function callsInOrder(
  recorded: unknown,
  call: (words: string) => unknown,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.keys(recorded as object).map((words) => [words, call(words)]));
}

const receiverPort = 9;

/** A user without privilege beside a member of a group that root opened. */
function nonroot(recorded: unknown): unknown {
  const netlink = newNetlink();
  const sk = userSocket(netlink);
  const member = userSocket(netlink, receiverPort, 1);
  const result = (value: number) => (value === 0 ? 'ok' : shown(value));
  const bind = (nl_groups: number) => netlink_bind(sk, nobody, { nl_pid: 5000002, nl_groups });
  const sendTo = (nl_pid: number, nl_groups: number, len: number) => () =>
    shown(netlink_sendmsg(sk, nobody, { name: { nl_pid, nl_groups }, len, flags: 0x40 }));
  const netlinkOption = (opt: string, val: number) => () =>
    result(options.netlink_setsockopt(sk, nobody, `NETLINK_${opt}`, val));
  const socketOption = (opt: string) => () =>
    result(options.sock_setsockopt(sk, nobody, opt, 5000));
  const calls: Readonly<Record<string, () => unknown>> = {
    'bind with groups': () => result(bind(1)),
    'bind without groups': () => result(bind(0)),
    getsockname: () => nameOf(sk),
    ADD_MEMBERSHIP: netlinkOption('ADD_MEMBERSHIP', 1),
    DROP_MEMBERSHIP: netlinkOption('DROP_MEMBERSHIP', 1),
    'ADD_MEMBERSHIP 0': netlinkOption('ADD_MEMBERSHIP', 0),
    'sendto port': sendTo(receiverPort, 0, 2),
    'sendto port and group': sendTo(receiverPort, 1, 3),
    'sendto group': sendTo(0, 1, 4),
    connect: () => result(netlink_connect(sk, nobody, { nl_pid: receiverPort, nl_groups: 0 })),
    SO_RCVBUFFORCE: socketOption('SO_RCVBUFFORCE'),
    SO_SNDBUFFORCE: socketOption('SO_SNDBUFFORCE'),
    SO_RCVBUF: socketOption('SO_RCVBUF'),
    NO_ENOBUFS: netlinkOption('NO_ENOBUFS', 1),
    'root member received lengths': () => [1, 2, 3].map(() => recvLength(member)),
  };
  return callsInOrder(recorded, (words) => {
    const call = calls[words];
    if (call === undefined) throw new Error(`'${words}' is not understood`);
    return call();
  });
}

const addressPattern = /^(sendto|sendto empty|bind|connect), (?:address|AF_UNSPEC) (.*)$/;
const optionPattern = /^setsockopt ([A-Z_]+|SOL_NETLINK \d+)(?:, (\d+) bytes)?$/;

/** `11 bytes`, `family 2`; of AF_UNSPEC the first field is enough. */
function addressOf(words: string): uapi.sockaddr_nl {
  const address = { nl_pid: receiverPort, nl_groups: 0 };
  const [, length] = /(\d+) bytes/.exec(words) ?? [];
  const [, family] = /family (\d+)/.exec(words) ?? [];
  const nl_family = words.includes('AF_UNSPEC') ? 0 : Number(family ?? uapi.AF_NETLINK);
  return { ...address, nl_family, ...(length === undefined ? {} : { length: Number(length) }) };
}

function setOption(sk: NetlinkSock, name: string, bytes: number): number {
  if (name.startsWith('SOL_NETLINK')) {
    return options.netlink_setsockopt(sk, root, name.split(' ')[1]!, 1, bytes);
  }
  if (name === 'SO_SNDTIMEO' || name === 'SO_RCVTIMEO') {
    return options.sock_set_timeout(sk, name, { tv_sec: 1, tv_usec: 0 }, bytes);
  }
  if (name.startsWith('SO_')) return options.sock_setsockopt(sk, root, name, 5000, bytes);
  return options.netlink_setsockopt(sk, root, `NETLINK_${name}`, 1, bytes);
}

/** Messages go from the bound socket to itself; the other one has no name to lose by a failure. */
function argumentErrors(recorded: unknown): unknown {
  const netlink = newNetlink();
  const unnamed = userSocket(netlink);
  const bound = userSocket(netlink, receiverPort);
  const withAddress = (call: string, name: uapi.sockaddr_nl): number => {
    if (call === 'bind') return netlink_bind(unnamed, root, name);
    if (call === 'connect') return netlink_connect(unnamed, root, name);
    const len = call === 'sendto empty' ? 0 : 3;
    return netlink_sendmsg(bound, root, { name, len, flags: uapi.MSG_DONTWAIT });
  };
  return callsInOrder(recorded, (words) => {
    const [, call] = addressPattern.exec(words) ?? [];
    if (call !== undefined) return shown(withAddress(call, addressOf(words)));
    const [, option, bytes] = optionPattern.exec(words) ?? [];
    if (option !== undefined) return shown(setOption(unnamed, option, Number(bytes ?? 4)));
    if (words === 'name after the failures') return nameOf(unnamed);
    if (words === 'NO_ENOBUFS after it') {
      return options.netlink_getsockopt(unnamed, 'NETLINK_NO_ENOBUFS');
    }
    // MSG_ERRQUEUE means nothing to netlink: the message is read as usual.
    if (words === 'recv flag MSG_ERRQUEUE') return recvLength(bound, 0x2000);
    throw new Error(`'${words}' is not understood`);
  });
}

export const argumentFacts: Readonly<Record<string, NamedFactRun>> = {
  nonroot,
  'argument-errors': argumentErrors,
};
