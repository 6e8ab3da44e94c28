/* What becomes of a message's buffer and credentials where no recording looks. */
import { expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import type { NetlinkSock } from '../../../models/net/netlink/af_netlink.ts';
import { nlmsg_multicast } from '../../../models/net/netlink/broadcast.ts';
import { netlinkEras } from '../../../models/net/netlink/era.ts';
import { nlmsg_new } from '../../../models/net/netlink/nlmsg.ts';
import { netlink_sendmsg } from '../../../models/net/netlink/send.ts';
import { netlink_kernel_create } from '../../../models/net/netlink/table.ts';
import { netlink_may_retry, netlink_unicast_step } from '../../../models/net/netlink/unicast.ts';
import {
  fillUp,
  newNetlink,
  nobody,
  recv,
  recvLength,
  tagBytes,
  userSocket,
} from './netlink-setup.ts';

const protocol = 31;

function kernelSocket() {
  const netlink = newNetlink(netlinkEras['linux-6.1']);
  const kernel = netlink_kernel_create(netlink, 0, protocol, { input: () => undefined });
  return { netlink, kernel: kernel as NetlinkSock };
}

it('a copy that cannot be made overruns every later member of the group', () => {
  const { netlink, kernel } = kernelSocket();
  const members = [301, 302].map((port) => userSocket(netlink, port, 1, protocol));
  const skb = nlmsg_new(netlink.memory, 100, 'GFP_KERNEL')!;
  skb.users++;
  netlink.memory.fails = () => true;
  expect(nlmsg_multicast(kernel, skb, 0, 1, 'GFP_ATOMIC')).toBe(-errno.ESRCH);
  expect(members.map((sk) => sk.sk_drops)).toEqual([1, 1]);
});

it('a sender that waits keeps its message, and may look again once there is room', () => {
  const netlink = newNetlink();
  const sender = userSocket(netlink, 1);
  const receiver = userSocket(netlink, 2);
  const { count } = fillUp(sender, 2, 784);
  const skb = nlmsg_new(netlink.memory, 768, 'GFP_KERNEL')!;
  skb.tail = 784;
  expect(netlink_unicast_step(sender, skb, 2, true)).toEqual({ then: 'wait', sk: receiver });
  expect(netlink.memory.live).toBe(count + 1);
  expect(netlink_may_retry(receiver, skb)).toBe(false);
  recvLength(receiver);
  expect(netlink_may_retry(receiver, skb)).toBe(true);
});

it('a message keeps the credentials of its sender', () => {
  const netlink = newNetlink();
  const receiver = userSocket(netlink, 2);
  const name = { nl_pid: 2, nl_groups: 0 };
  netlink_sendmsg(userSocket(netlink, 1), nobody, { name, len: 4, data: tagBytes(7), flags: 0 });
  const got = recv(receiver);
  expect(got).toMatchObject({ creds: { pid: 300, uid: 65534, gid: 65534 }, data: tagBytes(7) });
});
