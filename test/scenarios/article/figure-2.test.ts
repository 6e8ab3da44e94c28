/*
 * The article's claim about Figure 2, that data through a kernel thread arrives late because the
 * thread competes for the CPU: latencies for 0 to 8 busy processes, by thread and by netlink.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { performArticle, type Performed } from '../run/perform.ts';

const BUSY = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const COLUMNS = ['latency.count', 'latency.min', 'latency.p50', 'latency.p99', 'latency.max'];
const ms = 1_000_000;

const runs = new Map<string, Performed>();

function run(variant: 'thread' | 'netlink', busy: number, ...overrides: string[]): Performed {
  const key = [variant, busy, ...overrides].join(' ');
  const known =
    runs.get(key) ?? performArticle(`figure-2-${variant}`, [`params.busy=${busy}`, ...overrides]);
  runs.set(key, known);
  return known;
}

const median = (...of: Parameters<typeof run>): number => run(...of).metric('latency.p50');

describe('the kernel thread of Figure 2', () => {
  it('hands its data over in time as long as its share of the CPU is enough for its work', () => {
    for (const busy of [0, 1, 2, 3]) {
      expect(run('thread', busy).metric('latency.max')).toBeLessThan(1.2 * ms);
    }
  });

  it('is late once it wants more than its share, the more so the more compete', () => {
    const medians = [3, 4, 5, 6, 7, 8].map((busy) => median('thread', busy));
    for (let i = 1; i < medians.length; i++) {
      expect(medians[i]!).toBeGreaterThan(medians[i - 1]! * 1.1);
    }
    expect(medians.at(-1)!).toBeGreaterThan(50 * median('thread', 0));
  });

  it('is not late for their number alone: with a tenth of the work it is in time', () => {
    const { metric } = run('thread', 8, 'params.work=100us');
    expect(metric('latency.max')).toBeLessThan(0.3 * ms);
  });

  it('is not late as a real-time thread, with the same work', () => {
    const realTime = ['actors.thread.policy=fifo', 'actors.thread.prio=50'];
    expect(run('thread', 8, ...realTime).metric('latency.max')).toBeLessThan(1.3 * ms);
  });
});

describe('netlink with the same work', () => {
  it('delivers in the sender, whoever competes', () => {
    for (const busy of BUSY) {
      expect(run('netlink', busy).metric('latency.max')).toBeLessThan(1.2 * ms);
    }
  });

  it('is faster than the thread by far when that is late, and no slower otherwise', () => {
    for (const busy of BUSY) {
      const least = busy > 4 ? 20 : busy === 4 ? 4 : 0.9;
      expect(median('thread', busy)).toBeGreaterThan(least * median('netlink', busy));
    }
  });

  it('makes the sender pay: it sends later, as it waits for its own share', () => {
    const paces = [0, 8].map((busy) => run('netlink', busy).metric('pace.mean'));
    expect(paces[1]!).toBeGreaterThan(1.5 * paces[0]!);
  });
});

it('docs/article/figure-2.csv has the figures of these runs', () => {
  const rows = (['thread', 'netlink'] as const).flatMap((variant) =>
    BUSY.map((busy) => {
      const { metric } = run(variant, busy);
      return [variant, busy, ...[...COLUMNS, 'pace.mean'].map(metric)].join(',');
    }),
  );
  const head = 'variant,busy,messages,min_ns,p50_ns,p99_ns,max_ns,between_sends_ns';
  const url = new URL('../../../docs/article/figure-2.csv', import.meta.url);
  expect(readFileSync(url, 'utf8')).toBe(`${[head, ...rows].join('\n')}\n`);
});
