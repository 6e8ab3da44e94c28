// Rows of trace a second: a real scenario traced in full to a file on disk, and the trace alone.
//
//   node bench/run.mjs trace
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvDigest } from '../dist/engine/trace/csv-digest.js';
import { CsvFile } from '../dist/engine/trace/csv-file.js';
import { ScenarioRun, loadFile, registry } from '../dist/scenarios/index.js';
import { interleave, rate, spread } from './rounds.mjs';

const FILE = 'scenarios/article/netlink-pool-10.yaml';

export function run({ rounds, quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-trace-'));
  try {
    const seconds = quick ? 20 : 100;
    const measured = interleave([FILE], rounds + 1, () => traced(folder, seconds)).get(FILE);
    const { rows, bytes } = measured[0];
    const figures = spread(measured.slice(1).map(({ wall }) => rows / wall));
    const alone = execFileSync(process.execPath, ['bench/trace-rows.mjs'], { encoding: 'utf8' });
    return {
      lines: [
        `netlink-pool-10, ${seconds} virtual seconds, every event traced: ${rows} rows, ` +
          `${(bytes / 1e6).toFixed(0)} MB`,
        `simulated, formatted, hashed and written: ${rate(figures.median)} rows/s ` +
          `(${rate(figures.min)} to ${rate(figures.max)})`,
        'the trace alone:',
        alone.trimEnd(),
      ],
      results: { seconds, rows, bytes, rowsPerSecond: figures },
      failed: false,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
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
