/*
 * docs/semantics.md section 6, Ticks, timers, schedule_timeout: until 4.7 a timer of n jiffies runs
 * at tick n, the first armed of a slot first; from 4.8 one tick or coarser granule later, the last
 * armed first.
 */
import { describe, expect, it } from 'vitest';
import { kernelNames, type KernelName } from '../../models/era.ts';
import { TimerList, mod_timer } from '../../models/time/timer.ts';
import { Lab, just, sleep } from '../models/lab.ts';

const isOld = (name: KernelName): boolean => !/^linux-6/.test(name);

/** The jiffies since a tick at which a sleep of `n` that began right after it is over. */
function wakesAt(kernel: KernelName, n: number): number {
  const lab = new Lab({ kernel, preemption: 'none', firstJiffy: 100 * 512 });
  let at = -1;
  lab.start('main', 50, function* (k) {
    yield* lab.align();
    const began = k.machine.jiffies;
    yield* sleep(k, n);
    at = k.machine.jiffies - began;
  });
  lab.run(60_000);
  return at;
}

/** Timers armed A, B, C for the same jiffy, in the order in which they ran. */
function order(kernel: KernelName): string {
  const lab = new Lab({ kernel, preemption: 'none' });
  lab.start('main', 50, function* (k) {
    for (const name of ['A', 'B', 'C']) {
      const timer = new TimerList(
        name,
        just(() => void lab.log.push(name)),
      );
      mod_timer(k.cpu, timer, k.machine.jiffies + 3);
    }
    yield* sleep(k, 9);
  });
  return lab.run().log.join('');
}

describe.each(kernelNames.filter(isOld))('%s', (kernel) => {
  it('ends a sleep of n jiffies at tick n, however long', () => {
    for (const n of [1, 2, 62, 63, 500, 5000]) expect(wakesAt(kernel, n)).toBe(n);
  });

  it('runs the timers of a jiffy in the order in which they were armed', () => {
    expect(order(kernel)).toBe('ABC');
  });
});

describe.each(kernelNames.filter((name) => !isOld(name)))('%s', (kernel) => {
  it('ends a sleep of n jiffies at tick n + 1', () => {
    for (const n of [1, 2, 61, 62]) expect(wakesAt(kernel, n)).toBe(n + 1);
  });

  it('ends longer sleeps at the next multiple of 8, 64, 512 jiffies', () => {
    const began = 1;
    for (const [n, granule] of [
      [63, 8],
      [100, 8],
      [504, 64],
      [3000, 64],
      [4032, 512],
    ] as const) {
      const expires = began + n;
      const next = (Math.floor(expires / granule) + 1) * granule;
      expect(wakesAt(kernel, n)).toBe(next - began);
    }
  });

  it('runs the timers of a jiffy in the reverse order', () => {
    expect(order(kernel)).toBe('CBA');
  });
});
