// Runs one benchmark:  node bench/run.mjs NAME [--rounds N] [--quick] [--json FILE]
//
// A benchmark is a module that exports `run({ rounds, quick })` and returns { lines, results,
// failed }: the lines to print, the figures for --json, and whether participants disagreed on the
// work done.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const BENCHMARKS = {
  engine: './engine/bench.mjs',
  trace: './trace.mjs',
  pool: './pool.mjs',
  bugs: './bugs.mjs',
  explore: './explore.mjs',
  channels: './channels.mjs',
};

const USAGE = `usage: node bench/run.mjs NAME [--rounds N] [--quick] [--json FILE]
names: ${Object.keys(BENCHMARKS).join(', ')}`;

class UsageError extends Error {}

function parseCommandLine() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  if (positionals.length !== 1 || !Object.hasOwn(BENCHMARKS, positionals[0])) {
    throw new UsageError(`expected the name of one benchmark, received "${positionals.join(' ')}"`);
  }
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds takes an integer from 1, not ${values.rounds}`);
  }
  return { name: positionals[0], rounds, quick: values.quick, json: values.json };
}

async function main() {
  const { name, rounds, quick, json } = parseCommandLine();
  const { run } = await import(BENCHMARKS[name]);
  const { lines, results, failed } = await run({ rounds, quick });
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  console.log(lines.join('\n'));
  process.exitCode = failed ? 1 : 0;
}

main().catch((error) => {
  const usage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
  console.error(usage ? `${error.message}\n${USAGE}` : error.message);
  process.exitCode = usage ? 2 : 1;
});
