/*
 * A scenario as something that can be run again and again under different schedules.
 */
import type { FingerprintOf, Strategy, TraceSink } from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import type { LoadedScenario } from '../load/index.ts';
import { ScenarioRun } from '../run/run.ts';

export interface ProgramOptions {
  /** How often each interrupt line arrives at most, if the scenario does not say how often. */
  readonly interrupts: number;
  /** Steps after which a run is given up. */
  readonly steps: number;
  /** Opens a file that the scenario names. */
  readonly readFile?: (path: string) => Uint8Array;
}

/** What one schedule showed. */
export interface Schedule {
  readonly findings: readonly Finding[];
  /** What was decided, in order: with it the run can be made again. */
  readonly choices: readonly number[];
  /** Moves made. */
  readonly length: number;
}

/** Gives the strategy of a run; the state of that run can be asked for while it goes on. */
export type StrategyOf = (fingerprint: FingerprintOf) => Strategy;

export class Program {
  readonly loaded: LoadedScenario;
  private readonly options: ProgramOptions;

  constructor(loaded: LoadedScenario, options: ProgramOptions) {
    this.loaded = loaded;
    this.options = options;
  }

  /** One schedule from its beginning to its end. */
  run(strategyOf: StrategyOf): Schedule {
    let run: ScenarioRun | null = null;
    const strategy = strategyOf((known) => run!.world.fingerprint(known));
    run = this.start(strategy);
    const findings = run.end();
    const { door, exploration } = run.world.machine;
    return { findings, choices: door.choices, length: exploration!.picks };
  }

  /** A run that has not begun, for those who want its trace. */
  start(strategy: Strategy, sink?: TraceSink): ScenarioRun {
    const { interrupts, steps, readFile } = this.options;
    return new ScenarioRun(this.loaded, {
      strategy,
      explored: { interrupts, steps },
      ...(sink === undefined ? {} : { sink }),
      ...(readFile === undefined ? {} : { readFile }),
    });
  }
}
