import { expect, test } from 'vitest';
import { explain, type Explained } from '../../../scenarios/explore/explain.ts';
import { shows, strategyNames } from '../../../scenarios/explore/hunt.ts';
import { notExplored } from '../../../scenarios/output/explore-text.ts';
import { stepText, timelineText } from '../../../scenarios/output/timeline-text.ts';
import { parseSchedule } from '../../../engine/index.ts';
import { COUNTED, hunted, IRQ_SELF, LOST_UPDATE, program } from './programs.ts';

const assertion = (text: string): Explained => {
  const hunt = hunted(text);
  const found = hunt.found.find(({ finding }) => finding.kind === 'assertion');
  return explain(hunt, found!);
};

test.each(strategyNames)(
  '%s finds a lost update, and nothing where there is a lock',
  (strategy) => {
    const bad = hunted(LOST_UPDATE, { strategy });
    expect(bad.found.map(({ finding }) => finding.kind)).toEqual(['assertion']);
    expect(hunted(COUNTED, { strategy, runs: 100 }).found).toEqual([]);
  },
);

test('an exhaustive search of a correct program comes to its end and knows it', () => {
  const { complete, unbounded, ended, exhausted, coverage } = hunted(COUNTED, { strategy: 'dfs' });
  expect({ complete, unbounded, ended }).toEqual({
    complete: true,
    unbounded: true,
    ended: 'complete',
  });
  expect(exhausted).toBeGreaterThan(1);
  expect(coverage.contexts).toContainEqual({ object: 'lock', contexts: ['kernel'] });
});

test('a search that looks at each state once says what that may hide', () => {
  const apart = LOST_UPDATE.replace('- n = $x + 1', '- m[0] = 1\n      - n = $x')
    .replace('vars: { n: 0 }', 'vars: { n: 0, m: [0] }')
    .replace('marked: [n]', 'marked: [n, m]')
    .replace('n == 2', 'n == 0');
  const said = (strategy: 'dfs' | 'dpor'): string[] =>
    notExplored({ hunt: hunted(apart, { strategy }), stopped: 'complete' });
  expect(said('dfs')[0]).toMatch(/^no bug in any state of any schedule \(\d+ schedules\)$/);
  expect(said('dfs').at(-1)).toMatch(/^lock orders and data races on a second way/);
  expect(said('dpor')[0]).toMatch(/^no bug in any schedule \(\d+ schedules\)$/);
});

test('bounds on interrupts and timeouts are named where there are such', () => {
  const said = (text: string): string =>
    notExplored({ hunt: hunted(text, { strategy: 'pos', runs: 5 }), stopped: 'runs' }).join('\n');
  expect(said(COUNTED)).not.toMatch(/interrupts of a line|timeouts/);
  expect(said(IRQ_SELF)).toMatch(/^more than 2 interrupts of a line/m);
  expect(said(IRQ_SELF.replace('every: 1ms', 'at: [1ms]'))).not.toMatch(/interrupts of a line/);
  const waiting = COUNTED.replace('spin_lock lock', 'schedule_timeout_interruptible 10');
  expect(said(waiting)).toMatch(/^timeouts that end a sleep/m);
});

test('a prediction does not end the search: it goes on until it happens', () => {
  const { found, coverage } = hunted(IRQ_SELF);
  expect(found.map(({ finding: { kind, verdict } }) => `${kind} ${verdict}`)).toEqual([
    'irq-safety PREDICTED',
    'self-deadlock CONFIRMED',
  ]);
  expect(coverage.contexts).toContainEqual({ object: 'A', contexts: ['hardirq', 'kernel'] });
});

