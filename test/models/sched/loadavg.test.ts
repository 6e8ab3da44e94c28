/* The load averages against vectors of the kernels' own arithmetic, and on a machine that runs. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../../models/era.ts';
import { formatLoad, loadavg } from '../../../models/fs/proc/loadavg.ts';
import { LoadAverage, calc_load } from '../../../models/sched/loadavg.ts';
import { Completion, wait_for_completion } from '../../../models/sched/completion.ts';
import { compute } from '../../../models/user/unistd.ts';
import { Bench } from '../user/bench.ts';

const file = new URL('../../fixtures/sched/loadavg_vectors.csv', import.meta.url);
const vectors = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));

const SECOND = 1_000_000_000;
const EXPONENTS = [1884, 2014, 2037];
/** What the vectors begin with where nobody is active. */
const FIVE = 10240;

describe('calc_load', () => {
  it.each(vectors)(
    '%s kernels, %s active tasks, after %s samples',
    (era, tasks, samples, ...rest) => {
      const loads = EXPONENTS.map((exp) => {
        let load = tasks === '0' ? FIVE : 0;
        for (let n = 0; n < Number(samples); n++) {
          load = calc_load(load, exp, Number(tasks) * 2048, era === 'new');
        }
        return load;
      });
      expect(loads.map(String)).toEqual(rest.slice(0, 3));
      expect(loads.map(formatLoad).join(' ')).toBe(rest[3]);
    },
  );
});

/** Eight tasks that sleep uninterruptibly, and one that computes. */
function nine(kernel: KernelName): Bench {
  const bench = new Bench(kernel, { hz: 100 });
  const never = new Completion('never');
  for (let i = 0; i < 8; i++) {
    bench.kthread(`sleeper${i}`, (k) => wait_for_completion(k, never));
  }
  bench.run('busy', (k) => compute(k, 100 * SECOND));
  return bench;
}

const row = (era: string, samples: number): string =>
  vectors.find(([e, tasks, n]) => e === era && tasks === '9' && Number(n) === samples)![6]!;

describe('a machine with nine active tasks', () => {
  it.each([
    ['linux-2.4.27', 'old', 60.02],
    ['linux-2.6.24', 'old', 60.02],
    ['linux-6.1', 'new', 60.23],
  ] as const)('has the load of twelve samples after a minute (%s)', (kernel, era, seconds) => {
    const bench = nine(kernel);
    bench.until(seconds * SECOND);
    const loads = loadavg(bench.machine).split(' ').slice(0, 3).join(' ');
    expect(loads).toBe(row(era, 12));
  });

  it('changes every five seconds and a tick, ten ticks after the sample (6.1)', () => {
    const bench = nine('linux-6.1');
    const at = (jiffies: number): string => {
      bench.until(jiffies * 10_000_000);
      return loadavg(bench.machine).split(' ')[0]!;
    };
    expect([at(501), at(510), at(511), at(1011), at(1012)]).toEqual([
      '0.00',
      '0.00',
      '0.72',
      '0.72',
      '1.38',
    ]);
  });
});

describe('looking', () => {
  it('changes nothing', () => {
    const bench = nine('linux-6.1');
    bench.until(31 * SECOND);
    const before = [...bench.machine.loadavg.avenrun];
    const first = loadavg(bench.machine);
    expect(loadavg(bench.machine)).toBe(first);
    expect(bench.machine.loadavg.avenrun).toEqual(before);
    expect(first).toMatch(/ 1\/9 10\n$/);
  });

  it('finds what ticks would have found', () => {
    const { machine } = nine('linux-2.6.24');
    machine.sim.run(1);
    const ticked = new LoadAverage(machine);
    for (let jiffy = 1; jiffy <= 3000; jiffy++) ticked.advance(jiffy);
    expect(new LoadAverage(machine).peek(3000)).toEqual(ticked.avenrun);
  });
});
