/*
 * docs/semantics.md section 5, Tasklets and bottom halves: 2.4 queues a scheduled tasklet at the
 * head of its list, 2.6 and later at the tail.
 */
import { expect, it } from 'vitest';
import { kernelNames, type KernelName } from '../../models/era.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import { Tasklet, tasklet_hi_schedule, tasklet_schedule } from '../../models/irq/tasklet.ts';
import { Lab, just } from '../models/lab.ts';

/** Tasklets in the order in which they ran; small letters have high priority. */
function order(kernel: KernelName): string {
  const lab = new Lab({ kernel, preemption: 'none' });
  const tasklet = (name: string): Tasklet =>
    new Tasklet(
      name,
      just((on) => lab.note(on, name)),
    );
  lab.start('main', 50, function* (k) {
    local_bh_disable(k);
    for (const name of ['A', 'B', 'C']) tasklet_schedule(k.cpu, tasklet(name));
    for (const name of ['x', 'y']) tasklet_hi_schedule(k.cpu, tasklet(name));
    yield* local_bh_enable(k);
  });
  return lab.run().log.join(' ').replaceAll('@softirq', '');
}

it('in 2.4 the tasklet scheduled last runs first', () => {
  expect(order('linux-2.4.27')).toBe('y x C B A');
});

it.each(kernelNames.slice(1))(
  '%s runs tasklets in the order in which they were scheduled',
  (era) => {
    expect(order(era)).toBe('x y A B C');
  },
);
