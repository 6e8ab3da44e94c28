// The speed of exploration: schedules a second of sampling, states of the exhaustive search, and
// SPIN on models of the same programs, all in one run.
//
//   node bench/run.mjs explore           about two minutes
//   node bench/run.mjs explore --quick   a fourth of that
//
// The programs are the repaired twins of bugs of the catalogue: nothing is found, so nothing ends
// a search early. All detectors and the coverage figures are on, as in `lockstep explore`.
import path from 'node:path';
import { DepthFirst, loadFile, registry } from '../dist/scenarios/index.js';
import { Sampler } from '../dist/engine/index.js';
import { huntOf } from '../dist/scenarios/explore/settings.js';
import { nothing } from '../dist/scenarios/explore/searcher.js';
import { rate, spread, table } from './rounds.mjs';
import { spinOn, spinVersion } from './spin/spin.mjs';

const FOLDER = 'scenarios/bugs';
/** Two actors each. */
const SAMPLED = [
  'abba-spin',
  'lost-update',
  'rwlock-recursive-read',
  'sleep-on-lost-wakeup',
  'bluetooth-driver',
  'pid-relock',
  'trylock-consumer-loses-last',
  'twostage',
];
const SAMPLERS = ['random', 'pos', 'pct'];
/** Beside the model that SPIN gets. */
const SEARCHED = [
  ['abba-spin', 'abba'],
  ['cycle3-mutex', 'cycle3'],
  ['spin-vs-hardirq', 'irqself'],
  ['rwlock-recursive-read', 'rwrec'],
  ['lost-update', 'lostupd'],
  ['sleep-on-lost-wakeup', 'sleepon'],
  ['pid-relock', 'pidrelock'],
  ['trylock-consumer-loses-last', 'trylockrx'],
  ['timer-uaf-on-unload', 'timeruaf'],
  ['bluetooth-driver', 'bluetooth'],
  ['wrong-lock', 'wronglock'],
  ['twostage', 'twostage'],
  ['treiber-aba', 'aba'],
  ['reorder-5', 'reorder', 4],
  ['reorder-5', 'reorder', 5],
];
const WINDOW_MS = 100;
const DRAWS = 20_000;
const LIMIT_MS = 60_000;
/** More preemptions than any of the programs has steps. */
const ANY = 1000;

export function run({ rounds, quick }) {
  const windows = (quick ? 5 : 20) * rounds;
  const sampled = SAMPLED.map((name) => sample(name, windows));
  const searched = SEARCHED.filter(([, , setters]) => !quick || setters !== 5).map(search);
  const version = spinVersion();
  const lines = [
    `node ${process.version}, one thread`,
    `schedules in a second of processor time: median (best) of ${windows} windows`,
    ...table([['program', ...SAMPLERS, 'different', 'each run'], ...sampled.map(sampleRow)]),
    '',
    version === null ? 'SPIN or gcc is not installed: the columns of SPIN are empty' : version,
    ...table([SEARCH_HEAD, ...searched.map(searchRow)]),
  ];
  return { lines, results: { sampled, searched }, failed: searched.some(({ ended }) => !ended) };
}

function huntIn(name, strategy, setters) {
  const file = path.join(FOLDER, `${name}-fixed.yaml`);
  const scale =
    setters === undefined
      ? []
      : [`actors.s.count=${setters}`, `actors.chk.cpu=${setters}`, `machine.cpus=${setters + 1}`];
  const result = loadFile(file, registry, scale);
  if (!result.ok) throw new Error(`${file} does not load`);
  return huntOf(result.loaded, { strategy, runs: Infinity, preemptions: ANY });
}

function sample(name, windows) {
  const rates = {};
  for (const strategy of SAMPLERS) {
    const hunt = huntIn(name, strategy);
    rates[strategy] = measured(() => hunt.advance(), windows);
  }
  const hunt = huntIn(name, 'random');
  while (hunt.schedules < DRAWS) hunt.advance();
  return { name, rates, different: hunt.coverage.distinct, each: eachRun(name, windows) };
}

/** The rate at which schedules are run that nobody has run before. */
function eachRun(name, windows) {
  const { program } = huntIn(name, 'random');
  const sampler = new Sampler('random', 'bench', 3);
  let next = 0;
  return measured(() => program.run(() => sampler.next(next++)), windows);
}

function measured(advance, windows) {
  window(advance, 10 * WINDOW_MS);
  return spread(Array.from({ length: windows }, () => window(advance, WINDOW_MS)));
}

/** How often in a second of processor time, over about so many ms. */
function window(advance, ms) {
  let count = 0;
  const start = performance.now();
  const used = process.cpuUsage();
  for (; performance.now() - start < ms; count += 10) for (let i = 0; i < 10; i++) advance();
  const { user, system } = process.cpuUsage(used);
  return (count * 1e6) / (user + system);
}

function sampleRow({ name, rates, different, each }) {
  const cells = [...SAMPLERS.map((strategy) => rates[strategy]), each].map(
    ({ median, max }) => `${rate(median)} (${rate(max)})`,
  );
  return [name, ...cells.slice(0, -1), `${different} of ${DRAWS}`, cells.at(-1)];
}

/** To the end, and once more when the code is warm. */
function search([name, model, setters]) {
  const [cold, warm] = [exhaust(name, setters), exhaust(name, setters)];
  const scaled = setters === undefined ? name : `${name}, ${setters} setters`;
  return { name: scaled, ...warm, coldMs: cold.ms, spin: spinOn(model, setters) };
}

function exhaust(name, setters) {
  const { program, options } = huntIn(name, 'dfs', setters);
  const search = new DepthFirst({ preemptions: ANY, arrivals: options.arrivals });
  let schedules = 0;
  let over = false;
  const strategyOf = (world) => {
    const walk = search.next((known) => world().fingerprint(known));
    over = walk === null;
    return walk ?? nothing();
  };
  const start = performance.now();
  const used = process.cpuUsage();
  for (; !over && performance.now() - start < LIMIT_MS; schedules++) program.run(strategyOf);
  const { user, system } = process.cpuUsage(used);
  const ms = (user + system) / 1000;
  return { states: search.states, schedules, ms, ended: over && !search.cut };
}

const SEARCH_HEAD = [
  'program',
  'states',
  'schedules',
  'first, CPU ms',
  'again, CPU ms',
  'states/s',
  'SPIN: states',
  'pan ms',
  'with spin and gcc, ms',
];

function searchRow({ name, states, schedules, ms, coldMs, ended, spin }) {
  return [
    ended ? name : `${name} (not to its end)`,
    String(states),
    String(schedules),
    coldMs.toFixed(1),
    ms.toFixed(1),
    rate((states * 1000) / ms),
    ...(spin === null
      ? ['', '', '']
      : [String(spin.states), spin.panMs.toFixed(1), spin.allMs.toFixed(0)]),
  ];
}
