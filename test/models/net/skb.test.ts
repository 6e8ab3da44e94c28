/* Reference counts, room and charges of socket buffers. */
import { describe, expect, it } from 'vitest';
import { alignedGeometry } from '../../../models/net/netlink/truesize.ts';
import {
  alloc_skb,
  consume_skb,
  kfree_skb,
  pskb_trim,
  skb_clone,
  skb_get,
  skb_load,
  SkbMemory,
  skb_orphan,
  skb_pull,
  skb_put,
  skb_reserve,
  skb_set_owner_r,
  skb_shared,
  skb_store,
  skb_tailroom,
  type SkBuff,
  type SkbFinding,
} from '../../../models/net/skb.ts';
import { SkbQueue } from '../../../models/net/skb-queue.ts';

function newMemory() {
  const memory = new SkbMemory(alignedGeometry(64, 232));
  const findings: SkbFinding[] = [];
  memory.onFinding = (finding) => findings.push(finding);
  return { memory, findings };
}

function newSkb(memory: SkbMemory, size = 128): SkBuff {
  const skb = alloc_skb(memory, size, 'GFP_ATOMIC');
  if (skb === null) throw new Error('no memory');
  return skb;
}

describe('references', () => {
  it('the last one frees the buffer and tells whether it was dropped', () => {
    const { memory, findings } = newMemory();
    const freed: boolean[] = [];
    memory.onFree = (_skb, dropped) => freed.push(dropped);
    const skb = newSkb(memory);
    expect(skb_shared(skb)).toBe(false);
    skb_get(skb);
    expect(skb_shared(skb)).toBe(true);
    kfree_skb(skb);
    expect([memory.live, freed]).toEqual([1, []]);
    consume_skb(skb);
    kfree_skb(newSkb(memory));
    expect([memory.live, freed, findings]).toEqual([0, [false, true], []]);
  });

  it('a second free is found, and does nothing', () => {
    const { memory, findings } = newMemory();
    const skb = newSkb(memory);
    kfree_skb(skb);
    kfree_skb(skb);
    expect(memory.live).toBe(0);
    expect(findings.map(({ kind, message }) => [kind, message])).toEqual([
      ['double-free', 'refcount_t: underflow; use-after-free.'],
    ]);
  });

  it('every use after the last free is found', () => {
    const { memory, findings } = newMemory();
    const owner = { sk_rmem_alloc: 0 };
    const uses: ((skb: SkBuff) => unknown)[] = [
      (skb) => skb_get(skb),
      (skb) => skb_put(skb, 4),
      (skb) => skb_pull(skb, 4),
      (skb) => skb_clone(skb, 'GFP_ATOMIC'),
      (skb) => pskb_trim(skb, 1),
      (skb) => skb_load(skb, 0, 4),
      (skb) => skb_store(skb, 0, new Uint8Array(4)),
      (skb) => skb_set_owner_r(skb, owner),
    ];
    for (const use of uses) {
      const skb = newSkb(memory);
      kfree_skb(skb);
      use(skb);
      expect(skb.users).toBe(0);
    }
    expect(findings.map(({ kind }) => kind)).toEqual(uses.map(() => 'use-after-free'));
    expect([memory.live, owner.sk_rmem_alloc]).toEqual([0, 0]);
  });

  it('misuse throws where nobody asked to be told', () => {
    const skb = newSkb(new SkbMemory(alignedGeometry(64, 232)));
    kfree_skb(skb);
    expect(() => kfree_skb(skb)).toThrow('refcount_t: underflow; use-after-free.');
  });
});

describe('room', () => {
  it('putting beyond the end is a skb_over_panic', () => {
    const { memory, findings } = newMemory();
    const skb = newSkb(memory, 64);
    expect(skb_put(skb, 60)).toBe(0);
    expect(skb_tailroom(skb)).toBe(4);
    skb_put(skb, 8);
    expect(skb.len).toBe(60);
    expect(findings[0]).toMatchObject({
      kind: 'assertion',
      message: 'skbuff: skb_over_panic: len:68 put:8 tail:0x44 end:0x40',
    });
  });

  it('bytes are kept where they were written; the rest is zero', () => {
    const { memory } = newMemory();
    const skb = newSkb(memory);
    skb_reserve(skb, 16);
    const at = skb_put(skb, 40);
    expect(at).toBe(16);
    skb_store(skb, at + 8, Uint8Array.of(1, 2, 3));
    expect([...skb_load(skb, at + 7, 6)]).toEqual([0, 1, 2, 3, 0, 0]);
    expect(skb.bytes.length).toBe(27);
    skb_pull(skb, 8);
    expect([skb.len, skb_load(skb, skb.data, 1)[0]]).toEqual([32, 1]);
    skb_pull(skb, 33);
    expect(skb.len).toBe(32);
  });

  it('a clone shares the bytes but not the length, the owner or the references', () => {
    const { memory } = newMemory();
    const skb = newSkb(memory);
    skb_put(skb, 20);
    skb_set_owner_r(skb, { sk_rmem_alloc: 0 });
    const clone = skb_clone(skb, 'GFP_ATOMIC') as SkBuff;
    pskb_trim(clone, 5);
    skb_store(skb, 0, Uint8Array.of(9));
    expect([skb.len, clone.len, clone.sk, clone.truesize]).toEqual([20, 5, null, skb.truesize]);
    expect(skb_load(clone, 0, 1)[0]).toBe(9);
    kfree_skb(skb);
    expect([memory.live, clone.users]).toEqual([1, 1]);
  });

  it('an allocation can be made to fail', () => {
    const { memory } = newMemory();
    memory.fails = (size, gfp) => size > 100 && gfp === 'GFP_ATOMIC';
    expect(alloc_skb(memory, 101, 'GFP_ATOMIC')).toBeNull();
    expect(alloc_skb(memory, 101, 'GFP_KERNEL')).not.toBeNull();
  });
});

describe('charges', () => {
  it('follow the buffer from owner to owner and end with it', () => {
    const { memory } = newMemory();
    const skb = newSkb(memory);
    const [first, second] = [{ sk_rmem_alloc: 0 }, { sk_rmem_alloc: 0 }];
    skb_set_owner_r(skb, first);
    expect(first.sk_rmem_alloc).toBe(skb.truesize);
    skb_set_owner_r(skb, second);
    expect([first.sk_rmem_alloc, second.sk_rmem_alloc]).toEqual([0, skb.truesize]);
    skb_orphan(skb);
    skb_set_owner_r(skb, first);
    kfree_skb(skb);
    expect([first.sk_rmem_alloc, second.sk_rmem_alloc]).toEqual([0, 0]);
  });
});

describe('queues', () => {
  it('give back in order what was put in, over many rounds', () => {
    const { memory } = newMemory();
    const queue = new SkbQueue();
    const expected: SkBuff[] = [];
    for (let round = 0; round < 400; round++) {
      for (let i = 0; i < round % 3; i++) {
        const skb = newSkb(memory);
        queue.queue_tail(skb);
        expected.push(skb);
      }
      expect(queue.peek()).toBe(expected[0] ?? null);
      expect(queue.dequeue()).toBe(expected.shift() ?? null);
      expect([...queue]).toEqual(expected);
      expect(queue.length).toBe(expected.length);
    }
  });

  it('free everything when purged', () => {
    const { memory } = newMemory();
    const queue = new SkbQueue();
    for (let i = 0; i < 5; i++) queue.queue_tail(newSkb(memory));
    queue.purge();
    expect([queue.length, memory.live]).toEqual([0, 0]);
  });
});
