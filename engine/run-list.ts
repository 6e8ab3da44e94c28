/*
 * What goes on at the present instant, first in, first out: a ring of activities.
 */
import type { Activity } from './calendar.ts';

const EMPTY: readonly undefined[] = new Array<undefined>(8).fill(undefined);

export class RunList {
  private ring: (Activity | undefined)[] = [...EMPTY];
  private mask = 7;
  private head = 0;
  private tail = 0;

  isEmpty(): boolean {
    return this.head === this.tail;
  }

  push(activity: Activity): void {
    this.ring[this.tail] = activity;
    this.tail = (this.tail + 1) & this.mask;
    if (this.tail === this.head) this.grow();
  }

  /** The oldest entry; call only when the list is not empty. */
  shift(): Activity {
    const activity = this.ring[this.head]!;
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    return activity;
  }

  private grow(): void {
    const { ring, head } = this;
    const size = ring.length;
    this.ring = [...ring.slice(head), ...ring.slice(0, head)];
    for (let i = 0; i < size; i++) this.ring.push(undefined);
    this.head = 0;
    this.tail = size;
    this.mask = 2 * size - 1;
  }
}
