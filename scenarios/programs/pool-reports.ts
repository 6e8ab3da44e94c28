/*
 * The statistics of usr.c: bytes and messages since the last report, printed when enough bytes
 * have come, and kept as figures of the run.
 */
import type { MetricSet } from '../run/metrics.ts';

const DIVISOR = { Kbytes: 1024, Mbytes: 1024 * 1024 } as const;
const LETTER = { Kbytes: 'K', Mbytes: 'M' } as const;

export interface ReportOptions {
  readonly threshold: number;
  readonly unit: keyof typeof DIVISOR;
}

export class PoolReports {
  private readonly metrics: MetricSet;
  private readonly options: ReportOptions;
  private readbytes = 0;
  /** Counted once and, as the listing does, twice a message. */
  private messages = 0;
  private readnum = 0;
  private oldtime = 0;
  private reports = 0;
  private totalMs = 0;
  private totalUs = 0;
  private totalMessages = 0;

  constructor(metrics: MetricSet, options: ReportOptions) {
    this.metrics = metrics;
    this.options = options;
    metrics.count('pool.received', '', 0);
    metrics.count('pool.reports', '', 0);
  }

  /** A run without a report has the figures all the same, each 0: `expect` can ask for them. */
  complete(): void {
    if (this.metrics.get('pool.reports') === 0) this.figures(0, 0, 0, 0, 0);
  }

  get due(): boolean {
    return this.readbytes > this.options.threshold;
  }

  /** A message was read whole. */
  message(): void {
    this.readnum++;
    this.messages++;
    this.metrics.count('pool.received');
  }

  flushcount(bytes: number): void {
    if (bytes <= 0) return;
    this.readbytes += bytes;
    this.readnum++;
  }

  /** A new interval begins at `us`. */
  start(us: number): void {
    this.oldtime = us;
    this.readbytes = 0;
    this.messages = 0;
    this.readnum = 0;
  }

  /** The report at `us`: the line as the article shows it, and as the listing prints it. */
  report(us: number): string[] {
    const ms = Math.trunc((us - this.oldtime) / 1000);
    const volume = Math.trunc(this.readbytes / DIVISOR[this.options.unit]);
    const printed = Math.trunc(this.messages / Math.max(1, Math.trunc(ms / 1000)));
    const listed = Math.trunc((this.readnum * 1000) / Math.max(1, ms));
    this.totalUs += us - this.oldtime;
    this.reports++;
    this.totalMs += ms;
    this.totalMessages += this.messages;
    this.metrics.count('pool.reports');
    this.figures(this.messages, ms, volume, printed, listed);
    const { unit } = this.options;
    const speed = ((volume * 1000) / Math.max(1, ms)).toFixed(3);
    const line = (rate: number): string =>
      `received ${volume} ${unit}, consumed time is: ${ms}ms, ` +
      `speed is: ${speed}${LETTER[unit]}/s, ${rate.toFixed(2)}/s.`;
    return [line(printed), `as listed: ${line(listed)}`];
  }

  private figures(
    messages: number,
    ms: number,
    volume: number,
    printed: number,
    listed: number,
  ): void {
    const { metrics, totalMs, totalMessages } = this;
    this.extremes('pool.report.messages', messages, 'count');
    this.extremes('pool.report.volume', volume, '');
    this.extremes('pool.report.ms', ms, 'ms');
    this.extremes('pool.report.rate_printed', printed, '1/s');
    this.extremes('pool.report.rate_listed', listed, '1/s');
    metrics.set('pool.report.ms.mean', '', totalMs / Math.max(1, this.reports), 'ms');
    metrics.set('pool.rate', '', (totalMessages * 1_000_000) / Math.max(1, this.totalUs), '1/s');
  }

  private extremes(metric: string, value: number, unit: 'count' | 'ms' | '1/s' | ''): void {
    const min = this.metrics.get(`${metric}.min`) ?? value;
    const max = this.metrics.get(`${metric}.max`) ?? value;
    this.metrics.set(`${metric}.min`, '', Math.min(min, value), unit);
    this.metrics.set(`${metric}.max`, '', Math.max(max, value), unit);
  }
}
