/*
 * Since when locks are had and waited for, by the places of rows on the axis of a timeline. It
 * tells what no row says: who still has a lock when the run ends.
 */
import type { TraceRow } from '../analysis/trace-row.ts';

/** Somebody who has a lock, or waits for it. */
export interface Stake {
  readonly lock: string;
  readonly actor: string;
  readonly pid: number;
  readonly since: number;
}

export class LockPlaces {
  private readonly held = new Map<string, Stake[]>();
  private readonly waited = new Map<string, Stake[]>();

  /**
   * @param at the place of the row
   * @returns since when that lasted which the row ends; NaN if it ends nothing
   */
  see({ event, object, value, pid }: TraceRow, at: number, actor: string): number {
    const stake = { lock: object, actor, pid, since: at };
    switch (event) {
      case 'lock_acquire':
        // Unless lock_contended follows, it has it from now on.
        this.add(this.held, stake);
        return NaN;
      case 'lock_contended':
        this.take(this.held, stake, false);
        this.add(this.waited, stake);
        return NaN;
      case 'lock_acquired':
        this.add(this.held, stake);
        return this.take(this.waited, stake, true);
      case 'lock_release':
        if (value === value) return this.take(this.held, stake, true);
        this.take(this.held, stake, false);
        return this.take(this.waited, stake, false);
      default:
        return NaN;
    }
  }

  /** Who has a lock now. */
  get holders(): readonly Stake[] {
    return [...this.held.values()].flat();
  }

  private add(to: Map<string, Stake[]>, stake: Stake): void {
    const list = to.get(stake.lock);
    if (list === undefined) to.set(stake.lock, [stake]);
    else list.push(stake);
  }

  /** Ends the latest stake of an actor or, for `anybody`, of its task, else the first there is. */
  private take(from: Map<string, Stake[]>, stake: Stake, anybody: boolean): number {
    const list = from.get(stake.lock);
    if (list === undefined || list.length === 0) return NaN;
    let index = list.findLastIndex(({ actor }) => actor === stake.actor);
    if (index < 0 && anybody)
      index = Math.max(
        0,
        list.findLastIndex((one) => one.pid === stake.pid),
      );
    if (index < 0) return NaN;
    return list.splice(index, 1)[0]!.since;
  }
}
