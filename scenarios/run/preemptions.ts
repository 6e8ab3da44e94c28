/*
 * Who preempts whom, read off the rows of the trace: of something that wants to run on a CPU,
 * whether it began while what ran there had not come to its end, or had to wait for that.
 */
import type { TraceListener } from '../../engine/index.ts';
import { contextNames, type ContextName } from '../../models/cpu/accounting.ts';
import { EV } from '../../models/events.ts';
import { HOOK } from '../../models/hooks.ts';
import type { Machine } from '../../models/machine.ts';
import { PREEMPTED, TASK_RUNNING } from '../../models/sched/state.ts';
import type { MetricSet } from './metrics.ts';

/** A stretch of work in one context: one handler, one stay of a task in kernel or user mode. */
interface Stretch {
  readonly context: ContextName;
  over: boolean;
}

const entries = new Map<number, ContextName>([
  [EV.irq_handler_entry, 'hardirq'],
  [EV.local_timer_entry, 'hardirq'],
  [EV.reschedule_entry, 'hardirq'],
  [EV.irq_work_entry, 'hardirq'],
  [EV.softirq_entry, 'softirq'],
]);
const exits: ReadonlySet<number> = new Set([
  EV.irq_handler_exit,
  EV.local_timer_exit,
  EV.reschedule_exit,
  EV.irq_work_exit,
  EV.softirq_exit,
]);

/** What runs on one CPU, as far as rows have told. */
export class Stretches {
  private readonly machine: Machine;
  private readonly cpu: number;
  /** Handlers, the innermost last. */
  private readonly handlers: Stretch[] = [];
  private readonly tasks = new Map<number, Stretch>();
  private pid = 0;

  constructor(machine: Machine, cpu: number) {
    this.machine = machine;
    this.cpu = cpu;
  }

  /** What runs now. */
  get running(): Stretch {
    return this.handlers.at(-1) ?? this.tasks.get(this.pid) ?? idle;
  }

  readonly listen: TraceListener = (_t, cpu, context, pid, _c, _f, event, _o, value, a) => {
    if (cpu !== this.cpu) return;
    this.pid = pid;
    // On the way back from an interrupt, user mode gives way in the kernel: it did not go there.
    if (event !== EV.sched_switch || !this.tasks.has(pid)) {
      this.enter(pid, this.machine.texts.text(context) as ContextName);
    }
    const entered = entries.get(event);
    if (entered !== undefined) this.handlers.push({ context: entered, over: false });
    else if (exits.has(event)) end(this.handlers.pop());
    else if (event === EV.sys_exit || event === HOOK.sys_exit) this.enter(pid, 'user');
    else if (event === EV.sched_switch) this.switched(pid, value, a);
  };

  /** A row of a task itself says in which mode it is; idle tasks have no work of their own. */
  private enter(pid: number, context: ContextName): void {
    if (context !== 'kernel' && context !== 'user') return;
    if (this.tasks.get(pid)?.context === context) return;
    end(this.tasks.get(pid));
    this.tasks.set(pid, { context, over: false });
  }

  /** Who goes to sleep or ends has come to the end of his work, who is preempted has not. */
  private switched(prev: number, next: number, state: number): void {
    if ((state & PREEMPTED) === 0 && state !== TASK_RUNNING) {
      end(this.tasks.get(prev));
      this.tasks.delete(prev);
    }
    this.pid = next;
  }
}

const idle: Stretch = { context: 'idle', over: true };

function end(stretch: Stretch | undefined): void {
  if (stretch !== undefined) stretch.over = true;
}

/** Tells whether a row is one of a certain event and object. */
export type Matches = (event: number, object: number) => boolean;

/**
 * Counts, for each context that ran when something wanted to run, how often that preempted what ran
 * and how often it waited; a wish that is not granted before the end of the run waits.
 */
export function countPreemptions(
  machine: Machine,
  name: string,
  { wanted, begins, cpu }: { readonly wanted: Matches; readonly begins: Matches; cpu: number },
  metrics: MetricSet,
): { readonly watch: TraceListener; readonly write: () => void } {
  const stretches = new Stretches(machine, cpu);
  const preempts = new Map<ContextName, number>();
  const waits = new Map<ContextName, number>();
  let open: Stretch | null = null;
  const settle = (ran: Stretch, over: boolean): void => {
    const counts = over ? waits : preempts;
    counts.set(ran.context, (counts.get(ran.context) ?? 0) + 1);
    open = null;
  };
  return {
    watch: (...row) => {
      const [, , , , , , event, object] = row;
      if (open !== null && begins(event, object)) settle(open, open.over);
      stretches.listen(...row);
      if (wanted(event, object)) open = stretches.running;
    },
    write: () => {
      if (open !== null) settle(open, true);
      for (const context of contextNames) {
        metrics.set(`${name}.preempts`, context, preempts.get(context) ?? 0, 'count');
        metrics.set(`${name}.waits`, context, waits.get(context) ?? 0, 'count');
      }
    },
  };
}
