// How many schedules each way of searching needs until it finds a bug of the catalogue: the median
// of 20 seeds, and for PCT its hit rate beside the bound 1/(n k^(d-1)).
//
//   node bench/run.mjs bugs            writes docs/bugs.md
//   node bench/run.mjs bugs --quick    3 seeds, nothing is written
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { markdownTable as table } from './markdown.mjs';
import { huntFor, huntOf } from '../dist/scenarios/explore/settings.js';
import { loadFile, registry } from '../dist/scenarios/index.js';

const FOLDER = 'scenarios/bugs';
const PAGE = 'docs/bugs.md';
const STRATEGIES = ['portfolio', 'random', 'pct', 'pos', 'urw', 'directed', 'dfs', 'dpor'];
const EXHAUSTIVE = ['dfs', 'dpor'];
/** The best mean among RW, PCT, POS and URW of an independent engine, over 30 trials. */
const BEST = {
  'trylock-consumer-loses-last': 19,
  twostage: 11,
  'bluetooth-driver': 13,
  'treiber-aba': 10,
  'homemade-rwlock': 8,
  'reorder-20': 8,
  'sleep-on-lost-wakeup': 6,
};
const RUNS = 2000;
const TASKS = ['kthread', 'user', 'sys'];

export async function run({ quick }) {
  const seeds = quick ? 3 : 20;
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('-fixed.yaml'))
    .map((file) => path.parse(file).name);
  const results = [];
  for (const name of names) {
    process.stderr.write(`\r\x1b[K${name}`);
    const bug = load(name);
    if (bug.scenario.explore.findings.must.length > 0) results.push(measure(name, bug, seeds));
  }
  process.stderr.write('\r\x1b[K');
  const lines = page(results, seeds);
  if (!quick) writeFileSync(PAGE, `${lines.join('\n')}\n`);
  return { lines, results, failed: results.some(({ runs }) => runs.portfolio > RUNS) };
}

function load(name) {
  const result = loadFile(path.join(FOLDER, `${name}.yaml`), registry);
  if (!result.ok) throw new Error(`${name} does not load`);
  return result.loaded;
}

function measure(name, loaded, seeds) {
  const { scenario, actors } = loaded;
  const [kind] = scenario.explore.findings.must;
  const runs = {};
  const means = {};
  let slowest = 0;
  let hits = 0;
  let schedules = 0;
  let k = 1;
  for (const strategy of STRATEGIES) {
    const counts = [];
    // The exhaustive searches make no draws: every seed gives the same.
    for (let seed = 1; seed <= (EXHAUSTIVE.includes(strategy) ? 1 : seeds); seed++) {
      const hunt = huntOf(loaded, { strategy, seed: String(seed), runs: RUNS });
      const begun = performance.now();
      const found = huntFor(hunt, kind);
      if (strategy === 'portfolio') slowest = Math.max(slowest, performance.now() - begun);
      counts.push(found ? hunt.schedules : Infinity);
      for (const { plan } of hunt.found) k = Math.max(k, hunt.program.follow(plan).length);
      if (strategy !== 'pct') continue;
      hits += found ? 1 : 0;
      schedules += hunt.schedules;
    }
    runs[strategy] = median(counts);
    means[strategy] = mean(counts.map((count) => Math.min(count, RUNS)));
  }
  const { depth } = scenario.explore;
  // Who gets a priority from PCT: also the preemption of a CPU on which several tasks run.
  const n = actors.length + preempted(scenario, actors);
  const bound = 1 / (n * k ** (depth - 1));
  return { name, kind, runs, means, slowest, n, k, depth, rate: hits / schedules, bound };
}

/** CPUs on which a task can be preempted by another. */
function preempted({ machine }, actors) {
  if (machine.preemption !== 'full' && machine.preemption !== 'rt') return 0;
  const tasks = actors.map(({ spec }) => spec).filter(({ kind }) => TASKS.includes(kind));
  const cpus = new Set(tasks.map(({ cpu }) => cpu));
  return [...cpus].filter((cpu) => tasks.filter((task) => task.cpu === cpu).length > 1).length;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

function page(results, seeds) {
  const rows = results.map(({ name, kind, runs, n, k, depth, rate, bound }) => [
    name,
    kind,
    ...STRATEGIES.map((strategy) => shown(runs[strategy])),
    `${n}, ${k}, ${depth}`,
    percent(rate),
    percent(bound),
  ]);
  const head = ['bug', 'finding', ...STRATEGIES, 'n, k, d', 'PCT hits', 'bound'];
  const means = STRATEGIES.map((strategy) =>
    mean(results.map((result) => result.means[strategy])).toFixed(1),
  );
  const hard = results.filter(({ name }) => name in BEST);
  const compared = hard.map(({ name, means: own }) => [
    name,
    ...STRATEGIES.map((strategy) => own[strategy].toFixed(1)),
    String(BEST[name]),
  ]);
  const over = results.filter(({ runs }) => runs.portfolio > RUNS).length;
  const slow = results.filter(({ slowest }) => slowest > 5000).length;
  return [
    '<!-- Written by `npm run bench -- bugs`; do not edit. -->',
    '# The bug catalogue',
    '',
    `Schedules until the finding that \`scenarios/bugs/\` names: the median of ${seeds} seeds. A`,
    `dash: not within ${RUNS}, or not within two preemptions (\`dfs\`). Findings that only predict`,
    'do not count where a bug has to happen. For PCT the share of schedules that show the bug, and',
    'the bound below which it must not be, 1/(n k^(d-1)): n actors, k steps, d orders that make',
    'the bug (`explore.depth`). There is no bound where several go on for ever in step: PCT lets',
    'the best of them go on alone. An interrupt that only raises a softirq counts as an actor,',
    'and so does the preemption of a CPU. The share is that of the first hits: good to a fifth.',
    '',
    ...table([head, ...rows, ['**mean**', '', ...means, '', '', '']]),
    '',
    `The means are over all seeds; a bug that was not found counts ${RUNS}. Of ${results.length}`,
    `bugs, ${over} took the portfolio more than ${RUNS} schedules and ${slow} more than 5 s.`,
    'Bugs of time (`writer-starvation`, `priority-inversion`) show in a run in virtual time; they',
    'are not here. `dpor` has no bound on preemptions: it sets out from the end of a schedule, and',
    'in a program with many actors it is still there after 2000.',
    '',
    '## The hard ones',
    '',
    `The mean of ${seeds} seeds where strategies differ, and beside it the best mean that an`,
    'independent engine reached with the random walk, PCT, POS and URW (30 trials).',
    '',
    ...table([['bug', ...STRATEGIES, 'best of four'], ...compared]),
  ];
}

function shown(count) {
  return count === Infinity ? '-' : String(count);
}

function percent(share) {
  const percents = share * 100;
  return `${percents.toFixed(percents < 1 ? 2 : 0)} %`;
}
