// How fast the engine is, against the floor and against other simulators, in interleaved rounds.
// Every run is a process of its own; set-up is outside its clock, warm-up of the JIT compiler
// inside. The machine's noise cancels in the ratio to the floor of the same round: that is the
// figure to watch.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interleave, rate, spread, table } from '../rounds.mjs';
import { findPeers } from './peers/index.mjs';
import { MEASUREMENTS, share } from './workloads.mjs';

const TIMEOUT_MS = 120_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const FLOOR = { name: 'floor', command: [process.execPath, here('floor.mjs')] };
const OURS = { name: 'lockstep', command: [process.execPath, here('ours.mjs')] };

export function run({ rounds, quick }) {
  if (!existsSync(here('../../dist/engine/index.js'))) {
    throw new Error('the engine is not compiled: run `npm run build` first');
  }
  const scratch = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  try {
    const { peers, missing } = findPeers(scratch);
    for (const { name, reason } of missing) console.error(`${name} left out: ${reason}`);
    return measureAll([FLOOR, OURS, ...peers], { rounds, quick });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function measureAll(participants, { rounds, quick }) {
  const results = MEASUREMENTS.map((measurement, index) => {
    const { workload, processes } = measurement;
    console.error(`${index + 1}/${MEASUREMENTS.length} ${workload} ${processes}`);
    return measure(participants, quick ? shorten(measurement) : measurement, rounds);
  });
  const worst = Math.min(...results.map(({ rows }) => ours(rows).ratio.median));
  return {
    lines: [
      `node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${rounds} rounds`,
      ...results.flatMap(describe),
      `worst ratio to floor: ${worst.toFixed(2)}`,
    ],
    results: { node: process.version, rounds, quick, worst, measurements: results },
    failed: results.some(({ rows }) => ours(rows).check !== 'same'),
  };
}

const shorten = (measurement) => ({ ...measurement, events: measurement.events / 10 });
const ours = (rows) => rows.find(({ name }) => name === OURS.name);

function measure(participants, { workload, processes, events }, rounds) {
  const work = ({ slowness = 1 }) => [workload, processes, Math.max(events / slowness, processes)];
  const able = participants.filter(({ workloads }) => workloads?.includes(workload) ?? true);
  const runs = interleave(able, rounds, (participant) => runOnce(participant, work(participant)));
  const floor = runs.get(FLOOR);
  const rows = able.map((participant) => {
    const results = runs.get(participant);
    const rates = results.map(perSecond);
    const reference =
      participant.slowness === undefined ? floor[0] : runOnce(FLOOR, work(participant));
    return {
      name: participant.name,
      perSecond: spread(rates),
      ratio: spread(rates.map((value, round) => value / perSecond(floor[round]))),
      check: compare(results, reference),
    };
  });
  return { workload, processes, events: share(processes, events).events, rows };
}

const perSecond = ({ events, seconds }) => events / seconds;

function runOnce({ name, command }, work) {
  const [file, ...args] = [...command, ...work.map(String)];
  const child = spawnSync(file, args, { encoding: 'utf8', timeout: TIMEOUT_MS });
  if (child.status !== 0) {
    const why = child.error?.message ?? child.stderr.trim();
    throw new Error(`${name} failed at ${work.join(' ')}: ${why}`);
  }
  return JSON.parse(child.stdout.trimEnd().split('\n').at(-1));
}

/** Whether all runs of a participant did the work of the reference. */
function compare(results, reference) {
  const agree = (key) => results.every((result) => result[key] === reference[key]);
  if (!agree('events') || !agree('sum')) return 'DIFFERENT RESULT';
  return agree('order') ? 'same' : 'other tie order';
}

function describe({ workload, processes, events, rows }) {
  return [
    '',
    `${workload}, ${processes} processes, ${events} events`,
    ...table([
      ['', 'events/s', 'x floor', 'min-max', 'check sums'],
      ...rows.map(({ name, perSecond: { median }, ratio, check }) => [
        name,
        rate(median),
        ratio.median.toFixed(2),
        `${ratio.min.toFixed(2)}-${ratio.max.toFixed(2)}`,
        check,
      ]),
    ]),
  ];
}
