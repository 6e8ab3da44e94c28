/*
 * Fair circles: a state that comes back although everybody who could go on did so meanwhile. A run
 * that has come round may do so for ever, and no scheduler is to blame.
 */
import type { Move } from './move.ts';

/** A choice on the way: the state in which it was made, who could have gone on, who did. */
interface Choice {
  readonly enabled: readonly number[];
  readonly taken: number;
  /** What the run had got done by then. */
  readonly progress: number;
}

/** A fair circle. */
export interface Round {
  /** Everybody who went on in it. */
  readonly actors: readonly number[];
  /** How many choices had been made when it began. */
  readonly start: number;
  /** Something was done meanwhile that counts, though it does not show in the state. */
  readonly progressed: boolean;
}

export class Cycles {
  private readonly choices: Choice[] = [];
  /** By state, where it was last seen. */
  private readonly seen = new Map<number, number>();
  private enabled: readonly number[] = [];
  private progress = 0;

  /** The round since the state was last met, if it is fair. */
  sees(state: number, moves: readonly Move[], progress: number): Round | null {
    this.enabled = moves.map(({ actor }) => actor);
    this.progress = progress;
    if (state !== state) return null;
    const before = this.seen.get(state);
    this.seen.set(state, this.choices.length);
    return before === undefined ? null : this.fair(before);
  }

  takes({ actor }: Move): void {
    const { enabled, progress } = this;
    this.choices.push({ enabled, taken: actor, progress });
  }

  private fair(start: number): Round | null {
    const round = this.choices.slice(start);
    const taken = new Set(round.map((choice) => choice.taken));
    const all = round.every(({ enabled }) => enabled.every((actor) => taken.has(actor)));
    if (!all) return null;
    return { actors: [...taken], start, progressed: round[0]!.progress !== this.progress };
  }
}
