/*
 * Makes the runs of a sweep by their numbers. Nothing is kept of a trace but its digest, which is
 * that of `lockstep run` with the same overrides and seed.
 */
import { CsvDigest } from '../../engine/trace/csv-digest.ts';
import { Grid } from '../../engine/index.ts';
import { formatDiagnostic, loadText, type LoadResult } from '../load/index.ts';
import { InputError } from '../output/inputs.ts';
import { keptReader } from '../output/kept-inputs.ts';
import { EXIT, judge } from '../output/verdict.ts';
import { registry } from '../registry.ts';
import { ScenarioError } from '../run/error.ts';
import { ScenarioRun } from '../run/run.ts';
import { overridesAt, seedValue, type Order } from './order.ts';
import { metricsOf, type RunRecord } from './record.ts';

/** A few hundredths of a second. */
const SLICE_STEPS = 20_000;

export class Performer {
  private readonly order: Order;
  private readonly grid: Grid;
  private readonly readFile: (path: string) => Uint8Array;
  /** The runs of a point follow each other: it is loaded once. */
  private point = -1;
  private loaded: LoadResult | undefined;

  constructor(order: Order) {
    this.order = order;
    this.grid = new Grid(order.axes, order.seeds);
    this.readFile = keptReader(order.inputs);
  }

  /** Makes a run; undefined if `stopped` says so while it goes on. */
  async perform(run: number, stopped: () => boolean): Promise<RunRecord | undefined> {
    const result = this.at(this.grid.pointOf(run));
    if (!result.ok) {
      return invalid(run, result.diagnostics.map(formatDiagnostic).join('; '));
    }
    try {
      const sink = new CsvDigest();
      const made = new ScenarioRun(result.loaded, {
        seed: seedValue(this.grid.seedOf(run)),
        sink,
        readFile: this.readFile,
      });
      while (made.slice(SLICE_STEPS)) {
        await new Promise((resolve) => setImmediate(resolve));
        if (stopped()) return undefined;
      }
      const outcome = made.finish();
      const { exit, why } = judge(outcome);
      const { metrics } = outcome;
      // Nobody interrupts the run itself, and it settles nowhere: one of the few is left.
      const code = exit as RunRecord['exit'];
      return { run, exit: code, why, digest: sink.sha256, metrics: metricsOf(metrics) };
    } catch (error) {
      if (!(error instanceof ScenarioError || error instanceof InputError)) throw error;
      return invalid(run, error.message);
    }
  }

  private at(point: number): LoadResult {
    if (this.loaded === undefined || this.point !== point) {
      const { file, text } = this.order;
      this.loaded = loadText(file, text, registry, overridesAt(this.order, point));
      this.point = point;
    }
    return this.loaded;
  }
}

/** The run of a point that is no valid scenario. */
function invalid(run: number, why: string): RunRecord {
  return { run, exit: EXIT.invalid, why, digest: '', metrics: [] };
}
