/*
 * timer_list timers: at which jiffy they run and in which order. The wheel of 6.1 against recorded
 * runs and the rounding rule read off them, the older one against "at its tick, first armed first".
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../models/era.ts';
import type { Code, Context } from '../../models/context.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import { TimerList, del_timer, del_timer_sync, mod_timer } from '../../models/time/timer.ts';
import { Lab, US, just, raise_irq, sleep } from './lab.ts';

/** Arms a timer `n` jiffies from now that logs its name and jiffies since `align`. */
function arm(lab: Lab, k: Context, name: string, n: number): TimerList {
  const timer = new TimerList(
    name,
    just(() => lab.at(name)),
  );
  mod_timer(k.cpu, timer, k.machine.jiffies + n);
  return timer;
}

/** A task that runs right after a tick, at jiffies `start`; returns the log. */
function afterTick(
  steps: (lab: Lab, k: Context) => Code,
  { start = 1000, kernel = 'linux-6.1' as KernelName, hz = 250 } = {},
): string[] {
  const lab = new Lab({ kernel, hz, preemption: 'none', firstJiffy: start - 1 });
  lab.start('main', 50, function* (k) {
    yield* lab.align();
    yield* steps(lab, k);
  });
  return lab.run(1_000_000).log;
}

describe('the wheel of 4.8 and later', () => {
  it('runs a timer one jiffy after its expiry, a past one at the next tick', () => {
    const log = afterTick(function* (lab, k) {
      for (const n of [0, 1, 2, 5, 12, -3]) arm(lab, k, `t${n}`, n);
      yield* lab.busyJiffies(14);
      lab.at('end');
    });
    expect(log).toEqual([
      't-3 j=1',
      't0 j=1',
      't1 j=2',
      't2 j=3',
      't5 j=6',
      't12 j=13',
      'end j=14',
    ]);
  });

  it('runs timers of one jiffy in reverse order; re-arming one in place does not move it', () => {
    const log = afterTick(function* (lab, k) {
      arm(lab, k, 'A', 4);
      arm(lab, k, 'B', 4);
      const c = arm(lab, k, 'C', 4);
      arm(lab, k, 'D', 4);
      yield* lab.busyJiffies(1);
      lab.at('again', mod_timer(k.cpu, c, k.machine.jiffies + 3));
      yield* lab.busyJiffies(6);
    });
    expect(log).toEqual(['again(1) j=1', 'D j=5', 'C j=5', 'B j=5', 'A j=5']);
  });

  it('keeps the place of a timer that moves within its coarse slot', () => {
    const log = afterTick(function* (lab, k) {
      const a = arm(lab, k, 'A', 100);
      arm(lab, k, 'B', 100);
      lab.at('moved', mod_timer(k.cpu, a, k.machine.jiffies + 101));
      lab.at('expires', a.expires - k.machine.jiffies);
      yield* sleep(k, 150);
    });
    expect(log).toEqual(['moved(1) j=0', 'expires(101) j=0', 'B j=104', 'A j=104']);
  });

  it('lets a timer that re-arms itself for the next jiffy run every second one', () => {
    const log = afterTick(function* (lab, k) {
      let n = 0;
      const timer: TimerList = new TimerList(
        'T',
        just((on) => {
          lab.at('tick', ++n);
          if (n < 5) mod_timer(on.cpu, timer, on.machine.jiffies + 1);
        }),
      );
      mod_timer(k.cpu, timer, k.machine.jiffies + 1);
      yield* lab.busyJiffies(9);
      lab.at('end');
    });
    expect(log).toEqual([
      'tick(1) j=2',
      'tick(2) j=4',
      'tick(3) j=6',
      'tick(4) j=8',
      'end j=9',
      'tick(5) j=10',
    ]);
  });

  it('rounds as recorded at every level that was tried', () => {
    const fired = (start: number, deltas: readonly number[]): string[] =>
      afterTick(
        function* (lab, k) {
          for (const n of deltas) arm(lab, k, `t${n}`, n);
          yield* sleep(k, 6000);
        },
        { start },
      );
    expect(
      fired(975081, [61, 62, 63, 64, 71, 100, 502, 503, 504, 511, 512, 1000, 4031, 4032]),
    ).toEqual([
      't61 j=62',
      't62 j=63',
      't64 j=71',
      't63 j=71',
      't71 j=79',
      't100 j=103',
      't502 j=503',
      't503 j=511',
      't512 j=535',
      't511 j=535',
      't504 j=535',
      't1000 j=1047',
      't4031 j=4055',
      't4032 j=4375',
    ]);
  });

  it('puts timers that were armed at different jiffies into one coarse slot', () => {
    const lab = new Lab({ preemption: 'none', firstJiffy: 1008669 });
    lab.start('main', 50, function* (k) {
      for (const name of ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']) {
        yield* lab.align();
        arm(lab, k, name, 100);
      }
      yield* sleep(k, 200);
      lab.at('end');
    });
    expect(lab.run().log).toEqual([
      ...['F', 'E', 'D', 'C', 'B', 'A'].map((name) => `${name} j=99`),
      ...['H', 'G'].map((name) => `${name} j=107`),
      'end j=203',
    ]);
  });

  it('is never early, and late by less than a granule of its level', () => {
    const rule = (expires: number, delta: number): number => {
      let level = 0;
      while (level < 8 && delta >= 63 * 8 ** level) level++;
      const granule = 8 ** level;
      return (Math.floor(expires / granule) + 1) * granule;
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.array(fc.oneof(fc.nat(70), fc.nat(600), fc.nat(5000), fc.nat(40_000)), {
          minLength: 1,
          maxLength: 8,
        }),
        (start, deltas) => {
          const lab = new Lab({ preemption: 'none', hz: 1000, firstJiffy: start - 1 });
          const ran = new Map<number, number>();
          lab.start('main', 50, function* (k) {
            yield* lab.align();
            deltas.forEach((n, i) => {
              const timer = new TimerList(
                `${i}`,
                just(() => void ran.set(i, k.machine.jiffies)),
              );
              mod_timer(k.cpu, timer, start + n);
            });
          });
          lab.run(100_000);
          deltas.forEach((n, i) => expect(ran.get(i)).toBe(rule(start + n, n)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('measures from its clock, which stands at a timer that is overdue', () => {
    const log = afterTick(function* (lab, k) {
      arm(lab, k, 'overdue', 1);
      local_bh_disable(k);
      yield* lab.busyJiffies(6);
      arm(lab, k, 'T', 60);
      yield* local_bh_enable(k);
      yield* sleep(k, 100);
    });
    // 66 jiffies after 1000, but 64 after the clock at 1002: a slot of 8 jiffies, 1072.
    expect(log).toEqual(['overdue j=6', 'T j=72']);
  });

  it('caps an endless timeout at what the wheel can hold', () => {
    const lab = new Lab({ preemption: 'none', hz: 1000 });
    let ran = 0;
    lab.start('main', 50, function* (k) {
      const timer = new TimerList(
        'T',
        just(() => void (ran = k.machine.jiffies)),
      );
      mod_timer(k.cpu, timer, Number.MAX_SAFE_INTEGER);
      yield 0;
    });
    lab.run(Number.MAX_SAFE_INTEGER / 1_000_000);
    const capacity = 63 * 2 ** 24 - 2 ** 24;
    expect(ran).toBe((Math.floor(capacity / 2 ** 24) + 1) * 2 ** 24);
  });
});

describe('the wheel before 4.8', () => {
  it('runs a timer at the tick of its expiry, first armed first', () => {
    for (const kernel of ['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32'] as const) {
      const log = afterTick(
        function* (lab, k) {
          for (const name of ['A', 'B']) arm(lab, k, name, 4);
          for (const n of [0, 1, 63, 64, 255, 256, 1000, 20_000]) arm(lab, k, `t${n}`, n);
          arm(lab, k, 'past', -3);
          yield* lab.busyJiffies(5);
          lab.at('end');
        },
        { kernel, start: 12345 },
      );
      expect(log).toEqual([
        't0 j=1',
        't1 j=1',
        'past j=1',
        'A j=4',
        'B j=4',
        'end j=5',
        ...[63, 64, 255, 256, 1000, 20_000].map((n) => `t${n} j=${n}`),
      ]);
    }
  });

  it('lets a timer that re-arms itself for the next jiffy run at every one', () => {
    const log = afterTick(
      function* (lab, k) {
        let n = 0;
        const timer: TimerList = new TimerList(
          'T',
          just((on) => {
            lab.at('tick', ++n);
            if (n < 3) mod_timer(on.cpu, timer, on.machine.jiffies + 1);
          }),
        );
        mod_timer(k.cpu, timer, k.machine.jiffies + 1);
        yield* sleep(k, 9);
      },
      { kernel: 'linux-2.6.32' },
    );
    expect(log).toEqual(['tick(1) j=1', 'tick(2) j=2', 'tick(3) j=3']);
  });

  it('runs all timers of a 2.4 machine on the CPU of the timer interrupt', () => {
    const lab = new Lab({ kernel: 'linux-2.4.27', cpus: 2, preemption: 'none' });
    lab.start(
      'main',
      50,
      function* (k) {
        const timer = new TimerList(
          'T',
          just((on) => lab.note(on, `on ${on.cpu.id}`)),
        );
        mod_timer(k.cpu, timer, k.machine.jiffies + 2);
        yield* sleep(k, 5);
      },
      { cpu: 1 },
    );
    expect(lab.run(100).log).toEqual(['on 0@softirq']);
  });
});

describe('a timer', () => {
  it('armed in an interrupt runs on the CPU that armed it', () => {
    const lab = new Lab({ cpus: 2 });
    const timer = new TimerList(
      'T',
      just((k) => lab.note(k, `on ${k.cpu.id}`)),
    );
    const line = lab.irq(
      'I',
      just((k) => void mod_timer(k.cpu, timer, k.machine.jiffies + 2)),
    );
    lab.irqAt(300 * US, line, 1);
    expect(lab.run().log).toEqual(['on 1@softirq']);
  });

  it('changes over to the CPU that moves it, unless its function is running elsewhere', () => {
    const lab = new Lab({ cpus: 2, preemption: 'none' });
    const timer: TimerList = new TimerList('T', function* (k) {
      lab.note(k, `on ${k.cpu.id}`);
      yield 500 * US;
    });
    const move = (n: number) =>
      lab.irq(
        'I',
        just((k) => void mod_timer(k.cpu, timer, k.machine.jiffies + n)),
      );
    lab.irqAt(100 * US, move(2), 0);
    lab.irqAt(200 * US, move(3), 1);
    // Jiffy 4 is at 16 ms: it runs on CPU 1 then, and is moved from CPU 0 meanwhile.
    lab.irqAt(16_100 * US, move(1), 0);
    lab.run();
    expect(lab.log).toEqual(['on 1@softirq', 'on 1@softirq']);
  });

  it('added by another CPU wakes an idle CPU whose tick has stopped', () => {
    const lab = new Lab({ cpus: 2 });
    const [, other] = lab.machine.cpus;
    const timer = new TimerList(
      'T',
      just((k) => lab.note(k, `on ${k.cpu.id}`)),
    );
    lab.start('main', 50, function* () {
      yield 5000 * US;
      mod_timer(other!, timer, lab.machine.jiffies + 2);
    });
    expect(lab.run().log).toEqual(['on 1@softirq']);
    expect(lab.machine.jiffies).toBe(4);
  });

  it('that is deleted does not run; del_timer says whether it was pending', () => {
    const log = afterTick(function* (lab, k) {
      const timer = arm(lab, k, 'T', 3);
      lab.at('pending', timer.pending ? 1 : 0);
      lab.at('del', del_timer(k.cpu, timer));
      lab.at('again', del_timer(k.cpu, timer));
      yield* sleep(k, 5);
    });
    expect(log).toEqual(['pending(1) j=0', 'del(1) j=0', 'again(0) j=0']);
  });

  it('can be deleted by another timer of its jiffy that runs first', () => {
    for (const kernel of ['linux-6.1', 'linux-2.6.32'] as const) {
      const log = afterTick(
        function* (lab, k) {
          const timers: TimerList[] = [];
          const kill = (name: string) =>
            new TimerList(
              name,
              just((on) => {
                lab.at(name);
                for (const other of timers) del_timer(on.cpu, other);
              }),
            );
          timers.push(kill('A'), kill('B'));
          for (const timer of timers) mod_timer(k.cpu, timer, k.machine.jiffies + 2);
          yield* sleep(k, 5);
        },
        { kernel },
      );
      expect(log).toEqual([kernel === 'linux-6.1' ? 'B j=3' : 'A j=2']);
    }
  });

  it('has ended on the other CPU when del_timer_sync returns', () => {
    const lab = new Lab({ cpus: 2, preemption: 'none' });
    const timer = new TimerList('T', function* (k) {
      lab.note(k, 'begin');
      yield 300 * US;
      lab.note(k, 'end');
    });
    const line = lab.irq(
      'I',
      just((k) => void mod_timer(k.cpu, timer, k.machine.jiffies)),
    );
    lab.irqAt(100 * US, line, 1);
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      yield 100 * US;
      lab.note(k, 'deleted', yield* del_timer_sync(k, timer));
    });
    expect(lab.run().log).toEqual(['begin@softirq', 'end@softirq', 'deleted(0)']);
  });

  it('armed between the tick and its softirq for the present jiffy still runs', () => {
    const lab = new Lab({ kernel: 'linux-2.6.32', preemption: 'none' });
    const log = lab.log;
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      const timer = new TimerList(
        'T',
        just(() => lab.at('T')),
      );
      const line = lab.irq(
        'I',
        just((on) => void mod_timer(on.cpu, timer, on.machine.jiffies)),
      );
      yield* raise_irq(k, line);
      yield* sleep(k, 3);
      lab.at('end');
    });
    lab.run();
    expect(log).toEqual(['T j=1', 'end j=3']);
  });
});
