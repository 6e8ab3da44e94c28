/* Busy without getting anything done, or kept from it: livelock, starvation, priority inversion. */
import { expect, it } from 'vitest';
import { scenarioText } from '../../engine/explore/programs.ts';
import { ScenarioRun } from '../../../scenarios/run/run.ts';
import { Sampler } from '../../../engine/index.ts';
import { load } from '../../engine/explore/programs.ts';
import { inEverySchedule, inTime, kindsOf, ofKind } from './schedules.ts';

const backoff = (first: string, second: string): string => `kind: kthread
- $got = 0
- while: $got == 0
  do:
    - spin_lock ${first}
    - spin_trylock ${second} -> got
    - if: $got == 0
      then: [ spin_unlock ${first} ]
- spin_unlock ${second}
- spin_unlock ${first}`;

it('two that back off in step go round for ever', () => {
  const text = (second: string): string =>
    scenarioText({
      objects: 'A: spinlock, B: spinlock',
      actors: { t1: backoff('A', 'B'), t2: second },
    });
  const [livelock] = ofKind(inEverySchedule(text(backoff('B', 'A'))), 'livelock');
  expect(livelock!.text).toBe('livelock: t1/2 and t2/3 go round without progress');
  expect(kindsOf(inEverySchedule(text(backoff('A', 'B'))))).toEqual([]);
});

it('who spins for what needs its own CPU spins for ever; with preemption it does not', () => {
  const text = (...off: string[]): string =>
    scenarioText({
      cpus: 1,
      preemption: 'full',
      vars: 'flag: 0',
      actors: {
        spin: `kind: kthread, cpu: 0\n${off.map((one) => `- ${one}\n`).join('')}- while: flag == 0
  do: [ cpu_relax ]`,
        set: 'kind: kthread, cpu: 0\n- flag = 1',
      },
    });
  expect(kindsOf(inEverySchedule(text('preempt_disable')))).toContain('livelock');
  expect(kindsOf(inEverySchedule(text()))).toEqual([]);
});

it('a service that goes round for ever is no livelock', () => {
  const found = inEverySchedule(
    scenarioText({
      objects: 'L: spinlock',
      actors: { t: 'kind: kthread\n- repeat: forever\n  do: [ spin_lock L, spin_unlock L ]' },
    }),
  );
  expect(kindsOf(found)).toEqual([]);
});

const reader = `kind: kthread
- repeat: forever
  do: [ read_lock R, read_unlock R ]`;

/** Kinds of findings of some random schedules. */
function drawn(text: string): string[] {
  const loaded = load(text);
  const sampler = new Sampler('random', 'progress', 2);
  const kinds = new Set<string>();
  for (let i = 0; i < 60; i++) {
    const strategy = sampler.next(i);
    const explored = { interrupts: 1, steps: 5_000, anyTimeouts: false };
    for (const { kind } of new ScenarioRun(loaded, { strategy, explored }).end()) kinds.add(kind);
  }
  return [...kinds];
}

it('readers that overlap starve a writer of an unfair lock, not of a queued one', () => {
  const text = (form: string): string =>
    scenarioText({
      objects: `R: { type: rwlock, form: ${form} }`,
      actors: { r1: reader, r2: reader, w: 'kind: kthread\n- write_lock R\n- write_unlock R' },
    });
  expect(drawn(text('bias'))).toContain('starvation');
  expect(drawn(text('queued'))).toEqual([]);
});

const task = (prio: number, start: string, ...calls: string[]): string =>
  `kind: kthread, cpu: 0, policy: fifo, prio: ${prio}, start: ${start}\n${calls
    .map((one) => `- ${one}`)
    .join('\n')}`;

it('a middle priority keeps the best one waiting, unless the owner inherits', () => {
  const text = (type: string, middle: string): string =>
    scenarioText({
      cpus: 1,
      preemption: 'full',
      objects: `bus: ${type}`,
      actors: {
        low: task(10, 'true', `${type}_lock bus`, 'delay 3ms', `${type}_unlock bus`),
        mid: task(50, '1ms', `delay ${middle}`),
        high: task(90, '1ms', `${type}_lock bus`, `${type}_unlock bus`),
      },
    });
  const [found] = inTime(text('mutex', '50ms'));
  expect(found!.kind).toBe('priority-inversion');
  expect(found!.actors).toEqual(['high', 'low', 'mid']);
  expect(kindsOf(inTime(text('mutex', '1ms')))).toEqual([]);
  expect(kindsOf(inTime(text('rt_mutex', '50ms')))).toEqual([]);
});
