/*
 * docs/semantics.md section 16, Netlink: transfer: until the change of 2025 a receiver was full
 * only when its charge exceeded sk_rcvbuf before the message was added, so that one more came in;
 * 6.1.192 and later test the sum, and an empty receiver takes any one message.
 */
import { describe, expect, it } from 'vitest';
import { errno } from '../../models/errno.ts';
import { kernelNames } from '../../models/era.ts';
import { netlinkEras } from '../../models/net/netlink/era.ts';
import { fillUp, newNetlink, recvLength, send, userSocket } from '../models/net/netlink-setup.ts';

const before = kernelNames.slice(0, 3);
const after = kernelNames.slice(3);

/** A sender, and a receiver with room for `messages` messages of 784 bytes and `more` bytes. */
function pair(name: (typeof kernelNames)[number], messages: number, more: number) {
  const netlink = newNetlink(netlinkEras[name]);
  const receiver = userSocket(netlink, 2);
  const sender = userSocket(netlink, 1);
  send(sender, 2, 0, 784);
  receiver.sk_rcvbuf = receiver.sk_rmem_alloc * messages + more;
  recvLength(receiver);
  return { sender, receiver };
}

describe.each(before)('%s', (name) => {
  it.each([
    [3, 0, 4],
    [3, 1, 4],
    [3, -1, 3],
    [1, -1, 1],
  ])('admits a message while the charge is within the buffer (%i, %i)', (messages, more, count) => {
    expect(fillUp(pair(name, messages, more).sender, 2, 784)).toEqual({
      count,
      error: -errno.EAGAIN,
    });
  });
});

describe.each(after)('%s', (name) => {
  it.each([
    [3, 0, 3],
    [3, 1, 3],
    [3, -1, 2],
    [1, -1, 1],
  ])('admits a message if the sum is within the buffer (%i, %i)', (messages, more, count) => {
    expect(fillUp(pair(name, messages, more).sender, 2, 784)).toEqual({
      count,
      error: -errno.EAGAIN,
    });
  });
});

it('lets 118 messages of 784 bytes into the default buffer of 2.6.32, 92 into that of 6.1', () => {
  const admitted = (['linux-2.6.32', 'linux-6.1'] as const).map((name) => {
    const netlink = newNetlink(netlinkEras[name]);
    userSocket(netlink, 2);
    return fillUp(userSocket(netlink, 1), 2, 784).count;
  });
  expect(admitted).toEqual([118, 92]);
});
