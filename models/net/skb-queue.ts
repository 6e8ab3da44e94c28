/*
 * struct sk_buff_head: a queue of socket buffers, oldest first (include/linux/skbuff.h).
 */
import { kfree_skb, type SkBuff } from './skb.ts';

/** Consumed slots are dropped from the array once they outnumber these and the live ones. */
const slack = 64;

export class SkbQueue {
  private slots: (SkBuff | undefined)[] = [];
  private first = 0;

  get length(): number {
    return this.slots.length - this.first;
  }

  queue_tail(skb: SkBuff): void {
    this.slots.push(skb);
  }

  /** The oldest buffer, left in the queue. */
  peek(): SkBuff | null {
    return this.slots[this.first] ?? null;
  }

  /** Takes the oldest buffer. */
  dequeue(): SkBuff | null {
    const skb = this.slots[this.first];
    if (skb === undefined) return null;
    this.slots[this.first++] = undefined;
    if (this.first > slack && this.first > this.length) {
      this.slots = this.slots.slice(this.first);
      this.first = 0;
    }
    return skb;
  }

  /** Frees everything that is queued. */
  purge(): void {
    for (let skb = this.dequeue(); skb !== null; skb = this.dequeue()) kfree_skb(skb);
  }

  *[Symbol.iterator](): IterableIterator<SkBuff> {
    for (let i = this.first; i < this.slots.length; i++) yield this.slots[i] as SkBuff;
  }
}
