// Rows of trace a second to a CSV on disk: an engine workload that records each event, a real
// scenario traced in full, and the trace alone.
//
//   node bench/run.mjs trace
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Process, Simulation, TextTable, Trace } from '../dist/engine/index.js';
import { CsvDigest } from '../dist/engine/trace/csv-digest.js';
import { CsvFile } from '../dist/engine/trace/csv-file.js';
import { ScenarioRun, loadFile, registry } from '../dist/scenarios/index.js';
import { delayOf, nextState, seedOf } from './engine/workloads.mjs';
import { interleave, rate, spread } from './rounds.mjs';

/** The engine's workload: so many processes that sleep again and again, a row each time. */
const PROCESSES = 1000;
const EVENTS = 2_000_000;

const FILE = 'scenarios/article/netlink-pool-10.yaml';

export function run({ rounds, quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-trace-'));
  try {
    const seconds = quick ? 20 : 100;
    const engine = interleave(['timers'], rounds + 1, () => timers(folder, quick ? 10 : 1));
    const timed = spread(engine.get('timers').slice(1));
    const measured = interleave([FILE], rounds + 1, () => traced(folder, seconds)).get(FILE);
    const { rows, bytes } = measured[0];
    const figures = spread(measured.slice(1).map(({ wall }) => rows / wall));
    const alone = execFileSync(process.execPath, ['bench/trace-rows.mjs'], { encoding: 'utf8' });
    return {
      lines: [
        `timers, ${PROCESSES} processes, a row for each event, formatted, hashed and written: ` +
          `${rate(timed.median)} rows/s (${rate(timed.min)} to ${rate(timed.max)})`,
        `netlink-pool-10, ${seconds} virtual seconds, every event traced: ${rows} rows, ` +
          `${(bytes / 1e6).toFixed(0)} MB`,
        `simulated, formatted, hashed and written: ${rate(figures.median)} rows/s ` +
          `(${rate(figures.min)} to ${rate(figures.max)})`,
        'the trace alone:',
        alone.trimEnd(),
      ],
      results: { timers: timed, seconds, rows, bytes, rowsPerSecond: figures },
      failed: false,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Rows a second of the engine's timers workload. */
function timers(folder, part) {
  const sim = new Simulation();
  const texts = new TextTable();
  const file = new CsvFile(join(folder, 'timers.csv'));
  const sink = new CsvDigest((chunk) => file.write(chunk));
  const trace = new Trace(texts, () => '.....', sink);
  const event = trace.defineEvent('wake', (a, b) => `turn=${a} delay=${b}`);
  const context = texts.intern('process');
  const turns = EVENTS / PROCESSES / part;
  function* process(id) {
    const comm = texts.intern(`timer-${id}`);
    let state = seedOf(id);
    for (let turn = 0; turn < turns; turn++) {
      state = nextState(state);
      const delay = delayOf(state);
      yield delay;
      if (trace.on) trace.record(sim.now, 0, context, id, comm, 0, event, 0, turn, turn, delay, 0);
    }
  }
  const start = performance.now();
  for (let id = 0; id < PROCESSES; id++) Process.spawn(sim, process(id));
  sim.run();
  trace.flush();
  file.close();
  return sink.rows / ((performance.now() - start) / 1000);
}

function traced(folder, seconds) {
  const overrides = [`until=${seconds}s`, 'limits.events=1000000000', 'trace.events=all'];
  const result = loadFile(FILE, registry, overrides);
  if (!result.ok) throw new Error(`${FILE} does not load`);
  const file = new CsvFile(join(folder, 'trace.csv'));
  const sink = new CsvDigest((chunk) => file.write(chunk));
  const start = performance.now();
  const scenario = new ScenarioRun(result.loaded, { sink, readFile: (path) => readFileSync(path) });
  while (scenario.slice(1_000_000));
  scenario.finish();
  file.close();
  return { wall: (performance.now() - start) / 1000, rows: sink.rows, bytes: sink.bytes };
}
