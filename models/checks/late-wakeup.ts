/*
 * Late wake-ups: somebody was called while still awake, between the last look at the condition and
 * falling asleep, and now sleeps the whole timeout. No kernel says so: everything works, only late.
 * Between the two there is nothing but the step that puts the task to sleep (or sets the state in
 * which it will); whoever looks once more in between has been told, and is not blamed.
 */
import type { Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';

/** Calls that found nobody asleep: of a wait queue, or of a task. */
export class Unheard {
  count = 0;
  /** When the last one came, in steps of the run, and whose it was. */
  at = -1;
  private by: Context | null = null;
  private line = 0;

  note({ machine, top }: Cpu): void {
    this.count++;
    this.at = machine.sim.steps;
    this.by = top;
    this.line = top.line;
  }

  get place(): { readonly actor: string; readonly line: number } {
    return { actor: this.by?.actor ?? '', line: this.line };
  }
}

/** A call that somebody who is about to sleep has missed. */
export interface Missed {
  readonly call: Unheard;
  /** The number of the step in which it came. */
  readonly begun: number;
}

/** The one of these calls that came since the step under way began, or else since `entered`. */
export function missedCall(
  { begun, beganAt }: Context,
  entered: number,
  ...calls: readonly Unheard[]
): Missed | null {
  const since = begun === 0 ? entered : beganAt;
  const call = calls.find(({ at }) => at > since);
  return call === undefined ? null : { call, begun };
}

/** The sleep has taken all of its time. */
export function report_late_wakeup(
  k: Context,
  { call }: Missed,
  timeout: number,
  queue: string,
): void {
  const { current, cpu, line, actor } = k;
  const { place } = call;
  const where = queue === '' ? '' : ` on ${queue}`;
  const text =
    `late wake-up: ${current.comm}/${current.pid} sleeps its whole ${timeout} jiffies${where}, ` +
    'called before it slept';
  cpu.machine.findings.report(cpu, 'late-wakeup', text, {
    actors: [actor, place.actor],
    objects: queue === '' ? [] : [queue],
    places: [place, { actor, line }],
    lines: [`called by ${place.actor}${place.line > 0 ? ` in line ${place.line}` : ''}`],
  });
}
