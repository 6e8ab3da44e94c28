/*
 * How long tasks wait for a CPU: from the wake-up to the switch (wake-up latency, as the kernel's
 * wakeup tracer has it), and whenever a task could run and did not (the run queue's latency, which
 * also has those that were preempted or created).
 */
import { Distributions } from './distribution.ts';
import type { Lanes } from './lanes.ts';
import type { Latency, Statistic } from './statistic.ts';
import { detailText, type TraceRow } from './trace-row.ts';

export class SchedLatency implements Statistic {
  readonly name = 'wake-up and run-queue latency';
  readonly needs = ['sched_switch', 'sched_waking'];
  readonly uses = ['sched_wakeup_new'];
  private readonly woken: (number | undefined)[] = [];
  private readonly runnable: (number | undefined)[] = [];
  private readonly wakeups = new Distributions();
  private readonly waits = new Distributions();

  readonly latencies: readonly Latency[] = [
    {
      metric: 'wakeup_latency',
      title: 'WAKE-UP LATENCY',
      about: 'from sched_waking to the switch to the task',
      byObject: this.wakeups.byObject,
    },
    {
      metric: 'runqueue_latency',
      title: 'RUN-QUEUE LATENCY',
      about: 'runnable, but another task has the CPU',
      byObject: this.waits.byObject,
    },
  ];

  see(row: TraceRow, lanes: Lanes): void {
    const { event, timeNs, value } = row;
    if (event === 'sched_switch') {
      const state = detailText(row.detail, 'prev_state');
      // What it was woken for while it had the CPU needed no switch.
      if (row.pid > 0) {
        this.woken[row.pid] = undefined;
        this.runnable[row.pid] = state.startsWith('R') ? timeNs : undefined;
      }
      if (value > 0) this.switchedTo(value, lanes.nameOf(row.object, value), timeNs);
      return;
    }
    if (event === 'sched_waking') this.woken[value] ??= timeNs;
    this.runnable[value] ??= timeNs;
  }

  private switchedTo(pid: number, name: string, timeNs: number): void {
    const woken = this.woken[pid];
    const runnable = this.runnable[pid];
    if (woken !== undefined) this.wakeups.add(name, timeNs - woken);
    if (runnable !== undefined) this.waits.add(name, timeNs - runnable);
    this.woken[pid] = undefined;
    this.runnable[pid] = undefined;
  }
}
