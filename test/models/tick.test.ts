/* The tick: exact instants at every HZ, periodic or stopped on an idle CPU; conversions. */
import { describe, expect, it } from 'vitest';
import { TimerList, mod_timer } from '../../models/time/timer.ts';
import {
  MAX_JIFFY_OFFSET,
  NSEC_PER_SEC,
  jiffies_to_msecs,
  msecs_to_jiffies,
  ticksUntil,
  tickTime,
} from '../../models/time/jiffies.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { schedule_timeout_interruptible } from '../../models/time/sleep.ts';
import { Lab, MS, US, just } from './lab.ts';

const rates = [100, 250, 300, 1000, 1024] as const;

describe('tick k', () => {
  it.each(rates)('is at k/%i s, rounded down to the ns, for ever', (hz) => {
    for (let k = 0; k < 3 * hz; k++) {
      expect(tickTime(hz, k)).toBe(Number((BigInt(k) * 1_000_000_000n) / BigInt(hz)));
    }
    const late = 1_000_000 * hz + 7;
    expect(tickTime(hz, late)).toBe(1_000_000 * NSEC_PER_SEC + Number(7_000_000_000n / BigInt(hz)));
  });

  it.each(rates)('is the last one until the next at %i Hz', (hz) => {
    for (let k = 1; k < 2 * hz; k++) {
      expect(ticksUntil(hz, tickTime(hz, k))).toBe(k);
      expect(ticksUntil(hz, tickTime(hz, k) - 1)).toBe(k - 1);
    }
  });
});

describe('the tick of a busy CPU', () => {
  it.each(rates)('comes %i times a second and counts jiffies', (hz) => {
    const lab = new Lab({ hz, record: true, firstJiffy: 500 });
    lab.start('hog', 50, function* () {
      yield 2 * NSEC_PER_SEC;
    });
    lab.run(1000);
    expect(lab.count('local_timer_entry')).toBe(hz);
    expect(lab.machine.jiffies).toBe(500 + hz);
  });

  it('comes on every CPU at the same instants', () => {
    const lab = new Lab({ cpus: 3, record: true });
    for (const cpu of [0, 1, 2]) {
      lab.start(
        `hog${cpu}`,
        50,
        function* () {
          yield 20 * MS;
        },
        { cpu },
      );
    }
    lab.run(8);
    const ticks = lab.rows().filter((row) => row.includes('local_timer_entry'));
    expect(ticks.map((row) => row.split(',').slice(1, 3).join(' on '))).toEqual(
      [4, 8].flatMap((ms) => [0, 1, 2].map((cpu) => `${ms * MS} on ${cpu}`)),
    );
  });
});

describe('the tick of an idle CPU', () => {
  it('goes on in 2.4', () => {
    const lab = new Lab({ kernel: 'linux-2.4.27', hz: 100, preemption: 'none', record: true });
    lab.run(1000);
    expect(lab.count('local_timer_entry')).toBe(100);
  });

  it('stops in later kernels until the next timer, and jiffies are right then', () => {
    const lab = new Lab({ record: true });
    lab.start('main', 50, function* (k) {
      yield* schedule_timeout_interruptible(k, 50);
      lab.log.push(`${k.machine.sim.now / MS} ms, jiffies ${k.machine.jiffies}`);
    });
    expect(lab.run().log).toEqual(['204 ms, jiffies 51']);
    expect(lab.count('local_timer_entry')).toBe(1);
  });

  it('does not stop for good at the instant of a timer that is due', () => {
    // The CPU goes idle, or wakes up, at the very instant of a tick at which a timer runs.
    for (const end of [8 * MS - 1, 8 * MS, 8 * MS + 1]) {
      const lab = new Lab();
      const timer = new TimerList(
        'T',
        just(() => lab.log.push(`T at ${lab.machine.sim.now}`)),
      );
      lab.start('main', 50, function* (k) {
        mod_timer(k.cpu, timer, 1);
        yield end;
      });
      expect(lab.run().log).toEqual([`T at ${8 * MS}`]);
      const waking = new Lab();
      const line = waking.irq(
        'I',
        just(() => undefined),
      );
      waking.start('main', 50, function* (k) {
        mod_timer(
          k.cpu,
          new TimerList(
            'T',
            just(() => waking.log.push('T')),
          ),
          1,
        );
        yield 100 * US;
      });
      waking.irqAt(end, line);
      expect(waking.run().log).toEqual(['T']);
      expect(waking.machine.sim.now).toBeLessThanOrEqual(8 * MS + 1);
    }
  });

  it('comes at its instant although the CPU leaves idle then, before it', () => {
    const lab = new Lab({ kernel: 'linux-2.6.32', cpus: 2, preemption: 'none' });
    const [cpu0] = lab.machine.cpus;
    const timer = new TimerList(
      'T',
      just(() => lab.log.push(`T at ${lab.machine.sim.now / MS}`)),
    );
    const task = lab.task('task', 50, function* () {
      yield MS;
    });
    // The handler ends at 8 ms; the tick of that instant was asked for after it had begun.
    const line = lab.irq('I', function* (k) {
      yield 100 * US;
      wake_up_process(k.cpu, task);
    });
    lab.irqAt(8 * MS - 100 * US, line);
    lab.start(
      'other',
      50,
      function* () {
        yield 8 * MS - 50 * US;
        mod_timer(cpu0!, timer, 2);
      },
      { cpu: 1 },
    );
    expect(lab.run().log).toEqual(['T at 8']);
  });

  it('is brought up to date by any interrupt', () => {
    const lab = new Lab();
    lab.irqAt(
      100 * MS + 1,
      lab.irq(
        'I',
        just((k) => lab.note(k, `${k.machine.jiffies}`)),
      ),
    );
    expect(lab.run().log).toEqual(['25@hardirq']);
  });

  it('is not scheduled past the end of virtual time', () => {
    const lab = new Lab({ hz: 100, kernel: 'linux-2.6.32', preemption: 'none' });
    lab.start('main', 50, function* (k) {
      yield* schedule_timeout_interruptible(k, MAX_JIFFY_OFFSET);
    });
    expect(lab.machine.sim.run()).toBe('quiescent');
  });
});

describe('conversions', () => {
  const machine = (hz: number) => new Lab({ hz }).machine;

  it('of milliseconds to jiffies round up', () => {
    const table: [number, number, number][] = [
      [100, 50, 5],
      [250, 50, 13],
      [1000, 50, 50],
      [100, 1, 1],
      [250, 1, 1],
      [300, 10, 3],
      [300, 11, 4],
      [1024, 1000, 1024],
      [1024, 1, 2],
      [250, 0, 0],
    ];
    for (const [hz, ms, jiffies] of table) expect(msecs_to_jiffies(machine(hz), ms)).toBe(jiffies);
    expect(msecs_to_jiffies(machine(250), -1)).toBe(MAX_JIFFY_OFFSET);
  });

  it('of jiffies to milliseconds round up', () => {
    expect(jiffies_to_msecs(machine(250), 14)).toBe(56);
    expect(jiffies_to_msecs(machine(300), 1)).toBe(4);
    expect(jiffies_to_msecs(machine(100), 3)).toBe(30);
  });
});
