// Netlink alone against the ring with a doorbell, by message size and offered load: what the
// article concludes without having measured it. Virtual time: the figures are the same everywhere.
//
//   node bench/run.mjs channels            writes docs/channels.md
//   node bench/run.mjs channels --quick    one size, nothing is written
import { writeFileSync } from 'node:fs';
import { markdownTable as table } from './markdown.mjs';
import { loadFile, registry, ScenarioRun } from '../dist/scenarios/index.js';

const PAGE = 'docs/channels.md';
const SIZES = [64, 784, 4096];
/** Between two messages of a sender, in ns. */
const PAUSES = [0, 500, 1_000, 2_000, 5_000, 20_000, 100_000];
const MESSAGES = 5_000;

export async function run({ quick }) {
  const sizes = quick ? [784] : SIZES;
  const results = sizes.flatMap((size) => PAUSES.map((pause) => point(size, pause)));
  const capacities = [1, 2, 3].map((senders) => measure('netlink-capacity', { senders }));
  const lines = page(results, capacities);
  if (!quick) writeFileSync(PAGE, `${lines.join('\n')}\n`);
  return { lines, results, failed: results.some(({ ring }) => ring.taken === 0) };
}

function point(payload, pause) {
  const params = { payload, pause: `${pause}ns`, messages: MESSAGES };
  return {
    payload,
    pause,
    netlink: measure('netlink-capacity', { ...params, senders: 1 }),
    ring: measure('shared-memory-channel', params),
  };
}

function measure(name, params) {
  const sets = Object.entries(params).map(([key, value]) => `params.${key}=${value}`);
  const overrides = [...sets, 'until=1s', 'trace.events=[]', 'expect=[]'];
  const loaded = loadFile(`scenarios/article/${name}.yaml`, registry, overrides);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded));
  const result = new ScenarioRun(loaded.loaded).finish();
  const metric = (wanted) => result.metrics.find(({ metric: one }) => one === wanted)?.value ?? 0;
  const taken = metric('latency.count');
  // The senders begin after 1 ms; the run ends when nothing is left to do.
  const seconds = (Math.min(result.timeNs, 1e9) - 1e6) / 1e9;
  return {
    taken,
    lost: metric('netlink.full'),
    rate: taken / seconds,
    p50: metric('latency.p50'),
    p99: metric('latency.p99'),
    senders: params.senders ?? 1,
  };
}

function page(results, capacities) {
  const rows = results.map(({ payload, pause, netlink, ring }) => [
    String(payload),
    us(pause),
    thousands(netlink.rate),
    megabytes(netlink.rate * payload),
    us(netlink.p50),
    us(netlink.p99),
    String(netlink.lost),
    thousands(ring.rate),
    megabytes(ring.rate * payload),
    us(ring.p50),
    us(ring.p99),
    String(MESSAGES - ring.taken),
  ]);
  const head = ['size', 'pause', ...names('netlink'), ...names('ring')];
  return [
    '<!-- Written by `npm run bench -- channels`; do not edit. -->',
    '# Netlink alone against a shared ring',
    '',
    'A kernel thread on one CPU has messages for a process on another, a pause after each (2.6.32,',
    `\`x86-2007\` costs, ${MESSAGES} messages). \`netlink-capacity\` sends each over netlink;`,
    '`shared-memory-channel` writes it into a ring that the process has mapped, and rings with a',
    '16-byte netlink message when the ring was empty. Making a message and using it cost the same',
    'in both and are left out. Latency in us from the send to the reader: median and 99th',
    'percentile; lost: not sent for want of room (-EAGAIN), or 32 records in the ring that nobody',
    'had taken.',
    '',
    ...table([head, ...rows]),
    '',
    'The rates that the article measured, 200 and 4,000 messages a second, were the loads that its',
    'threads offered: each slept 50 ms after a message. Netlink itself ends here:',
    '',
    ...table([
      ['senders', '1000 messages/s', 'MB/s', 'p50', 'p99', 'lost'],
      ...capacities.map(({ senders, rate, p50, p99, lost }) => [
        String(senders),
        thousands(rate),
        megabytes(rate * 784),
        us(p50),
        us(p99),
        String(lost),
      ]),
    ]),
    '',
    'Two senders are faster than the reader: the queue fills, overruns, is read empty and fills',
    'again, and the latency is the length of the queue. The size matters to netlink by what is',
    'copied and by how many messages fit into the receive buffer; the ring copies nothing. At',
    'loads that leave the reader time to sleep, each record rings, and the ring is no faster than',
    'netlink.',
  ];
}

const names = (channel) => [`${channel}: 1000/s`, 'MB/s', 'p50', 'p99', 'lost'];
const us = (ns) => (ns / 1000).toFixed(1);
const thousands = (rate) => (rate / 1000).toFixed(1);
const megabytes = (rate) => (rate / 1e6).toFixed(0);
