// The floor: the least engine there can be on the same foundations as ours, generators and heap-js.
// It checks nothing, cancels nothing and counts nothing. How near ours comes to it is the figure
// that stays comparable between machines; with few events pending ours may lead, because it moves
// the clock in place where the floor goes through the heap.
//
// The heap orders slot numbers whose keys lie in typed arrays. The running event stays at the top
// as a hole and the next push replaces it: one sift instead of two.
import { Heap } from 'heap-js';
import { participate } from './workloads.mjs';

const SLOTS = 1 << 18;

class Floor {
  now = 0;
  times = new Float64Array(SLOTS);
  sequences = new Float64Array(SLOTS);
  payloads = [];
  free = [];
  sequence = 0;
  hole = false;
  ready = [];

  constructor() {
    const { times, sequences } = this;
    this.heap = new Heap((a, b) => {
      const apart = times[a] - times[b];
      return apart !== 0 ? apart : sequences[a] - sequences[b];
    });
  }

  start(iterator) {
    this.ready.push(iterator);
    return iterator;
  }

  wake(iterator) {
    this.ready.push(iterator);
  }

  after(delay, payload) {
    const replacing = this.hole;
    const slot = replacing ? this.heap.peek() : (this.free.pop() ?? this.payloads.length);
    this.times[slot] = this.now + delay;
    this.sequences[slot] = this.sequence++;
    this.payloads[slot] = payload;
    this.hole = false;
    if (replacing) this.heap.replace(slot);
    else this.heap.push(slot);
  }

  pop() {
    if (this.hole) {
      const fired = this.heap.pop();
      this.payloads[fired] = undefined;
      this.free.push(fired);
    }
    const slot = this.heap.peek();
    this.hole = slot !== undefined;
    if (!this.hole) return undefined;
    this.now = this.times[slot];
    return this.payloads[slot];
  }

  resume(iterator) {
    const { done, value } = iterator.next();
    if (!done && value >= 0) this.after(value, iterator);
  }

  run() {
    // Either all payloads are generators or all are activities, so each loop stays monomorphic.
    if (this.ready.length > 0) this.runProcesses();
    else this.runActivities();
  }

  runProcesses() {
    const { ready } = this;
    for (;;) {
      for (let at = 0; at < ready.length; at++) {
        this.resume(ready[at]);
        if (at === 4095) at -= ready.splice(0, 4096).length;
      }
      ready.length = 0;
      const iterator = this.pop();
      if (iterator === undefined) return;
      this.resume(iterator);
    }
  }

  runActivities() {
    for (;;) {
      const activity = this.pop();
      if (activity === undefined) return;
      activity.fire();
    }
  }
}

participate(new Floor());
