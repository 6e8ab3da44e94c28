/*
 * A queue of socket buffers with a limit, as a receive queue has one: what does not fit is freed
 * and counted (sk_drops of include/net/sock.h). Each call is one step, since the list's own lock is
 * held for it alone (net/core/skbuff.c).
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import { HOOK } from '../hooks.ts';
import { ORDER } from '../instrumented.ts';
import { SkbQueue } from './skb-queue.ts';
import { kfree_skb, type SkBuff } from './skb.ts';

export class SkbFifo {
  readonly name: string;
  readonly capacity: number;
  readonly queue = new SkbQueue();
  drops = 0;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.capacity = capacity;
  }

  feed(into: Fingerprint): void {
    into.add(this.queue.length);
    into.add(this.drops);
  }
}

/** 1, or 0 if there is no room: then the buffer is gone. */
export function* skb_queue_tail(k: Context, fifo: SkbFifo, skb: SkBuff): Code<number> {
  yield k.step(fifo, k.machine.costs.lock);
  const { machine, cpu } = k;
  const object = machine.texts.intern(fifo.name);
  if (fifo.queue.length >= fifo.capacity) {
    fifo.drops++;
    if (machine.trace.on) machine.tell(cpu, HOOK.queue_overrun, object);
    kfree_skb(skb);
    return 0;
  }
  if (machine.trace.on) {
    machine.tell(cpu, HOOK.skb_queued, object, skb.id);
    machine.tell(cpu, HOOK.release, skb.id, ORDER.skb);
  }
  fifo.queue.queue_tail(skb);
  return 1;
}

/** The oldest buffer, which is the caller's now; null: there is none. */
export function* skb_dequeue(k: Context, fifo: SkbFifo): Code<SkBuff | null> {
  yield k.step(fifo, k.machine.costs.lock);
  const { machine, cpu } = k;
  const skb = fifo.queue.dequeue();
  if (skb !== null && machine.trace.on) {
    machine.tell(cpu, HOOK.skb_dequeued, machine.texts.intern(fifo.name), skb.id);
    machine.tell(cpu, HOOK.acquire, skb.id, ORDER.skb);
  }
  return skb;
}

/** How many did not fit so far. */
export function* queue_drops(k: Context, fifo: SkbFifo): Code<number> {
  yield k.step(fifo, k.machine.costs.access);
  const { machine } = k;
  if (machine.trace.on) machine.tell(k.cpu, HOOK.queue_drops, machine.texts.intern(fifo.name));
  return fifo.drops;
}
