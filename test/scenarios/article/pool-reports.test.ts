/* The formula behind the article's 22 report lines, applied to the messages and times in them. */
import { describe, expect, it } from 'vitest';
import { PoolReports, type ReportOptions } from '../../../scenarios/programs/pool-reports.ts';
import { MetricSet } from '../../../scenarios/run/metrics.ts';

/** ms, speed, messages a second as printed; the first has 655 messages, the others 654. */
const TEN: readonly (readonly [number, string, number])[] = [
  [3303, '151.680', 655],
  [3277, '152.579', 654],
  [3285, '152.207', 654],
  [3260, '153.374', 654],
  [3281, '152.393', 654],
  [3279, '152.486', 654],
  [3282, '152.346', 654],
  [3271, '152.858', 654],
  [3262, '153.280', 654],
  [3295, '151.745', 654],
];

/** ms, speed, "/s"; that figure times ten is the least number of messages that it can mean. */
const TWO_HUNDRED: readonly (readonly [number, string, number])[] = [
  [10_227, '2.933', 4012],
  [10_062, '2.982', 4013],
  [10_052, '2.984', 4012],
  [10_069, '2.979', 4013],
  [10_113, '2.966', 4012],
  [10_071, '2.979', 4012],
  [10_289, '2.916', 4014],
  [10_247, '2.928', 4013],
  [10_347, '2.899', 4013],
  [10_340, '2.901', 4013],
  [10_107, '2.968', 4012],
  [10_267, '2.922', 4013],
];

function report(options: ReportOptions, messages: number, ms: number): string[] {
  const reports = new PoolReports(new MetricSet(), options);
  reports.start(1_000_000);
  const least = Math.floor(options.threshold / 784) + 1;
  for (let n = 1; n <= messages; n++) {
    reports.message();
    reports.flushcount(784);
    if (reports.due !== n >= least) throw new Error(`due after ${n} messages: ${reports.due}`);
  }
  return reports.report(1_000_000 + ms * 1000 + 999);
}

describe('the report lines of the article', () => {
  it.each(TEN)('with 10 connections: %i ms', (ms, speed, messages) => {
    const volume = messages === 655 ? 501 : 500;
    const head = `received ${volume} Kbytes, consumed time is: ${ms}ms, speed is: ${speed}K/s, `;
    const listed = Math.trunc((2 * messages * 1000) / ms);
    expect(report({ threshold: 512_000, unit: 'Kbytes' }, messages, ms)).toEqual([
      `${head}218.00/s.`,
      `as listed: ${head}${listed}.00/s.`,
    ]);
  });

  it.each(TWO_HUNDRED)('with 200 connections: %i ms', (ms, speed, rate) => {
    const messages = Math.max(40_125, rate * 10);
    const head = `received 30 Mbytes, consumed time is: ${ms}ms, speed is: ${speed}M/s, `;
    const listed = Math.trunc((2 * messages * 1000) / ms);
    expect(report({ threshold: 31_457_280, unit: 'Mbytes' }, messages, ms)).toEqual([
      `${head}${rate}.00/s.`,
      `as listed: ${head}${listed}.00/s.`,
    ]);
  });
});

describe('a run without a report', () => {
  it('has the figures of reports all the same, each 0', () => {
    const metrics = new MetricSet();
    const reports = new PoolReports(metrics, { threshold: 512_000, unit: 'Kbytes' });
    reports.complete();
    expect(metrics.all().every(({ value }) => value === 0)).toBe(true);
    expect(metrics.keys()).toContain('pool.report.messages.min');
  });

  it('leaves the figures alone where there was one', () => {
    const metrics = new MetricSet();
    const reports = new PoolReports(metrics, { threshold: 0, unit: 'Kbytes' });
    reports.start(0);
    reports.message();
    reports.flushcount(784);
    reports.report(1_000_000);
    new PoolReports(metrics, { threshold: 0, unit: 'Kbytes' }).complete();
    expect(metrics.get('pool.report.messages.min')).toBe(1);
  });
});
