/*
 * Whatever can be run again and again under different schedules: a scenario, or a program in
 * TypeScript.
 */
import {
  formatSchedule,
  recorded,
  type KnownTexts,
  type OnMissed,
  type RunBounds,
  type Strategy,
} from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import type { Machine } from '../../models/machine.ts';
import type { Expected } from './expected.ts';
import { followed, named, type NamedPlan } from './names.ts';

/** What a run takes place in. */
export interface Place {
  readonly machine: Machine;
  /** The state of the run as a number, with what a search knows of it; NaN: it is not known. */
  fingerprint(known: number): number;
}

/** A run that has not begun. */
export interface Run {
  readonly world: Place;
  /** Goes on to the end; returns what was found. */
  end(): readonly Finding[];
}

/** What one schedule showed. */
export interface Schedule {
  readonly findings: readonly Finding[];
  /** Moves made. */
  readonly length: number;
  readonly world: Place;
}

export interface Recorded extends Schedule {
  readonly plan: () => NamedPlan;
}

/** Gives the strategy of a run, whose world can be asked for once it goes on. */
export type StrategyOf = (world: () => Place) => Strategy;

/** Beyond so many, texts are no names of actors: those are few. */
const TEXTS_MAX = 10_000;

export abstract class Explorable {
  readonly bounds: RunBounds;
  /** Of the runs so far: those to come give them, and so their actors, the same numbers. */
  protected texts: KnownTexts | undefined;

  constructor(bounds: RunBounds) {
    this.bounds = bounds;
  }

  /** The first digits of the hash of what is run. */
  abstract get hash(): string;
  abstract get expected(): Expected;
  abstract start(strategyOf: StrategyOf): Run;

  /** One schedule from its beginning to its end; `watch` sees the world before it begins. */
  run(strategyOf: StrategyOf, watch?: (world: Place) => void): Schedule {
    const run = this.start(strategyOf);
    const { world } = run;
    watch?.(world);
    const findings = run.end();
    const { texts, exploration } = world.machine;
    const known = this.texts?.texts.length ?? 0;
    if (texts.size > known && known < TEXTS_MAX) this.texts = texts.known();
    return { findings, length: exploration!.picks, world };
  }

  /** As `run`; the plan is made when it is asked for, in one more run with the same choices. */
  record(strategyOf: StrategyOf, watch?: (world: Place) => void): Recorded {
    const { findings, length, world } = this.run(strategyOf, watch);
    let plan: NamedPlan | null = null;
    return { findings, length, world, plan: () => (plan ??= this.planOf(world)) };
  }

  private planOf({ machine }: Place): NamedPlan {
    const recording = recorded(repeating(machine.door.choices));
    const { world } = this.run(() => recording.strategy);
    return named(recording.plan, world.machine.texts);
  }

  /** The run that a plan leads to. */
  follow(plan: NamedPlan, onMissed?: OnMissed): Schedule {
    return this.run((world) => followed(plan, () => world().machine.texts, onMissed));
  }

  /** As `follow`, recording the run: its plan has no switch that is passed over. */
  retrace(plan: NamedPlan): Recorded {
    return this.record((world) => followed(plan, () => world().machine.texts));
  }

  /** What the run of a plan finds, with the numbers of its trace rows if it has a trace. */
  traced(plan: NamedPlan): readonly Finding[] {
    return this.follow(plan).findings;
  }

  /** The text that leads to this run again. */
  text(plan: NamedPlan): string {
    return formatSchedule({ scenario: this.hash, bounds: this.bounds, plan });
  }
}

/** Makes the same choices; where the run was ended instead of one more, this one ends too. */
function repeating(choices: readonly number[]): Strategy {
  let at = 0;
  return {
    name: 'repeating',
    choose: () => choices[at++] ?? 0,
    pick: (moves) => (moves.length === 1 ? 0 : (choices[at++] ?? -1)),
  };
}
