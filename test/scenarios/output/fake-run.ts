/*
 * A run that needs no kernel: a real trace of as many rows as it is told, and a fixed result.
 */
import { TextTable, Trace, type TraceSink } from '../../../engine/index.ts';
import type { Observer, Runnable, Start } from '../../../scenarios/output/record.ts';
import type { RunIdentity } from '../../../scenarios/output/manifest.ts';
import type { RunEnding, RunResult } from '../../../scenarios/run/result.ts';

export const identity: RunIdentity = {
  version: '1.2.3',
  scenario: 'fake',
  seed: 7,
  overrides: ['machine.hz=250'],
  effective: 'name: fake\nseed: 7\n',
  lines: [],
};

export const silent: Observer = { onInterrupt: () => () => {}, progress: () => {}, done: () => {} };

export interface FakeOptions {
  readonly rows?: number;
  readonly result?: Partial<RunResult>;
  /** A file that the scenario reads. */
  readonly reads?: string;
  /** Changes the value of one row. */
  readonly deviates?: number;
}

export function fakeResult(changes: Partial<RunResult> = {}): RunResult {
  return {
    ending: 'until',
    timeNs: 10_000_000,
    steps: 1234,
    metrics: [],
    cpus: [{ cpu: 0, ns: { hardirq: 1, softirq: 1, kernel: 2, user: 4, idle: 8 }, switches: 3 }],
    locks: [],
    tasks: [],
    findings: [],
    checks: [],
    console: [],
    choices: [],
    ...changes,
  };
}

class FakeRun implements Runnable {
  timeNs = 0;
  steps = 0;
  readonly untilNs: number;
  private readonly options: FakeOptions;
  private readonly trace: Trace;
  private readonly texts = new TextTable();
  private interrupted = false;

  constructor(sink: TraceSink, options: FakeOptions) {
    this.options = options;
    this.untilNs = options.rows ?? 10;
    this.trace = new Trace(this.texts, () => '....', sink);
    this.trace.defineEvent('tick');
  }

  slice(steps: number): boolean {
    const end = Math.min(this.untilNs, this.steps + steps);
    for (; this.steps < end && !this.interrupted; this.steps++) this.tick();
    return this.steps < this.untilNs && !this.interrupted;
  }

  private tick(): void {
    const value = this.steps === this.options.deviates ? -1 : this.steps;
    this.trace.record(++this.timeNs, 0, 0, -1, 0, 0, 0, 0, value, 0, 0, 0);
  }

  interrupt(): void {
    this.interrupted = true;
  }

  finish(): RunResult {
    this.trace.flush();
    const ending: RunEnding = this.interrupted ? 'interrupted' : 'until';
    return fakeResult({ ending, timeNs: this.timeNs, steps: this.steps, ...this.options.result });
  }
}

export function fakeStart(options: FakeOptions = {}): Start {
  return (sink, readFile) => {
    if (options.reads !== undefined) readFile(options.reads);
    return new FakeRun(sink, options);
  };
}
