/*
 * Read-copy update, as its users see it (kernel/rcu/update.c, kernel/rcu/tree.c): readers are never
 * held up, and synchronize_rcu() returns once all readers have ended that had begun before it. It
 * leaves out how grace periods are found, callbacks, and expedited ones.
 */
import type { Fingerprint } from '../engine/index.ts';
import type { Code, Context } from './context.ts';
import { ORDER, load_acquire, store_release } from './instrumented.ts';
import type { Machine } from './machine.ts';
import { WaitQueueHead, wait_event, wake_up_all } from './sched/wait.ts';

interface Reader {
  readonly k: Context;
  depth: number;
}

export class Rcu {
  readonly readers: Reader[] = [];
  /** Those who wait for readers to end. */
  readonly wait = new WaitQueueHead('rcu');

  feed(into: Fingerprint): void {
    into.add(this.readers.length);
    for (const { k, depth } of this.readers) {
      into.add(k.identity);
      into.add(depth);
    }
    this.wait.feed(into);
  }
}

export function rcuOf(machine: Machine): Rcu {
  return (machine.rcu ??= new Rcu());
}

export function* rcu_read_lock(k: Context): Code {
  const { readers } = rcuOf(k.machine);
  yield k.step(readers, 0);
  k.rcu_read_lock_nesting++;
  const reader = readers.find((one) => one.k === k);
  if (reader === undefined) readers.push({ k, depth: 1 });
  else reader.depth++;
}

export function* rcu_read_unlock(k: Context): Code {
  const rcu = rcuOf(k.machine);
  yield k.step(rcu.readers, 0);
  const at = rcu.readers.findIndex((one) => one.k === k);
  if (at < 0) {
    k.machine.findings.report(k.cpu, 'bad-unlock', 'WARNING: bad unlock balance detected!', 'rcu');
    return;
  }
  store_release(k.cpu, ORDER.rcu, 'rcu');
  k.rcu_read_lock_nesting--;
  if (--rcu.readers[at]!.depth > 0) return;
  rcu.readers.splice(at, 1);
  wake_up_all(k.cpu, rcu.wait);
}

export function* synchronize_rcu(k: Context): Code {
  const { readers, wait } = rcuOf(k.machine);
  yield k.step(readers, k.machine.costs.call);
  const before = [...readers];
  for (const reader of before) k.saw(reader.k.identity);
  const over = (): boolean => !before.some((reader) => readers.includes(reader));
  yield* wait_event(k, wait, over, 'synchronize_rcu');
  load_acquire(k.cpu, ORDER.rcu, 'rcu');
}
