// The 200-connection pool of the article without a trace, as a whole: events and messages a second,
// virtual against wall time, and a profile of where the time goes.
//
//   node bench/run.mjs pool            500 virtual seconds, 2,000,000 messages
//   node bench/run.mjs pool --quick    20 virtual seconds
import { Session } from 'node:inspector/promises';
import { readFileSync } from 'node:fs';
import { ScenarioRun, loadFile, registry } from '../dist/scenarios/index.js';
import { rate } from './rounds.mjs';

const FILE = 'scenarios/article/netlink-pool-200.yaml';
const HOT = 12;

export async function run({ quick }) {
  const seconds = quick ? 20 : 500;
  const overrides = [`until=${seconds}s`, 'limits.events=1000000000'];
  const result = loadFile(FILE, registry, overrides);
  if (!result.ok) throw new Error(`${FILE} does not load`);
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 1000 });
  await session.post('Profiler.start');
  const start = performance.now();
  const scenario = new ScenarioRun(result.loaded, { readFile: (path) => readFileSync(path) });
  while (scenario.slice(1_000_000)) {
    process.stderr.write(`\rsimulated ${Math.floor(scenario.timeNs / 1e9)}/${seconds} s`);
  }
  const wall = (performance.now() - start) / 1000;
  process.stderr.write('\r\x1b[K');
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const { steps, metrics } = scenario.finish();
  const messages = metrics.find(({ metric }) => metric === 'pool.received').value;
  const hot = hottest(profile);
  return {
    lines: [
      `${seconds} virtual seconds, ${messages} messages, ${steps} events in ${wall.toFixed(1)} s`,
      `${rate(steps / wall)} events/s  ${rate(messages / wall)} messages/s`,
      `virtual to wall time ${(seconds / wall).toFixed(1)}`,
      'where the time goes (self time, the profiler on):',
      ...hot.map(({ share, name }) => `  ${(100 * share).toFixed(1).padStart(5)} %  ${name}`),
    ],
    results: { seconds, messages, steps, wall, hot },
    failed: false,
  };
}

/** Functions by self time. */
function hottest({ nodes, samples, timeDeltas }) {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.replace(/^.*\/dist\//, '')}`,
    ]),
  );
  const times = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const name = names.get(id);
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i]);
    total += timeDeltas[i];
  });
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, HOT)
    .map(([name, time]) => ({ name, share: time / total }));
}
