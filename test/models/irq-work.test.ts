/* irq_work as Linux 6.1 has it: pending once, in hard interrupt context, last queued first. */
import { describe, expect, it } from 'vitest';
import { local_irq_disable, local_irq_enable } from '../../models/cpu/preempt.ts';
import {
  IrqWork,
  irq_work_queue,
  irq_work_queue_on,
  irq_work_sync,
} from '../../models/irq/irq_work.ts';
import { Lab, US, just, wake } from './lab.ts';

function logged(lab: Lab, name: string): IrqWork {
  return new IrqWork(
    name,
    just((k) => lab.note(k, name)),
  );
}

describe('an irq_work', () => {
  it('has run when irq_work_queue returns with interrupts on', () => {
    const lab = new Lab({ record: true });
    const work = logged(lab, 'W');
    lab.start('main', 50, function* (k) {
      lab.note(k, 'queue', yield* irq_work_queue(k, work));
      lab.note(k, 'queue', yield* irq_work_queue(k, work));
    });
    expect(lab.run().log).toEqual(['W@hardirq', 'queue(1)', 'W@hardirq', 'queue(1)']);
    expect(lab.count('irq_work_entry')).toBe(2);
    expect(lab.count('irq_work_exit')).toBe(2);
  });

  it('is pending once, and all that wait are served in one interrupt, last queued first', () => {
    const lab = new Lab({ record: true });
    const [a, b, c] = ['A', 'B', 'C'].map((name) => logged(lab, name));
    lab.start('main', 50, function* (k) {
      local_irq_disable(k);
      for (const work of [a!, b!, a!, c!]) lab.note(k, 'queue', yield* irq_work_queue(k, work));
      yield* local_irq_enable(k);
      lab.note(k, 'on');
    });
    const queued = ['queue(1)', 'queue(1)', 'queue(0)', 'queue(1)'];
    expect(lab.run().log).toEqual([...queued, 'C@hardirq', 'B@hardirq', 'A@hardirq', 'on']);
    expect(lab.count('irq_work_entry')).toBe(1);
  });

  it('that is queued while it runs runs again, in an interrupt of its own', () => {
    const lab = new Lab({ record: true });
    let rounds = 0;
    const work: IrqWork = new IrqWork('W', function* (k) {
      lab.note(k, 'W');
      if (++rounds < 3) yield* irq_work_queue(k, work);
    });
    lab.start('main', 50, function* (k) {
      yield* irq_work_queue(k, work);
      lab.note(k, 'main');
    });
    expect(lab.run().log).toEqual(['W@hardirq', 'W@hardirq', 'W@hardirq', 'main']);
    expect(lab.count('irq_work_entry')).toBe(3);
  });

  it('wakes a better task, which runs when irq_work_queue has turned preemption on again', () => {
    const lab = new Lab({ preemption: 'full' });
    const better = lab.task('better', 60, function* (k) {
      lab.note(k, 'better');
      yield 0;
    });
    const work = new IrqWork('W', function* (k) {
      lab.note(k, 'W', k.cpu.preempt_count & 0xff);
      yield* wake(k, better);
    });
    lab.start('main', 50, function* (k) {
      yield* irq_work_queue(k, work);
      lab.note(k, 'main');
    });
    expect(lab.run().log).toEqual(['W(1)@hardirq', 'better', 'main']);
  });

  it('runs on the CPU that is asked for; irq_work_sync waits for its end', () => {
    const lab = new Lab({ cpus: 2 });
    const work = new IrqWork('W', function* (k) {
      lab.note(k, `begin on ${k.cpu.id}`);
      yield 200 * US;
      lab.note(k, 'end');
    });
    lab.start('main', 50, function* (k) {
      yield* irq_work_queue_on(k, work, lab.machine.cpus[1]!);
      yield 10 * US;
      lab.note(k, 'sync');
      yield* irq_work_sync(k, work);
      lab.note(k, 'done');
    });
    expect(lab.run().log).toEqual(['begin on 1@hardirq', 'sync', 'end@hardirq', 'done']);
  });

  it('came with 2.6.37', () => {
    const lab = new Lab({ kernel: 'linux-2.6.32', preemption: 'none' });
    lab.start('main', 50, function* (k) {
      const queue = irq_work_queue(k, logged(lab, 'W'));
      expect(() => queue.next(0)).toThrow('linux-2.6.32 has no irq_work');
      yield 0;
      lab.note(k, 'refused');
    });
    expect(lab.run().log).toEqual(['refused']);
  });
});
