import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { QueueEvents } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { version } from '../../cli/package.ts';
import { findScenario } from '../../cli/shipped.ts';
import { Broker } from '../../scenarios/queue/broker.ts';
import { Errands } from '../../scenarios/queue/errands.ts';
import { outside } from '../outside.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { freePort, RedisServer } from '../scenarios/queue/redis-server.ts';
import { lockstep, write } from './harness.ts';
import { started, type Started } from './started.ts';
import { contents, resultsOf, SWEPT } from './sweeps.ts';

/** Eight runs of some tenths of a second each. */
const LONG = SWEPT.replace('until: 3ms', 'until: 300ms')
  .replace('params.gap: 50us..150us:50us', 'params.gap: [50us]')
  .replace('seeds: 1..4', 'seeds: 1..4');

/** The flags of a Node that does not find the package. */
const LOADER = `export async function resolve(name, context, next) {
  if (name !== 'bullmq') return next(name, context);
  throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
}`;
const script = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
const WITHOUT_BULLMQ = [
  '--import',
  script(`import { register } from 'node:module'; register(${JSON.stringify(script(LOADER))});`),
];

describe.skipIf(!outside('redis-server'))('with a Redis', () => {
  let redis: RedisServer;
  const home = mkdtempSync(join(tmpdir(), 'lockstep-redis-'));
  beforeAll(async () => {
    redis = await RedisServer.at(home);
  });
  afterAll(async () => {
    await redis.stop();
    rmSync(home, { recursive: true, force: true });
  });

  beforeEach(() => redis.ask((on) => on.flushall()));

  /** A worker that cannot see the scenario's folder. */
  const worker = (...flags: string[]): Started =>
    started(['worker', '--queue', redis.url, ...flags], '/');
  /** One that is held for dead soon. */
  const briefWorker = (): Started => worker('--lease', '1s');

  /** What one process leaves, and how to ask for the same at the queue. */
  async function sweep(text: string) {
    const out = temporaryFolder();
    const file = write(out, text, 'swept.yaml');
    const { out: told } = await lockstep(['sweep', file, '--out', join(out, 'here')]);
    const argv = ['sweep', file, '--out', join(out, 'queue')];
    return {
      argv,
      expected: contents(resultsOf(told)),
      ask: (...flags: string[]) => started([...argv, '--queue', redis.url, ...flags]),
    };
  }

  /** The units that were taken from a worker that was silent for too long. */
  async function stalled(): Promise<string[]> {
    const units: string[] = [];
    const connection = { port: redis.port, maxRetriesPerRequest: null };
    const events = new QueueEvents('work', { prefix: 'lockstep', connection });
    onTestFinished(() => events.close());
    events.on('stalled', ({ jobId }) => units.push(jobId));
    await events.waitUntilReady();
    return units;
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await pause(10);
  }

  test('workers elsewhere make the bytes that one process makes, for two at once', async () => {
    const sweeps = [await sweep(SWEPT), await sweep(SWEPT.replace('delay 5us', 'delay 9us'))];
    const workers = [worker(), worker('--jobs', '2')];
    const asked = sweeps.map(({ ask }) => ask());
    expect(await Promise.all(asked.map(({ ended }) => ended))).toEqual([0, 0]);
    const made = asked.map(({ told }) => contents(resultsOf(told())));
    expect(made).toEqual(sweeps.map(({ expected }) => expected));
    expect(made[0]!['runs.csv']).not.toBe(made[1]!['runs.csv']);
    for (const { child } of workers) child.kill('SIGINT');
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([130, 130]);
    const counts = workers.map(({ told }) => Number(/^(\d+) runs? made$/m.exec(told())![1]));
    expect(counts.reduce((a, b) => a + b)).toBe(48);
  });

  test('what a killed worker had in hand is made by another', async () => {
    const { expected, ask } = await sweep(LONG);
    const lost = await stalled();
    const first = briefWorker();
    const asked = ask();
    await redis.whenAtWork(1);
    first.child.kill('SIGKILL');
    briefWorker();
    expect(await asked.ended).toBe(0);
    expect(contents(resultsOf(asked.told()))).toEqual(expected);
    expect(lost).not.toEqual([]);
  });

  test('a worker that was held for dead delivers twice, which changes nothing', async () => {
    const { expected, ask } = await sweep(LONG);
    const lost = await stalled();
    const first = briefWorker();
    const asked = ask();
    await redis.whenAtWork(1);
    first.child.kill('SIGSTOP');
    briefWorker();
    await until(() => lost.length > 0);
    first.child.kill('SIGCONT');
    expect(await asked.ended).toBe(0);
    expect(contents(resultsOf(asked.told()))).toEqual(expected);
    await until(() => first.told().includes('somebody else has got the work of this worker'));
  });

  test('lost connections are made again, also with a Redis that has forgotten all', async () => {
    const { expected, ask } = await sweep(LONG);
    briefWorker();
    briefWorker();
    const asked = ask();
    await redis.whenAtWork(1);
    for (let i = 0; i < 3; i++) {
      await redis.cut();
      await pause(100);
    }
    await redis.stop();
    await pause(200);
    await redis.start();
    expect(await asked.ended).toBe(0);
    expect(asked.told()).toContain(`the connection with ${redis.url} is lost; trying again`);
    expect(asked.told()).toContain(`connected with ${redis.url} again`);
    expect(contents(resultsOf(asked.told()))).toEqual(expected);
  });

  test('an exploration finds and covers the same, whoever runs its schedules', async () => {
    const out = temporaryFolder();
    const argv = ['explore', 'dining-3-fixed', '--keep-going', '--runs', '600', '--out', out];
    const { exit, out: here } = await lockstep(argv);
    const workers = [briefWorker(), briefWorker()];
    const asked = started([...argv, '--queue', redis.url]);
    await redis.whenAsked(10);
    workers[0]!.child.kill('SIGKILL');
    await redis.cut();
    expect(await asked.ended).toBe(exit);
    expect(asked.told()).toContain('identical to the first search (verified)');
    expect(resultsOf(asked.told())).toBe(resultsOf(here));
  });

  test('a sweep that is interrupted goes on, at the queue or here', async () => {
    const { argv, expected, ask } = await sweep(LONG);
    const one = worker();
    const asked = ask();
    await redis.whenAtWork(1);
    one.child.kill('SIGINT');
    expect(await one.ended).toBe(130);
    asked.child.kill('SIGINT');
    expect(await asked.ended).toBe(130);
    const kept = Number(
      /^(\d) of 8 runs are kept in .*; --resume goes on$/m.exec(asked.told())![1],
    );
    expect(kept).toBeGreaterThan(0);
    const queue = (type: string) => redis.ask((on) => on.llen(`lockstep:work:${type}`));
    expect([await queue('wait'), await queue('active')]).toEqual([0, 0]);
    const rest = await lockstep([...argv, '--resume']);
    expect(contents(resultsOf(rest.out))).toEqual(expected);
  });

  test('a worker gets the files that the scenario reads', async () => {
    const out = temporaryFolder();
    const argv = ['sweep', 'netlink-icmp', '--seeds', '1..3', '--out'];
    const { out: here } = await lockstep([...argv, join(out, 'here')]);
    const folder = dirname(findScenario('netlink-icmp'));
    const file = join(out, 'netlink-icmp.yaml');
    for (const name of ['netlink-icmp.yaml', 'icmp-echo.pcap']) {
      copyFileSync(join(folder, name), join(out, name));
    }
    const there = ['sweep', file, '--seeds', '1..3', '--out', join(out, 'queue')];
    const asked = started([...there, '--queue', redis.url]);
    await redis.whenWaiting(1);
    rmSync(join(out, 'icmp-echo.pcap'));
    worker();
    expect(await asked.ended).toBe(0);
    expect(contents(resultsOf(asked.told()))).toEqual(contents(resultsOf(here)));
  });

  test('a worker of another version leaves the work to others, and says why', async () => {
    const seen = { file: 'swept.yaml', text: SWEPT, overrides: [], axes: [], inputs: [] };
    const order = { ...seen, seeds: ['1'] };
    const broker = await Broker.at(redis.url, () => {});
    const errands = await Errands.of(broker, '9.9.9', { kind: 'sweep', order });
    const asked = errands.ask([0]);
    asked.catch(() => {});
    const refusing = worker();
    expect(await refusing.ended).toBe(2);
    expect(refusing.told()).toContain(
      `error: the work at ${redis.url} is for lockstep 9.9.9, and this is lockstep ${version}`,
    );
    expect(await redis.ask((on) => on.llen('lockstep:work:wait'))).toBe(1);
    await errands.end();
    expect(await redis.ask((on) => on.llen('lockstep:work:wait'))).toBe(0);
  });

  test('a worker without work ends when it was idle for so long', async () => {
    const idle = worker('--idle', '300ms');
    expect(await idle.ended).toBe(0);
    expect(idle.told()).toBe(
      `lockstep ${version} works for ${redis.url} in 1 thread\n0 runs made\n`,
    );
  });
});

