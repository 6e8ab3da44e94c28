/* Every recorded kernel case gives, under every recorded preemption model, what a kernel gave. */
import { describe, expect, it } from 'vitest';
import { isKernelCase, type KernelCase } from '../../../scenarios/conformance/kernel-case.ts';
import type { KernelEvent, KernelOutcome } from '../../../scenarios/conformance/kernel-case.ts';
import { difference, inLines, handWritten, handWrittenNames, leftOut } from './recorded.ts';

describe('hand-written programs', () => {
  for (const name of handWrittenNames) {
    it(name, () => {
      expect(difference(handWritten(name))).toBeNull();
    });
  }
});

it('the programs kept a line each do what they did on a real kernel', () => {
  const cases = inLines().filter(({ name }) => !leftOut.includes(name));
  const differences = cases.flatMap((recorded) => {
    const text = difference(recorded);
    return text === null ? [] : [`${recorded.name}\n${text}`];
  });
  expect(differences.join('\n\n')).toBe('');
});

it('at most one recording in a hundred is left out, each for a reason that still holds', () => {
  const cases = inLines();
  const names = [...handWrittenNames, ...cases.map(({ name }) => name)];
  expect(leftOut.length).toBeGreaterThan(0);
  expect(leftOut.length / names.length).toBeLessThanOrEqual(0.01);
  for (const name of leftOut) {
    const recorded = cases.find((one) => one.name === name);
    expect(recorded && difference(recorded), name).not.toBeNull();
  }
});

/** The case with the first outcome of its last expectation changed. */
function changed(recorded: KernelCase, change: (outcome: KernelOutcome) => KernelOutcome) {
  const expected = recorded.expected.map((expectation, i) => {
    if (i < recorded.expected.length - 1) return expectation;
    return { ...expectation, outcomes: [change(expectation.outcomes[0]!)] };
  });
  return { ...recorded, expected };
}

/** The case with one event changed: that with the label `log`. */
function eventChanged(recorded: KernelCase, log: string, change: Partial<KernelEvent>): KernelCase {
  return changed(recorded, (outcome) => ({
    ...outcome,
    events: outcome.events.map((event) => (event.log === log ? { ...event, ...change } : event)),
  }));
}

/** The line that is marked as the first to differ, its runs of blanks made one. */
function marked(text: string | null): string {
  const line = text?.split('\n').find((one) => one.startsWith('  >')) ?? '';
  return line.replaceAll(/\s+/g, ' ').trim();
}

describe('a changed recording is found where it changed', () => {
  const irq = handWritten('irq-tasklet-bh-disabled');
  const timer = handWritten('timer-from-irq');

  it.each<[keyof KernelEvent, Partial<KernelEvent>, string]>([
    ['by', { by: 'main' }, '> in_irq by main hardirq'],
    ['ctx', { ctx: 'softirq' }, '> in_irq by I softirq on main'],
    ['current', { current: 'I' }, '> in_irq by I hardirq on I'],
    ['irqs_off', { irqs_off: false }, '> in_irq by I hardirq on main bh off'],
    ['bh_off', { bh_off: false }, '> in_irq by I hardirq on main irqs off preempt'],
    [
      'preempt_count',
      { preempt_count: 3 },
      '> in_irq by I hardirq on main irqs off bh off preempt 3',
    ],
    ['ret', { ret: 0 }, '> in_irq = 0 by I'],
  ])('in the field %s', (_field, change, line) => {
    expect(marked(difference(eventChanged(irq, 'in_irq', change)))).toContain(line);
  });

  it('in the result of a function', () => {
    const text = difference(eventChanged(irq, 'after_irq', { ret: 0 }));
    expect(marked(text)).toBe('> after_irq = 0 by main bh off | after_irq = 1 by main bh off');
  });

  it('in the jiffies', () => {
    const text = difference(eventChanged(timer, 'fired', { j: 4 }));
    expect(marked(text)).toBe('> @4 fired by T softirq on main | @3 fired by T softirq on main');
  });

  it('in the order of two events', () => {
    const swapped = changed(irq, ({ events, ...rest }) => ({
      ...rest,
      events: [events[1]!, events[0]!, ...events.slice(2)],
    }));
    expect(marked(difference(swapped))).toMatch(/^> in_irq .* \| bh_off /);
  });

  it('in an event too many and in one too few', () => {
    const { events } = irq.expected.at(-1)!.outcomes[0]!;
    const less = changed(irq, (outcome) => ({ ...outcome, events: events.slice(0, -1) }));
    expect(marked(difference(less))).toBe('> (nothing) | after_bh_enable by main');
    const more = changed(irq, (outcome) => ({ ...outcome, events: [...events, events.at(-1)!] }));
    expect(marked(difference(more))).toBe('> after_bh_enable by main | (nothing)');
  });

  it('in the tasks that never ran or are stuck', () => {
    const ran = changed(handWritten('kthread-not-started'), ({ events }) => ({ events }));
    expect(marked(difference(ran))).toBe('> (nothing) | never ran: never');
    const stuck = changed(irq, (outcome) => ({ ...outcome, stuck: ['main step 3'] }));
    expect(marked(difference(stuck))).toBe('> stuck: main step 3 | (nothing)');
  });

  it('on one of two CPUs', () => {
    const smp = handWritten('fifo-smp2-runs-on-other-cpu');
    const text = difference(eventChanged(smp, 'b_runs', { irqs_off: true }));
    expect(marked(text)).toBe('> cpu1 b_runs by b irqs off | cpu1 b_runs by b');
  });

  it('and the difference names the preemption model and the kind of outcome', () => {
    const text = difference(eventChanged(irq, 'in_irq', { by: 'main' }))!;
    expect(text.split('\n')[0]).toBe('  preempt=none: the recorded outcome');
    expect(text).toContain('preempt=full');
    expect(text).toMatch(/^ {4}expected +\| actual$/m);
  });
});

