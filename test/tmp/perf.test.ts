import { test } from 'vitest';
import { Machine } from '/work/main/models/machine.ts';
import { kthread_create } from '/work/main/models/kthread.ts';
import { wake_up_process } from '/work/main/models/sched/core.ts';
import { interruptible_sleep_on_timeout } from '/work/main/models/sched/sleep_on.ts';
import { WaitQueueHead } from '/work/main/models/sched/wait.ts';
import { Spinlock, spin_lock_irqsave, spin_unlock_irqrestore } from '/work/main/models/locking/spinlock.ts';
import { costPresets } from '/work/main/models/costs.ts';
test('perf', () => {
  for (const traced of [false, true]) {
  let bytes = 0;
  const m = new Machine({ kernel: 'linux-2.6.32', cpus: 2, hz: 1000, preemption: 'none', seed: 1, costs: costPresets['x86-2007'], ...(traced ? { sink: { write: (b: Uint8Array) => void (bytes += b.length) } } : {}) });
  const L = new Spinlock('L');
  let n = 0;
  for (let i = 0; i < 200; i++) {
    const t = kthread_create(m, function* (k) {
      const q = new WaitQueueHead('q');
      for (;;) {
        const f = yield* spin_lock_irqsave(k, L);
        yield 1000; n++;
        yield* spin_unlock_irqrestore(k, L, f);
        yield* interruptible_sleep_on_timeout(k, q, 50);
      }
    }, { name: `t${i}` });
    wake_up_process(m.cpus[0]!, t);
  }
  const t0 = performance.now();
  m.sim.run(100e9);
  const ms = performance.now() - t0;
  m.trace.flush();
  console.log(traced, 'msgs', n, 'steps', m.sim.steps, 'ms', ms, 'steps/s', m.sim.steps / ms * 1e3, 'rows', m.trace.seq, 'rows/s', m.trace.seq / ms * 1e3, 'ratio', 100e3 / ms);
  }
});
