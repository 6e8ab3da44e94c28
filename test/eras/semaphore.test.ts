/*
 * docs/semantics.md section 10, Semaphores: until 2.6.25 down_trylock takes one off the count and
 * repairs it later, so it can fail although the semaphore is free, and a message that was left to
 * the other one stays in the queue. The schedule is the table of that section.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
import { kernelNames, type KernelName } from '../../models/era.ts';
import { Semaphore, down_trylock, up } from '../../models/locking/semaphore.ts';
import { Lab } from '../models/lab.ts';

/** A queue that whoever gets the semaphore empties, as a netlink input function of 2.4 does. */
class Mailbox {
  readonly lab: Lab;
  readonly sem = new Semaphore('receive_sem', 1);
  queue = 0;
  processed = 0;

  constructor(kernel: KernelName, cpus = 2) {
    this.lab = new Lab({ kernel, cpus, preemption: 'none', costs: { lock: 100, unlock: 200 } });
  }

  /** A message that comes on `cpu` at `at`, while an interrupt holds that CPU up from `irq` on. */
  arrives(cpu: number, at: number, irq: number): void {
    const line = this.lab.irq(`irq${cpu}`, function* () {
      yield 1000;
    });
    this.lab.irqAt(irq, line, cpu);
    this.lab.start(`sender${cpu}`, 50, (k) => this.deliver(k, at), { cpu });
  }

  private *deliver(k: Context, at: number): Code {
    yield at;
    this.queue++;
    while (this.queue > 0) {
      if ((yield* down_trylock(k, this.sem)) !== 0) return;
      while (this.queue > 0) {
        yield 10;
        this.queue--;
        this.processed++;
      }
      yield 10;
      yield* up(k, this.sem);
      yield 10;
    }
  }
}

/** Queue, count and sleepers at each step of the table. */
function schedule(): number[][] {
  const page = readFileSync(new URL('../../docs/semantics.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('## 10. '), page.indexOf('## 11. '));
  const rows = section.split('\n').filter((line) => /^\| *\d+ *\| *[AB] *\|/.test(line));
  return rows.map((row) => row.split('|').slice(4, 7).map(Number));
}

describe.each(['linux-2.4.27', 'linux-2.6.24'] as const)(
  'the two-counter semaphore of %s',
  (era) => {
    it('strands a message in eleven steps', () => {
      const box = new Mailbox(era);
      const seen: number[][] = [];
      for (const ns of [50, 105, 115, 125, 200, 255, 325, 335, 435, 535, 1400]) {
        box.lab.machine.sim.at(ns, {
          fire: () => void seen.push([box.queue, box.sem.count, box.sem.sleepers]),
        });
      }
      box.arrives(0, 0, 100_000);
      box.arrives(1, 150, 260);
      box.lab.run();
      expect(seen).toHaveLength(11);
      expect(seen).toEqual(schedule());
    });

    it('has it processed when the next message comes', () => {
      const box = new Mailbox(era, 3);
      box.arrives(0, 0, 100_000);
      box.arrives(1, 150, 260);
      box.arrives(2, 50_000, 100_000);
      box.lab.run();
      expect([box.queue, box.processed]).toEqual([0, 3]);
    });
  },
);

const exact = kernelNames.filter((name) => !['linux-2.4.27', 'linux-2.6.24'].includes(name));

describe.each(exact)('the semaphore of %s', (era) => {
  it('strands nothing, whenever the messages and the interrupts come', () => {
    const time = fc.nat(1500);
    fc.assert(
      fc.property(fc.array(fc.record({ at: time, irq: time }), { maxLength: 4 }), (messages) => {
        const box = new Mailbox(era, 4);
        messages.forEach(({ at, irq }, cpu) => box.arrives(cpu, at, irq + 1));
        box.lab.run(1);
        expect([box.queue, box.processed, box.sem.count]).toEqual([0, messages.length, 1]);
      }),
      {
        numRuns: 100,
        examples: [
          [
            [
              { at: 0, irq: 1499 },
              { at: 150, irq: 259 },
            ],
          ],
        ],
      },
    );
  });
});
