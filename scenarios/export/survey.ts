/*
 * What has to be known of a whole run before the first row can be exported: the heads of most
 * formats name every task, CPU and lock, or count the events.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { kernelNames, type KernelName } from '../../models/index.ts';
import { Queues, type QueueLength } from '../analysis/queues.ts';
import { endOf, readTrace, recordedEvents } from '../analysis/run-folder.ts';
import type { TraceRow } from '../analysis/trace-row.ts';

/** A task as its rows tell of it. */
export interface SurveyedTask {
  /** Of the idle tasks, which share pid 0: `swapper`. */
  readonly comm: string;
  /** It makes system calls, so it is no kernel thread. */
  readonly user: boolean;
}

export interface Survey {
  readonly scenario: string;
  readonly kernel: KernelName;
  readonly cpus: number;
  /** By CPU. */
  readonly rows: readonly number[];
  readonly endNs: number;
  readonly tasks: ReadonlyMap<number, SurveyedTask>;
  /** In the order in which they first appear, as are the locks. */
  readonly events: readonly string[];
  readonly locks: readonly string[];
  /** In the order of time. */
  readonly queueLengths: readonly QueueLength[];
}

/** Rows whose object and value are a task's name and pid. */
const NAMES_A_TASK = new Set([
  'sched_switch',
  'sched_waking',
  'sched_wakeup',
  'sched_wakeup_new',
  'sched_migrate_task',
]);

/** The CPU of a row in formats that know no events outside of all CPUs: the first. */
export function cpuOf({ cpu }: TraceRow): number {
  return Math.max(cpu, 0);
}

/** What `uname -r` says on the modelled kernel. */
export function releaseOf(kernel: KernelName): string {
  return kernel.replace('linux-', '');
}

/** @throws NoTraceFolder */
export function survey(folder: string): Survey {
  const { name, kernel, machine, actors } = scenarioOf(folder);
  const rows: number[] = Array.from({ length: machine.cpus }, () => 0);
  const events = new Set<string>();
  const locks = new Set<string>();
  const comms = new Map<number, string>([[0, 'swapper']]);
  const callers = new Set<number>();
  const queues = new Queues(recordedEvents(folder));
  let endNs = endOf(folder);
  readTrace(folder, (row) => {
    const { event, pid, timeNs } = row;
    const cpu = cpuOf(row);
    rows[cpu] = (rows[cpu] ?? 0) + 1;
    endNs = Math.max(endNs, timeNs);
    events.add(event);
    if (pid > 0 && !comms.has(pid)) comms.set(pid, row.comm);
    if (event.startsWith('lock_')) locks.add(row.object);
    else if (NAMES_A_TASK.has(event) && !comms.has(row.value)) comms.set(row.value, row.object);
    else if (event === 'sys_enter') callers.add(pid);
    queues.see(row);
  });
  queues.end(endNs);
  const users = new Set(
    Object.entries(actors)
      .filter(([, { kind }]) => kind === 'user')
      .map(([actor]) => actor.slice(0, 15)),
  );
  const tasks = [...comms].map(
    ([pid, comm]) => [pid, { comm, user: callers.has(pid) || users.has(comm) }] as const,
  );
  return {
    scenario: name,
    kernel,
    cpus: rows.length,
    rows: Array.from(rows, (count) => count ?? 0),
    endNs,
    tasks: new Map(tasks.sort(([a], [b]) => a - b)),
    events: [...events],
    locks: [...locks],
    queueLengths: queues.lengths(),
  };
}

const scenario = z.object({
  name: z.string().default('run'),
  kernel: z.enum(kernelNames).default('linux-6.1'),
  machine: z.object({ cpus: z.int().min(1).max(4096).default(1) }).default({ cpus: 1 }),
  actors: z.record(z.string(), z.object({ kind: z.string().optional() })).default({}),
});

/** What the run's scenario says; a trace without one is taken for a run of a recent kernel. */
function scenarioOf(folder: string): z.output<typeof scenario> {
  const path = join(folder, 'scenario.yaml');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return scenario.safeParse(parse(text)).data ?? scenario.parse({});
}
