/*
 * One lock as its rows tell of it: who holds it, who waits, for how long and for whom.
 *
 * A wait is counted for whoever has the lock at the time: for the first one of several readers, and
 * for nobody while it is on its way from one to the next.
 */
import { Distribution } from './distribution.ts';

/** In the place of the holder, while there is none. */
export const NOBODY = '(handover)';

interface Waiter {
  readonly sinceNs: number;
  /** Up to when the wait is counted for somebody. */
  countedNs: number;
  readonly ns: Map<string, number>;
}

export interface Pair {
  readonly waiter: string;
  readonly holder: string;
  readonly waits: Distribution;
}

export class LockTally {
  acquired = 0;
  contended = 0;
  givenUp = 0;
  readonly wait = new Distribution();
  readonly hold = new Distribution();
  readonly pairs = new Map<string, Pair>();
  private readonly holders: string[] = [];
  private readonly waiters = new Map<string, Waiter>();
  /** Those that have asked and not got it, as far as rows say. */
  private readonly asking = new Set<string>();

  /** lock_acquire: a trylock has it already, the others are about to. */
  ask(actor: string, tried: boolean): void {
    this.settle(actor);
    if (tried) this.taken(actor);
    else this.asking.add(actor);
  }

  /** lock_contended */
  contend(actor: string, timeNs: number): void {
    this.settleOthers(actor);
    // It was taken for a holder because others went on before it came to look.
    if (!this.asking.delete(actor)) this.untaken(actor);
    this.contended++;
    this.waiters.set(actor, { sinceNs: timeNs, countedNs: timeNs, ns: new Map() });
  }

  /** lock_acquired: the end of a wait. An interrupt may be on top of the waiter. */
  got(onTop: string, waitedNs: number, timeNs: number): void {
    const actor = this.waiters.has(onTop) ? onTop : this.waiterSince(timeNs - waitedNs, onTop);
    this.settleOthers(actor);
    this.wait.add(waitedNs);
    this.count(timeNs);
    this.stopWaiting(actor);
    this.taken(actor);
  }

  private waiterSince(timeNs: number, otherwise: string): string {
    for (const [actor, { sinceNs }] of this.waiters) if (sinceNs === timeNs) return actor;
    return otherwise;
  }

  /** lock_release; without a time held, it is the end of a wait in vain. */
  release(actor: string, heldNs: number, timeNs: number): void {
    this.count(timeNs);
    if (heldNs !== heldNs) {
      this.stopWaiting(actor);
      this.asking.delete(actor);
      this.givenUp++;
      return;
    }
    this.settleOthers('');
    this.hold.add(heldNs);
    // Semaphores may be released by others than those that took them.
    const at = this.holders.indexOf(actor);
    this.holders.splice(at < 0 ? 0 : at, 1);
  }

  /** The run has ended. */
  end(timeNs: number): void {
    this.count(timeNs);
    this.settleOthers('');
    for (const actor of [...this.waiters.keys()]) this.stopWaiting(actor);
  }

  /** Who asked and did not have to wait has it since. */
  private settleOthers(but: string): void {
    for (const actor of this.asking) if (actor !== but) this.settle(actor);
  }

  private settle(actor: string): void {
    if (this.asking.delete(actor)) this.taken(actor);
  }

  private taken(actor: string): void {
    this.acquired++;
    this.holders.push(actor);
  }

  private untaken(actor: string): void {
    const at = this.holders.lastIndexOf(actor);
    if (at < 0) return;
    this.holders.splice(at, 1);
    this.acquired--;
  }

  /** Counts the waits up to now for the present holder. */
  private count(timeNs: number): void {
    if (this.waiters.size === 0) return;
    const holder = this.holders[0] ?? NOBODY;
    for (const waiter of this.waiters.values()) {
      const ns = timeNs - waiter.countedNs;
      waiter.countedNs = timeNs;
      if (ns > 0 || waiter.ns.size === 0) waiter.ns.set(holder, (waiter.ns.get(holder) ?? 0) + ns);
    }
  }

  private stopWaiting(actor: string): void {
    const waiter = this.waiters.get(actor);
    if (waiter === undefined) return;
    this.waiters.delete(actor);
    for (const [holder, ns] of waiter.ns) {
      const key = `${actor}\n${holder}`;
      let pair = this.pairs.get(key);
      if (pair === undefined) {
        pair = { waiter: actor, holder, waits: new Distribution() };
        this.pairs.set(key, pair);
      }
      pair.waits.add(ns);
    }
  }
}