test.each(['sweep tiny.yaml', 'explore tiny.yaml', 'worker'])(
  '%s says soon that no Redis is there, and leaves nothing',
  async (verb) => {
    const out = temporaryFolder();
    write(out);
    const port = await freePort();
    const [name, ...rest] = verb.split(' ').map((word) => word.replace('tiny', join(out, 'tiny')));
    const queue = ['--queue', `redis://127.0.0.1:${port}/team`];
    const flags = name === 'worker' ? queue : ['--out', join(out, 'results'), ...queue];
    const { exit, err } = await lockstep([name!, ...rest, ...flags]);
    const where = `redis://127.0.0.1:${port}/team`;
    const why = 'nobody listens there (ECONNREFUSED)';
    expect({ exit, err }).toEqual({
      exit: 2,
      err: `error: no Redis can be used at ${where}: ${why}\n`,
    });
    expect(existsSync(join(out, 'results'))).toBe(false);
  },
);

test('one who listens and says nothing is no Redis', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { exit, err } = await lockstep(['worker', '--queue', `redis://127.0.0.1:${port}`]);
  const where = `redis://127.0.0.1:${port}`;
  expect({ exit, err }).toEqual({
    exit: 2,
    err: `error: no Redis can be used at ${where}: no answer for 4 s\n`,
  });
});

test('without BullMQ it says how to get it', async () => {
  const file = write(temporaryFolder());
  const without = started(['sweep', file, '--queue', 'redis://127.0.0.1'], '.', WITHOUT_BULLMQ);
  expect(await without.ended).toBe(2);
  expect(without.told()).toBe(
    'error: --queue needs BullMQ, which comes apart from lockstep: npm install bullmq ioredis\n',
  );
});
