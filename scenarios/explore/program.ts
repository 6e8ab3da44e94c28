/*
 * A scenario as something that can be run again and again under different schedules.
 */
import { createHash } from 'node:crypto';
import type { RunBounds, TraceSink } from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import type { LoadedScenario } from '../load/index.ts';
import { ScenarioRun } from '../run/run.ts';
import { expectedOf, type Expected } from './expected.ts';
import { Explorable, type StrategyOf } from './explorable.ts';
import { followed, type NamedPlan } from './names.ts';

export class Program extends Explorable {
  readonly loaded: LoadedScenario;
  readonly expected: Expected;
  private readonly readFile: ((path: string) => Uint8Array) | undefined;

  constructor(loaded: LoadedScenario, bounds: RunBounds, readFile?: (path: string) => Uint8Array) {
    super(bounds);
    this.loaded = loaded;
    this.expected = expectedOf(loaded.scenario);
    this.readFile = readFile;
  }

  /** Of the effective scenario. */
  override get hash(): string {
    return createHash('sha256').update(this.loaded.effective).digest('hex').slice(0, 8);
  }

  override traced(plan: NamedPlan): readonly Finding[] {
    const rows = { write: (): void => {} };
    return this.start((world) => followed(plan, () => world().machine.texts), rows).end();
  }

  override start(
    strategyOf: StrategyOf,
    sink?: TraceSink,
    readFile: ((path: string) => Uint8Array) | undefined = this.readFile,
  ): ScenarioRun {
    let run: ScenarioRun | null = null;
    const strategy = strategyOf(() => run!.world);
    run = new ScenarioRun(this.loaded, {
      strategy,
      explored: this.bounds,
      texts: this.texts,
      sink,
      readFile,
    });
    return run;
  }
}