test('a prediction still gets its schedule when something else happened first', () => {
  const text = `name: both
machine: { cpus: 2 }
objects: { A: spinlock, B: spinlock }
actors:
  a:
    kind: kthread
    cpu: 0
    steps: [assert 0, spin_lock A, spin_lock B, spin_unlock B, spin_unlock A]
  b: { kind: kthread, cpu: 1, steps: [spin_lock B, spin_lock A, spin_unlock A, spin_unlock B] }
`;
  const hunt = hunted(text);
  const [first] = hunt.found;
  expect(first).toMatchObject({ run: 1, finding: { kind: 'assertion', verdict: 'CONFIRMED' } });
  expect(hunt.found.map(({ finding }) => finding.kind)).toContain('lock-order');
  expect(hunt.found.at(-1)!.finding).toMatchObject({ kind: 'deadlock', verdict: 'CONFIRMED' });
  expect(hunt.schedules).toBe(hunt.found.at(-1)!.run);
  const never = text.replace('cpu: 1, steps: [', 'cpu: 0, steps: [').replace('cpus: 2', 'cpus: 1');
  const alone = hunted(never, { strategy: 'pos' });
  expect(alone.found.map(({ finding }) => finding.kind)).not.toContain('deadlock');
  expect(alone.schedules).toBeLessThan(300);
});

test('the shortest schedule of a lost update has one switch, and no other is needed', () => {
  const { plan, preemptions, interrupts } = assertion(LOST_UPDATE);
  expect({ switches: plan.switches.length, preemptions, interrupts }).toEqual({
    switches: 1,
    preemptions: 1,
    interrupts: 0,
  });
});

test('each order that a lost update takes is proved by a schedule that passes', () => {
  const { constraints, finding } = assertion(LOST_UPDATE);
  const words = constraints.map(({ first, then }) => `${stepText(first)} before ${stepText(then)}`);
  expect(words).toEqual(['13: $x = n before 14: n = $x + 1', '13: $x = n before 14: n = $x + 1']);
  const [one, other] = constraints;
  expect(one!.first.actor).not.toBe(other!.first.actor);
  for (const { flipped, shows: others } of constraints) {
    expect(others).toEqual([]);
    expect(shows(program(LOST_UPDATE).follow(flipped), finding)).toBe(false);
  }
});

test('the text of a schedule leads to the same finding, ten times of ten', () => {
  const { schedule, finding } = assertion(LOST_UPDATE);
  for (let i = 0; i < 10; i++) {
    const { plan, bounds } = parseSchedule(schedule);
    expect(shows(program(LOST_UPDATE, bounds).follow(plan), finding)).toBe(true);
  }
});

test('any schedule that was found, shrunk or not, can be followed', () => {
  const hunt = hunted(LOST_UPDATE, { keepGoing: true, strategy: 'random', runs: 50 });
  for (const { plan, finding } of hunt.found) {
    expect(shows(program(LOST_UPDATE).follow(plan), finding)).toBe(true);
  }
});

test('the timeline has a column for each actor and marks the switch', () => {
  const { timeline, turns } = assertion(LOST_UPDATE);
  const lines = timelineText(timeline, turns);
  expect(lines[0]).toMatch(/^ +t-[01] +t-[01]/);
  expect(lines.filter((line) => line.startsWith('=>'))).toHaveLength(1);
  expect(lines.at(-1)).toBe('  end  ! assertion: finally does not hold: n == 2');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(98);
});

test('who spins and who holds what is told', () => {
  const hunt = hunted(IRQ_SELF);
  const found = hunt.found.find(({ finding }) => finding.kind === 'self-deadlock');
  const { left } = explain(hunt, found!).timeline;
  expect(left.map(({ actor, fate, holds }) => [actor, fate, holds])).toEqual([
    ['eth0', 'spins', []],
    ['reader', '', ['A']],
  ]);
});

test('a long run still fits a screen', () => {
  const text = LOST_UPDATE.replace('- $x = n', '- repeat: 40\n        do: [n = n]\n      - $x = n');
  const { timeline, turns } = assertion(text);
  expect(timeline.steps.length).toBeGreaterThan(80);
  expect(timelineText(timeline, turns).length).toBeLessThan(50);
});
