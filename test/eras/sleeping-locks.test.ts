/*
 * docs/semantics.md section 25, Mutexes and reader-writer semaphores: who spins for a mutex, to
 * whom it goes, and in which order a reader-writer semaphore is shared.
 */
import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../engine/index.ts';
import { eras, kernelNames, type KernelName } from '../../models/era.ts';
import { Mutex, mutex_lock, mutex_trylock, mutex_unlock } from '../../models/locking/mutex.ts';
import {
  RwSemaphore,
  down_read,
  down_write,
  down_write_trylock,
  up_read,
  up_write,
} from '../../models/locking/rwsem.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { Lab, US, sleep } from '../models/lab.ts';

const last: Strategy = { name: 'last', choose: (_, count) => count - 1 };

/** CPU 0 holds the mutex for 100 us; CPUs 1, 2, 3 want it after 10, 20, 30 us, for 10 us each. */
function contended(kernel: KernelName, strategy?: Strategy) {
  const lab = new Lab({
    kernel,
    cpus: 4,
    preemption: 'none',
    ...(strategy === undefined ? {} : { strategy }),
  });
  const mutex = new Mutex('M');
  const tasks = lab.machine.cpus.map(({ id: cpu }) =>
    lab.start(
      `${cpu}`,
      50,
      function* (k) {
        yield cpu * 10 * US;
        yield* mutex_lock(k, mutex);
        lab.note(k, `${cpu}`);
        yield (cpu === 0 ? 100 : 10) * US;
        yield* mutex_unlock(k, mutex);
      },
      { cpu },
    ),
  );
  lab.run();
  const slept = tasks.reduce((sum, task) => sum + task.nvcsw - 1, 0);
  return { order: lab.log.join(''), slept };
}

/** How often a running task takes a mutex before a waiter that each of its releases wakes. */
function barged(kernel: KernelName): number {
  const lab = new Lab({ kernel, preemption: 'none' });
  const mutex = new Mutex('M');
  const waiter = lab.task('waiter', 40, function* (k) {
    yield* mutex_lock(k, mutex);
    yield* mutex_unlock(k, mutex);
  });
  let times = 0;
  lab.start('main', 70, function* (k) {
    yield* mutex_lock(k, mutex);
    wake_up_process(k.cpu, waiter);
    for (let i = 0; i < 5; i++) {
      yield* sleep(k, 2);
      yield* mutex_unlock(k, mutex);
      if ((yield* mutex_trylock(k, mutex)) === 0) return;
      times++;
    }
    yield* mutex_unlock(k, mutex);
  });
  lab.run();
  return times;
}

describe('a mutex', () => {
  it('is slept for at once in 2.6.24, in the order of arrival', () => {
    expect(contended('linux-2.6.24')).toEqual({ order: '0123', slept: 3 });
    expect(contended('linux-2.6.24', last)).toEqual({ order: '0123', slept: 3 });
  });

  it('is spun for in 2.6.32 by all at once: anybody may win', () => {
    expect(contended('linux-2.6.32', last)).toEqual({ order: '0321', slept: 0 });
    expect(contended('linux-2.6.32').slept).toBe(0);
  });

  it('is spun for in 6.x one after the other', () => {
    for (const kernel of ['linux-6.1', 'linux-6.12'] as const) {
      expect(contended(kernel)).toEqual({ order: '0123', slept: 0 });
      expect(contended(kernel, last)).toEqual({ order: '0123', slept: 0 });
    }
  });

  it('is handed over in 6.x to a waiter that was woken in vain; before 4.9 never', () => {
    expect(kernelNames.map(barged)).toEqual([5, 5, 5, 1, 1]);
  });
});

/** A writer holds it; r1, w2, r2, w3 come in this order and hold it for 2 jiffies each. */
function shared(kernel: KernelName): string {
  const lab = new Lab({ kernel, preemption: 'none' });
  const sem = new RwSemaphore('R');
  const tasks = ['r1', 'w2', 'r2', 'w3'].map((name) =>
    lab.task(name, 60, function* (k) {
      if (name.startsWith('r')) yield* down_read(k, sem);
      else yield* down_write(k, sem);
      lab.note(k, name);
      yield* sleep(k, 2);
      if (name.startsWith('r')) yield* up_read(k, sem);
      else yield* up_write(k, sem);
    }),
  );
  lab.start('main', 70, function* (k) {
    yield* down_write(k, sem);
    for (const task of tasks) {
      wake_up_process(k.cpu, task);
      yield* sleep(k, 1);
    }
    yield* up_write(k, sem);
  });
  return lab.run().log.join(' ');
}

/** Can a running task take it again before the writer that its release woke? */
function stolen(kernel: KernelName): boolean {
  const lab = new Lab({ kernel, preemption: 'none' });
  const sem = new RwSemaphore('R');
  const writer = lab.task(
    'writer',
    0,
    function* (k) {
      yield* down_write(k, sem);
      lab.note(k, 'writer');
      yield* up_write(k, sem);
    },
    { policy: 'SCHED_NORMAL' },
  );
  lab.start('main', 70, function* (k) {
    yield* down_write(k, sem);
    wake_up_process(k.cpu, writer);
    yield* sleep(k, 1);
    yield* up_write(k, sem);
    expect(yield* down_write_trylock(k, sem)).toBe(0);
    yield* down_write(k, sem);
    lab.note(k, 'main');
    yield* up_write(k, sem);
  });
  return lab.run().log[0] === 'main';
}

describe('a reader-writer semaphore', () => {
  it('lets all waiting readers in together in 6.x, before only those in front of a writer', () => {
    for (const kernel of kernelNames) {
      const fair = eras[kernel].rwsem === 'fair';
      expect(shared(kernel)).toBe(fair ? 'r1 w2 r2 w3' : 'r1 r2 w2 w3');
    }
  });

  it('is handed to the next in 2.x; in 6.x whoever runs takes it', () => {
    expect(kernelNames.map(stolen)).toEqual([false, false, false, true, true]);
  });
});
