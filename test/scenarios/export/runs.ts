/*
 * Runs to export, made when they are first wanted and kept for a file of tests.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { exportRun } from '../../../scenarios/export/export.ts';
import type { FormatName } from '../../../scenarios/export/format-names.ts';
import { readTrace } from '../../../scenarios/analysis/run-folder.ts';
import type { TraceRow } from '../../../scenarios/analysis/trace-row.ts';
import { lockstep, write } from '../../cli/harness.ts';

/** Something of everything that exports make more of than a row. */
export const BUSY = `name: busy
about: Threads contend for locks while a device raises tasklets, timers and work.
kernel: linux-6.1
machine: { cpus: 2, hz: 1000, preemption: full, costs: x86-2024 }
until: 30ms
objects: { spin: spinlock, rw: rwlock, mutex: mutex, sem: { type: semaphore, count: 1 } }
actors:
  device:
    kind: irq
    arrivals: { poisson: 200us }
    steps: [delay 3us, tasklet_schedule half, schedule_work chore]
  half: { kind: tasklet, steps: [delay 5us, mod_timer clock 2] }
  clock: { kind: timer, steps: [delay 2us] }
  alarm: { kind: hrtimer, steps: [delay 1us] }
  chore: { kind: work, steps: [mutex_lock mutex, delay 40us, mutex_unlock mutex] }
  spinner:
    kind: kthread
    count: 2
    steps:
      - repeat: 20
        do:
          - spin_lock spin
          - delay 30us
          - spin_unlock spin
          - mutex_lock mutex
          - delay 60us
          - mutex_unlock mutex
          - hrtimer_start alarm 50
          - msleep 1
  reader:
    kind: kthread
    count: 3
    steps:
      - repeat: 10
        do: [read_lock rw, delay 50us, read_unlock rw, msleep 1]
  writer:
    kind: kthread
    policy: fifo
    prio: 10
    steps:
      - repeat: 10
        do: [write_lock rw, delay 20us, write_unlock rw, down sem, delay 10us, up sem, msleep 2]
  user:
    kind: user
    steps:
      - repeat: 30
        do: [getpid, compute 100us]
`;

export interface Kept {
  /** Makes the run of a scenario, a file's text or the name of one. @returns its folder. */
  run(scenario: string, ...flags: string[]): Promise<string>;
  /** Exports a run's folder. @returns the file. */
  exported(folder: string, to: FormatName): string;
}

/** To be called where a file of tests begins. */
export function keptRuns(): Kept {
  const all = mkdtempSync(join(tmpdir(), 'lockstep-export-'));
  afterAll(() => rmSync(all, { recursive: true, force: true }));
  const runs = new Map<string, Promise<string>>();
  const make = async (scenario: string, flags: string[]): Promise<string> => {
    const file = scenario.includes('\n') ? write(all, scenario, `run${runs.size}.yaml`) : scenario;
    const { out, err } = await lockstep(['run', file, '--out', all, '--json', ...flags]);
    if (out === '') throw new Error(err);
    return (JSON.parse(out) as { folder: string }).folder;
  };
  return {
    run(scenario, ...flags) {
      const key = [scenario, ...flags].join('\0');
      const known = runs.get(key) ?? make(scenario, flags);
      runs.set(key, known);
      return known;
    },
    exported: (folder, to) => exportRun(folder, to, join(folder, `exported.${to}`)).path,
  };
}

export function rowsOf(folder: string): TraceRow[] {
  const rows: TraceRow[] = [];
  readTrace(folder, (row) => rows.push({ ...row }));
  return rows;
}

/** How often each event is in a trace, or in whatever names events. */
export function totals(events: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of events) counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}

export function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
