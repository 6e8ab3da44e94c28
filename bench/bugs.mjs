// How many schedules each way of searching needs until it finds a bug of the catalogue: the median
// of 20 seeds, and for PCT its hit rate beside the bound 1/(n k^(d-1)).
//
//   node bench/run.mjs bugs            writes docs/bugs.md
//   node bench/run.mjs bugs --quick    3 seeds, nothing is written
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { huntFor, huntOf } from '../dist/scenarios/explore/settings.js';
import { loadFile, registry } from '../dist/scenarios/index.js';

const FOLDER = 'scenarios/bugs';
const PAGE = 'docs/bugs.md';
const STRATEGIES = ['portfolio', 'random', 'pct', 'pos', 'urw', 'dfs'];
const RUNS = 2000;

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
  let hits = 0;
  let schedules = 0;
  let k = 1;
  for (const strategy of STRATEGIES) {
    const counts = [];
    // The exhaustive search makes no draws: every seed gives the same.
    for (let seed = 1; seed <= (strategy === 'dfs' ? 1 : seeds); seed++) {
      const hunt = huntOf(loaded, { strategy, seed: String(seed), runs: RUNS });
      const found = huntFor(hunt, kind);
      counts.push(found ? hunt.schedules : Infinity);
      for (const { plan } of hunt.found) k = Math.max(k, hunt.program.follow(plan).length);
      if (strategy !== 'pct') continue;
      hits += found ? 1 : 0;
      schedules += hunt.schedules;
    }
    runs[strategy] = median(counts);
  }
  const { depth } = scenario.explore;
  const n = actors.length;
  const bound = 1 / (n * k ** (depth - 1));
  return { name, kind, runs, n, k, depth, rate: hits / schedules, bound };
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
  const mean = STRATEGIES.map((strategy) => {
    const finite = results.map(({ runs }) => Math.min(runs[strategy], RUNS));
    return (finite.reduce((sum, count) => sum + count, 0) / finite.length).toFixed(1);
  });
  return [
    '<!-- Written by `npm run bench -- bugs`; do not edit. -->',
    '# The bug catalogue',
    '',
    `Schedules until the finding that \`scenarios/bugs/\` names: the median of ${seeds} seeds. A`,
    `dash: not within ${RUNS}, or not within two preemptions (\`dfs\`). Findings that only predict`,
    'do not count where a bug has to happen. For PCT the share of schedules that show the bug, and',
    'the bound below which it must not be, 1/(n k^(d-1)): n actors, k steps, d orders that make',
    'the bug (`explore.depth`). There is no bound where several go on for ever in step: PCT lets',
    'the best of them go on alone. An interrupt that only raises a softirq counts as an actor.',
    '',
    ...table([head, ...rows, ['**mean**', '', ...mean, '', '', '']]),
    '',
    `In the means a bug that was not found counts ${RUNS}. Bugs of time (\`writer-starvation\`,`,
    '`priority-inversion`) show in a run in virtual time; they are not here.',
  ];
}

function shown(count) {
  return count === Infinity ? '-' : String(count);
}

function percent(share) {
  const percents = share * 100;
  return `${percents.toFixed(percents < 1 ? 2 : 0)} %`;
}

function table([head, ...rows]) {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}
