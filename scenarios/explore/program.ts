/*
 * A scenario as something that can be run again and again under different schedules.
 */
import { createHash } from 'node:crypto';
import {
  formatSchedule,
  recorded,
  type OnMissed,
  type RunBounds,
  type Strategy,
  type TraceSink,
} from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import type { LoadedScenario } from '../load/index.ts';
import { ScenarioRun } from '../run/run.ts';
import type { World } from '../run/world.ts';
import { followed, named, type NamedPlan } from './names.ts';

/** What one schedule showed. */
export interface Schedule {
  readonly findings: readonly Finding[];
  /** Moves made. */
  readonly length: number;
  readonly world: World;
}

/** Gives the strategy of a run, whose world can be asked for once it goes on. */
export type StrategyOf = (world: () => World) => Strategy;

export class Program {
  readonly loaded: LoadedScenario;
  readonly bounds: RunBounds;
  private readonly readFile: ((path: string) => Uint8Array) | undefined;

  constructor(loaded: LoadedScenario, bounds: RunBounds, readFile?: (path: string) => Uint8Array) {
    this.loaded = loaded;
    this.bounds = bounds;
    this.readFile = readFile;
  }

  /** The first digits of the hash of the effective scenario. */
  get hash(): string {
    return createHash('sha256').update(this.loaded.effective).digest('hex').slice(0, 8);
  }

  /** One schedule from its beginning to its end; `watch` sees the world before it begins. */
  run(strategyOf: StrategyOf, watch?: (world: World) => void): Schedule {
    const run = this.start(strategyOf);
    const { world } = run;
    watch?.(world);
    const findings = run.end();
    return { findings, length: world.machine.exploration!.picks, world };
  }

  /** As `run`, recording what happens as a plan. */
  record(strategyOf: StrategyOf, watch?: (world: World) => void): Recorded {
    let plan: NamedPlan | null = null;
    let recording: ReturnType<typeof recorded> | null = null;
    const schedule = this.run((world) => {
      recording = recorded(strategyOf(world));
      return recording.strategy;
    }, watch);
    const { plan: numbers } = recording!;
    return {
      ...schedule,
      plan: (): NamedPlan => (plan ??= named(numbers, schedule.world.machine.texts)),
    };
  }

  /** The run that a plan leads to. */
  follow(plan: NamedPlan, onMissed?: OnMissed): Schedule {
    return this.run((world) => followed(plan, () => world().machine.texts, onMissed));
  }

  /** The text that leads to this run again. */
  text(plan: NamedPlan): string {
    return formatSchedule({ scenario: this.hash, bounds: this.bounds, plan });
  }

  /** A run that has not begun, for those who want its trace. */
  start(
    strategyOf: StrategyOf,
    sink?: TraceSink,
    readFile: ((path: string) => Uint8Array) | undefined = this.readFile,
  ): ScenarioRun {
    let run: ScenarioRun | null = null;
    const strategy = strategyOf(() => run!.world);
    run = new ScenarioRun(this.loaded, {
      strategy,
      explored: this.bounds,
      ...(sink === undefined ? {} : { sink }),
      ...(readFile === undefined ? {} : { readFile }),
    });
    return run;
  }
}

export interface Recorded extends Schedule {
  readonly plan: () => NamedPlan;
}
