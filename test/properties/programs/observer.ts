/*
 * Looks at a run of a random program through its labels: which actor runs in which context, what
 * the counters say where an actor begins and ends.
 */
import type { Context } from '../../../models/context.ts';
import type { World } from '../../../scenarios/run/world.ts';
import type { Program } from './notation.ts';

/** The state of a CPU that an actor must leave as it found it. */
interface Counters {
  readonly preemptCount: number;
  readonly irqsDisabled: boolean;
}

export class Observer {
  private readonly ended: string[] = [];
  private readonly seen = new Set<string>();
  private readonly begun = new Map<string, Counters>();

  constructor(world: World) {
    world.onLog = (k, label, _result, actor) => {
      this.seen.add(actor);
      if (label === `begins_${actor}`) this.begins(k, actor);
      if (label === `ends_${actor}`) this.ends(k, actor);
    };
  }

  private begins(k: Context, actor: string): void {
    this.begun.set(keyOf(k, actor), countersOf(k));
  }

  private ends(k: Context, actor: string): void {
    this.ended.push(actor);
    const now = countersOf(k);
    const key = keyOf(k, actor);
    const due = this.begun.get(key) ?? { preemptCount: 0, irqsDisabled: false };
    this.begun.delete(key);
    if (due.preemptCount === now.preemptCount && due.irqsDisabled === now.irqsDisabled) return;
    const found = `${JSON.stringify(now)} instead of ${JSON.stringify(due)}`;
    throw new Error(`${actor} ends with ${found}`);
  }

  /** Every task has come to its end, once; one that was stopped first may never have run. */
  checkEnds({ actors }: Program, stopped: ReadonlySet<string>): void {
    const due = actors
      .filter(({ kind }) => kind === 'task' || kind === 'sys')
      .map(({ name }) => name)
      .filter((name) => name !== 'helper')
      .filter((name) => !stopped.has(name) || this.seen.has(name));
    const ended = this.ended.filter((name) => due.includes(name));
    if (due.toSorted().join() !== ended.toSorted().join()) {
      throw new Error(`not all have ended once: ${ended.join()} instead of ${due.join()}`);
    }
  }
}

function countersOf({ cpu }: Context): Counters {
  return { preemptCount: cpu.preempt_count, irqsDisabled: cpu.irqs_disabled };
}

/** A work may run on several workers at once, if it is queued on several queues. */
function keyOf({ current }: Context, actor: string): string {
  return `${actor} on ${current.pid}`;
}
