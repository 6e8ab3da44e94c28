/* Actors that start at an instant: on the CPU that they name. */
import { expect, it } from 'vitest';
import { parseTrace } from './perform.ts';
import { observe } from './scenario.ts';

it.each([
  ['tasklet', 'softirq'],
  ['timer', 'softirq'],
  ['hrtimer', 'hardirq'],
  ['irq_work', 'hardirq'],
  ['work', 'kernel'],
])('a %s with a CPU and an instant runs on that CPU', (kind, context) => {
  const { csv } = observe(
    `
name: instants
machine: { cpus: 3, costs: { preset: ideal } }
until: 50ms
actors: { it: { kind: ${kind}, cpu: 2, start: 10ms, steps: [log here] } }`,
    { keep: true },
  );
  const row = parseTrace(csv).find(({ event }) => event === 'log')!;
  expect([row.cpu, row.context]).toEqual([2, context]);
});
