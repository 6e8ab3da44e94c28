/**
 * Rows of trace a second, from `record` to a file on disk, and where the time goes.
 *
 *     npm run build && node bench/trace-rows.mjs [rows] [file]
 *
 * The rows are of the kind a scheduler trace has: 16 types of event, 64 tasks, 4 processors, a
 * detail of about 40 characters on every third row. Each figure is the best of 5 rounds after a
 * warm-up.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvDigest } from '../dist/engine/trace/csv-digest.js';
import { CsvFile } from '../dist/engine/trace/csv-file.js';
import { TextTable } from '../dist/engine/trace/text-table.js';
import { Trace } from '../dist/engine/trace/trace.js';

const ROWS = Number(process.argv[2] ?? 2_000_000);
const folder = mkdtempSync(join(tmpdir(), 'trace-rows-'));
const path = process.argv[3] ?? join(folder, 'trace.csv');

function range(count, make) {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** Records ROWS rows into a fresh trace. */
function run(sink, select = 'all', listener = undefined) {
  const texts = new TextTable();
  const contexts = range(5, (i) => texts.intern(['hardirq', 'softirq', 'kernel', 'user', ''][i]));
  const comms = range(64, (i) => texts.intern(`worker/${i}`));
  const objects = range(32, (i) => texts.intern(i % 4 === 0 ? '' : `object-${i}`));
  const trace = new Trace(texts, (flags) => 'dnN.'[flags & 3] + 'Hhs.'[(flags >> 2) & 3], sink);
  const details = (a, b, c, table) =>
    `prev=${table.text(a)} prio=${b} next=${table.text(a + 1)} prio=${c} st=R`;
  const events = range(16, (i) => {
    return trace.defineEvent(`event_number_${i}`, i % 3 === 0 ? details : undefined);
  });
  trace.select(select);
  if (listener) trace.subscribe(listener);
  let time = 0;
  for (let i = 0; i < ROWS; i++) {
    time += 137 + (i & 1023);
    const task = (i * 7) & 63;
    const value = i & 1 ? NaN : i * 11;
    if (trace.on) {
      trace.record(
        time,
        i & 3,
        contexts[i % 5],
        1000 + task,
        comms[task],
        i & 15,
        events[i % 16],
        objects[i & 31],
        value,
        comms[task & 31],
        120,
        100 + (i & 31),
      );
    }
  }
  if (sink) trace.flush();
}

function best(work) {
  let best = Infinity;
  for (let round = 0; round < 6; round++) {
    const start = performance.now();
    work();
    if (round > 0) best = Math.min(best, performance.now() - start);
  }
  return (best * 1e6) / ROWS;
}

function show(what, ns) {
  const [cost, rate] = [ns.toFixed(0).padStart(6), (1e3 / ns).toFixed(2).padStart(8)];
  console.log(`${what.padEnd(44)} ${cost} ns/row ${rate} M/s`);
}

function toFile() {
  const file = new CsvFile(path);
  const sink = new CsvDigest((chunk) => file.write(chunk));
  run(sink);
  file.close();
  return sink;
}

const chunks = [];
run({ write: (chunk) => chunks.push(chunk.slice()) });
const { rows, bytes, sha256 } = toFile();
if (statSync(path).size !== bytes) throw new Error('the file is not as long as the sink says');
console.log(`${rows} rows of ${(bytes / rows).toFixed(1)} bytes, sha256 ${sha256.slice(0, 16)}…`);
let seen = 0;
show(
  'nobody wants anything (trace.on is false)',
  best(() => run(undefined)),
);
show(
  'one listener, no CSV',
  best(() =>
    run(undefined, 'all', (time) => {
      seen += time;
    }),
  ),
);
show(
  'CSV wants one event of 16',
  best(() => run({ write() {} }, ['event_number_1'])),
);
show(
  'record and format, chunks dropped',
  best(() => run({ write() {} })),
);
show(
  'record, format, hash (a digest only)',
  best(() => run(new CsvDigest())),
);
show('record, format, hash, write to a file', best(toFile));
show(
  '  of which hash alone',
  best(() => {
    const hash = createHash('sha256');
    for (const chunk of chunks) hash.update(chunk);
    hash.digest();
  }),
);
show(
  '  of which write alone',
  best(() => {
    const fd = openSync(path, 'w');
    for (const chunk of chunks) writeSync(fd, chunk);
    closeSync(fd);
  }),
);
rmSync(folder, { recursive: true });
