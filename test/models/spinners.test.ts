/* Spinning until something happens on another CPU. */
import { describe, expect, it } from 'vitest';
import { Spinners } from '../../models/cpu/spinners.ts';
import { Lab, just } from './lab.ts';

describe('a spinner', () => {
  /** CPU 0 spins from 100 on, owing `debt` ns; CPU 1 ends it at 150, and in vain at 120. */
  function ends(debt: number): string {
    const lab = new Lab({ cpus: 2 });
    const spinners = new Spinners();
    let over = false;
    lab.start('spinner', 50, function* (k) {
      yield 100;
      k.spend(debt);
      yield* spinners.spinUntil(k, () => over);
      lab.log.push(`over at ${k.machine.sim.now}`);
    });
    lab.start(
      'other',
      50,
      function* () {
        yield 120;
        spinners.release();
        yield 30;
        over = true;
        spinners.release();
      },
      { cpu: 1 },
    );
    return lab.run().log.join();
  }

  it('goes on when its condition holds, and not before', () => {
    expect(ends(0)).toBe('over at 150');
  });

  it('misses nothing that happens while it burns the time it owes', () => {
    expect(ends(35)).toBe('over at 150');
    expect(ends(80)).toBe('over at 180');
  });

  it('is interrupted like any other code', () => {
    const lab = new Lab();
    const spinners = new Spinners();
    let over = false;
    const line = lab.irq(
      'I',
      just((k) => {
        lab.note(k, 'irq');
        over = k.machine.sim.now > 200;
        spinners.release();
      }),
    );
    for (const ns of [100, 300]) lab.irqAt(ns, line);
    lab.start('spinner', 50, function* (k) {
      yield* spinners.spinUntil(k, () => over);
      lab.note(k, 'over');
    });
    expect(lab.run().log).toEqual(['irq@hardirq', 'irq@hardirq', 'over']);
  });
});
