import { expect, test } from 'vitest';
import { metricTables } from '../../../scenarios/output/metrics.ts';
import type { Recorded } from '../../../scenarios/output/record.ts';
import { formatSummary, type Style } from '../../../scenarios/output/summary.ts';
import { judge, worst } from '../../../scenarios/output/verdict.ts';
import type { Metric, RunResult } from '../../../scenarios/run/result.ts';
import { fakeResult } from './fake-run.ts';

const same = (text: string): string => text;
const style: Style = { bold: same, red: same, green: same, yellow: same, unicode: true };
const head = {
  scenario: 'fake',
  seed: 7,
  kernel: 'linux-6.1',
  cpus: 2,
  hz: 250,
  preemption: 'none',
};
const file = { sha256: 'ab'.repeat(32), rows: 9431, bytes: 1 };

function summarise(changes: Partial<RunResult>): string {
  const recorded: Recorded = {
    result: fakeResult(changes),
    digests: {
      inputs: {},
      files: {
        'trace.csv': file,
        'summary.csv': file,
        'findings.csv': file,
        'scenario.yaml': file,
        'console.txt': file,
      },
    },
    settled: { kind: 'new', path: 'output/fake/7-0' },
  };
  return formatSummary(head, recorded, judge(recorded.result, recorded.settled), style);
}

function metric(
  name: string,
  object: string,
  value: number,
  unit: Metric['unit'] = 'count',
): Metric {
  return { metric: name, object, value, unit };
}

test('a run with nothing to tell is its head, its CPUs and its trace', () => {
  expect(summarise({})).toBe(
    [
      'fake  seed 7',
      'linux-6.1  2 CPUs  HZ 250  preemption none',
      '10 ms simulated in 1,234 steps, to the end of the scenario',
      '',
      'CPU  hardirq  softirq  kernel    user    idle  switches',
      '  0    6.25%    6.25%  12.50%  25.00%  50.00%         3',
      '',
      `trace  output/fake/7-0/trace.csv  9,431 rows  sha256 ${'ab'.repeat(32)}`,
      '',
    ].join('\n'),
  );
});

test('of many tasks those that ran longest are shown', () => {
  const tasks = Array.from({ length: 200 }, (_, i) => ({
    actor: `worker-${i}`,
    pid: i + 2,
    wakeups: 1,
    voluntary: 2,
    involuntary: 3,
    runNs: i * 1000,
    waitingFor: i === 199 ? 'lock' : '',
  }));
  const lines = summarise({ tasks }).split('\n');
  const at = lines.findIndex((line) => line.startsWith('TASK'));
  expect(lines[at + 1]).toMatch(/^ {2}worker-199 +201 +199 us +1 +2 +3 +lock$/);
  expect(lines[at + 9]).toBe('  and 192 more');
});

test('a lock that nobody used is not shown', () => {
  const lock = { type: 'mutex', contended: 0, waitMaxNs: 0, holdMaxNs: 0 };
  const locks = [
    { ...lock, name: 'used', acquired: 1 },
    { ...lock, name: 'idle', acquired: 0 },
  ];
  const text = summarise({ locks });
  expect(text).toMatch(/^ {2}used/m);
  expect(text).not.toContain('idle  mutex');
});

test('a long console is its first and last lines and how many are between', () => {
  const console = Array.from({ length: 20 }, (_, i) => ({
    timeNs: i * 1000,
    from: 'kernel',
    text: `line ${i}`,
  }));
  const shown = summarise({ console }).match(/line \d+|and .* lines between/g);
  expect(shown).toEqual([
    ...[0, 1, 2, 3, 4, 5].map((i) => `line ${i}`),
    'and 12 lines between',
    'line 18',
    'line 19',
  ]);
  expect(summarise({ console: console.slice(0, 9) })).not.toContain('between');
});

test('what a scenario prints cannot command the terminal', () => {
  const console = [{ timeNs: 0, from: '\u001b]0;x', text: '\u001b[2J\r' }];
  expect(summarise({ console })).not.toMatch(/[\u001b\r]/);
});

test('metrics of objects are a table with a line for each object', () => {
  const metrics = ['a', 'b'].flatMap((object) => [
    metric('socket.sent', object, 1200),
    metric('socket.latency', object, 1500, 'ns'),
  ]);
  expect(metricTables(metrics)).toEqual([
    ['SOCKET   sent  latency', '  a     1,200   1.5 us', '  b     1,200   1.5 us'],
  ]);
});

test('of many objects the first are shown and the rest counted', () => {
  const metrics = Array.from({ length: 200 }, (_, i) => metric('socket.sent', `s${i}`, i));
  expect(metricTables(metrics)[0]?.slice(-2)).toEqual([
    '  s7       7',
    '  and 192 more in summary.csv',
  ]);
});

test('a group in which all is 0 is left out, and zeros of a long group are counted', () => {
  const idle = [metric('ip.received', '', 0), metric('ip.sent', '', 0)];
  const busy = Array.from({ length: 12 }, (_, i) => metric(`tcp.m${i}`, '', i % 6 === 1 ? 5 : 0));
  expect(metricTables([...idle, ...busy])).toEqual([
    ['TCP', '  m1  5', '  m7  5', '  and 10 that are 0'],
  ]);
});

test('a verdict is of the worst that happened and tells all of it', () => {
  const check = { text: '', found: '', passed: false };
  const result = fakeResult({ ending: 'limit', limit: 'too long', checks: [check, check] });
  expect(judge(result, { kind: 'new', path: '' })).toEqual({
    exit: 6,
    why: 'too long; 2 checks failed',
  });
  const differs = { kind: 'differs', path: '', first: '', differences: [] } as const;
  expect(judge(result, differs).exit).toBe(5);
  expect(judge(fakeResult(), { kind: 'identical', path: '' })).toEqual({ exit: 0, why: '' });
});

test.each([
  [[], 0],
  [[0, 4], 4],
  [[4, 6], 6],
  [[6, 5], 5],
  [[5, 3], 3],
  [[3, 1], 1],
  [[1, 130], 130],
] as const)('of the exit codes %j the worst is %i', (codes, expected) => {
  expect(worst(codes)).toBe(expected);
});