describe('what a recording does not say', () => {
  const irq = handWritten('irq-tasklet-exit');

  it('any of several recorded outcomes is right', () => {
    const { outcomes, ...rest } = irq.expected[0]!;
    const wrong = { ...outcomes[0]!, events: [] };
    const either = { ...irq, expected: [{ ...rest, outcomes: [wrong, ...outcomes] }] };
    expect(difference(either)).toBeNull();
  });

  it('the preempt count of the idle task does not count', () => {
    const idle = eventChanged(handWritten('sem-down-timeout-up-in-time'), 'timer_up', {
      preempt_count: 7,
    });
    expect(difference(idle)).toBeNull();
  });

  it('nor that of an interrupt that hit a delay', () => {
    const recorded = delayHitByTimer(1);
    expect(difference(recorded)).toBeNull();
    expect(difference(delayHitByTimer(0))).toBeNull();
  });

  it('the order of events on different CPUs is free', () => {
    const smp = handWritten('fifo-smp2-runs-on-other-cpu');
    const reordered = changed(smp, ({ events, ...rest }) => ({
      ...rest,
      events: events.toSorted((a, b) => b.cpu! - a.cpu!),
    }));
    expect(difference(reordered)).toBeNull();
  });
});

/** An hrtimer fires in the middle of a delay of 300 us. */
function delayHitByTimer(preempt_count: number): KernelCase {
  const hit = { log: 'hit', by: 'H', ctx: 'hardirq', current: 'main', irqs_off: true } as const;
  const events = [{ ...hit, preempt_count }, { log: 'end', by: 'main', ctx: 'task' } as const];
  return {
    name: 'delay-hit-by-timer',
    machine: { cpus: 1, hz: 250 },
    objects: {},
    vars: {},
    jiffies_recorded: false,
    actors: [
      {
        name: 'main',
        kind: 'task',
        policy: 'fifo',
        prio: 50,
        cpu: 0,
        start: true,
        steps: ['hrtimer_start H 100 0', 'busy_us 300 -> end'],
      },
      { name: 'H', kind: 'hrtimer', soft: false, steps: ['log hit'] },
    ],
    expected: [{ preempt: ['none', 'full'], outcomes: [{ events }] }],
  };
}

it('does not take other JSON for a kernel case', () => {
  for (const json of [null, 3, {}, { ops: [] }, { machine: {}, actors: {}, expected: [] }]) {
    expect(isKernelCase(json)).toBe(false);
  }
});

it('a case with words that the model lacks fails with the place of the word', () => {
  const recorded = handWritten('irq-tasklet-exit');
  const [main, ...others] = recorded.actors;
  const actors = [{ ...main!, steps: ['frobnicate'] }, ...others];
  expect(difference({ ...recorded, actors })).toContain("unknown function 'frobnicate'");
});
