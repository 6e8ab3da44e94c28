/* What messages cost by the rules of older kernels, and after a trim. */
import { describe, expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import { netlinkEras } from '../../../models/net/netlink/era.ts';
import { nlmsg_new, nlmsg_put } from '../../../models/net/netlink/nlmsg.ts';
import { alignedGeometry, slabGeometry } from '../../../models/net/netlink/truesize.ts';
import { netlink_unicast } from '../../../models/net/netlink/unicast.ts';
import { alloc_skb, pskb_shrink_tail, skb_put, SkbMemory } from '../../../models/net/skb.ts';
import { fillUp, newNetlink, userSocket } from './netlink-setup.ts';

describe('older kernels', () => {
  it('2.6.32 charges the aligned data and the sk_buff', () => {
    expect(alignedGeometry(64, 232).alloc(784)).toEqual({ end: 832, truesize: 1064 });
  });

  it.each([
    ['linux-2.6.32', 118],
    ['linux-6.1', 92],
  ] as const)('%s takes %i messages of 784 bytes into a default buffer', (name, accepted) => {
    const netlink = newNetlink(netlinkEras[name]);
    userSocket(netlink, 2);
    expect(fillUp(userSocket(netlink, 1), 2, 784)).toEqual({
      count: accepted,
      error: -errno.EAGAIN,
    });
  });

  it('a reallocation gives back the unused tail', () => {
    const old = alloc_skb(new SkbMemory(alignedGeometry(64, 232)), 3776, 'GFP_KERNEL');
    const slab = alloc_skb(new SkbMemory(slabGeometry(576)), 3776, 'GFP_KERNEL');
    if (old === null || slab === null) throw new Error('no memory');
    for (const skb of [old, slab]) {
      skb_put(skb, 36);
      pskb_shrink_tail(skb);
    }
    expect([old.end, old.truesize]).toEqual([64, 3776 + 232 - (3776 - 36)]);
    expect([slab.end, slab.truesize]).toEqual([256, 832]);
  });

  it('the receiver of a message with a large unused tail is charged the trimmed size', () => {
    const netlink = newNetlink();
    const receiver = userSocket(netlink, 2);
    const skb = nlmsg_new(netlink.memory, 3000, 'GFP_ATOMIC');
    if (skb === null) throw new Error('no memory');
    expect(skb.truesize).toBe(4352);
    nlmsg_put(skb, 0, 0, 16, 20, 0);
    expect(netlink_unicast(userSocket(netlink, 1), skb, 2, true)).toBe(36);
    expect(receiver.sk_rmem_alloc).toBe(832);
  });
});
