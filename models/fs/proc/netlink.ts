/*
 * /proc/net/netlink, netlink_seq_show() of net/netlink/af_netlink.c (netlink_read_proc in 2.4). The
 * addresses are made up: sockets have a number here, and the kernel of 6.1 hashes them anyway.
 */
import type { Machine } from '../../machine.ts';
import type { NetlinkSock } from '../../net/netlink/af_netlink.ts';
import { netlinkIfUsed } from '../../net/netlink/stack.ts';
import { hex, left } from './format.ts';

/** Eras by what the rows have: Drops came in 2.6.30, Inode and another width in 2.6.38 and 5.x. */
const HEADS: Readonly<Record<string, string>> = {
  'linux-2.4.27': 'sk       Eth Pid    Groups   Rmem     Wmem     Dump     Locks\n',
  'linux-2.6.24': 'sk       Eth Pid    Groups   Rmem     Wmem     Dump     Locks\n',
  'linux-2.6.32': 'sk       Eth Pid    Groups   Rmem     Wmem     Dump     Locks     Drops\n',
};
const HEAD =
  'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n';

/** Sockets are allocated from here on, as far as can be seen. */
const FIRST = 0xc0100000;
/** The table's reference and the socket's own. */
const REFERENCES = 2;

export function netlink(machine: Machine): string {
  const { name } = machine.era;
  const tables = netlinkIfUsed(machine)?.netlink.tables ?? [];
  const sockets = tables.flatMap(({ hash }) =>
    [...hash.values()].flatMap((of) => [...of.values()]),
  );
  const row = (sk: NetlinkSock, number: number): string => {
    const address = FIRST + number * 0x400;
    const old = HEADS[name] !== undefined;
    const pid = sk.portid;
    const common = [
      hex(address, old ? 8 : 16),
      left(sk.sk_protocol, 3),
      old ? left(pid | 0, 6) : left(pid >>> 0, 10),
      hex(sk.groups[0] ?? 0, 8),
      left(sk.sk_rmem_alloc, 8),
      left(sk.sk_wmem_alloc, 8),
    ];
    const dump = sk.cb === null ? 0 : 1;
    if (!old) {
      const rest = [left(dump, 5), left(REFERENCES, 8), left(sk.sk_drops, 8), left(number + 1, 8)];
      return [...common, ...rest].join(' ');
    }
    const cb = hex(dump === 0 ? 0 : address + 0x200, 8);
    const drops = name === 'linux-2.6.32';
    return [
      ...common,
      cb,
      ...(drops ? [left(REFERENCES, 8), left(sk.sk_drops, 8)] : [REFERENCES]),
    ].join(' ');
  };
  const rows = sockets.map((sk, number) => `${row(sk, number)}\n`);
  return `${HEADS[name] ?? HEAD}${rows.join('')}`;
}
