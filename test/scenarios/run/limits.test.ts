/* What bounds a run: events, the end of time, the user. */
import { describe, expect, it } from 'vitest';
import { ScenarioRun } from '../../../scenarios/run/run.ts';
import { loadYaml } from './perform.ts';
import { labels, observe, stepsOf } from './scenario.ts';

const LIMIT = 'limits: { events: 20000 }';

describe('a loop that takes no time', () => {
  it.each([
    ['an assignment to a local', '{ repeat: forever, do: [$x = 1] }'],
    ['a write to a variable', '{ repeat: forever, do: [n = 1] }'],
    ['a call', '{ repeat: forever, do: [nop] }'],
    ['nothing', '{ repeat: forever, do: [] }'],
    ['a condition', '{ while: n == 0, do: [] }'],
    ['an atomic block', '{ atomic: [{ while: n == 0, do: [$x = 1] }] }'],
    ['giving way to nobody', '{ repeat: forever, do: [yield] }'],
    ['a lock', '{ repeat: forever, do: [spin_lock L, spin_unlock L] }'],
  ])('around %s is stopped by the limit', (_what, step) => {
    const { result } = observe(stepsOf(`- ${step}`, LIMIT));
    expect(result.ending).toBe('limit');
    expect(result.limit).toContain('20000 steps');
    expect(result.steps).toBeGreaterThanOrEqual(20_000);
  });

  it('between two threads that give way to each other', () => {
    const yaml = `${stepsOf('- { repeat: forever, do: [yield] }', LIMIT)}
  u: { kind: kthread, steps: [{ repeat: forever, do: [yield] }] }
`;
    expect(observe(yaml).result.ending).toBe('limit');
  });

  it('of an interrupt that raises itself', () => {
    const yaml = `${stepsOf('- nop', LIMIT)}
  i: { kind: hrtimer, start: true, steps: [hrtimer_start i 0] }
`;
    expect(observe(yaml).result.ending).toBe('limit');
  });
});

describe('a run that is cut short', () => {
  it('has its figures and checks all the same', () => {
    const yaml = stepsOf(
      '- { repeat: forever, do: [nop] }',
      `${LIMIT}\nexpect: { that: [time.simulated == 0] }`,
    );
    const { result, metric } = observe(yaml);
    expect(result.checks[0]).toMatchObject({ passed: true });
    expect(metric('time.until')).toBe(1_000_000_000);
  });

  it('says nothing about what must hold finally', () => {
    const { result } = observe(
      stepsOf('- { repeat: forever, do: [nop] }', `${LIMIT}\nfinally: [n == 1]`),
    );
    expect(result.findings).toEqual([]);
  });

  it('by the user, after a slice, ends as interrupted and is not checked', () => {
    const loaded = loadYaml(
      stepsOf('- { repeat: forever, do: [msleep 1] }', 'expect: { that: [time.simulated == 7] }'),
    );
    const run = new ScenarioRun(loaded);
    expect(run.slice(100)).toBe(true);
    run.interrupt();
    expect(run.slice(100)).toBe(false);
    const result = run.finish();
    expect([result.ending, result.checks]).toEqual(['interrupted', []]);
    expect(result.timeNs).toBeLessThan(1_000_000_000);
  });
});

describe('time', () => {
  it('ends at until, to the nanosecond, in the midst of whatever it is', () => {
    const { result } = observe(stepsOf('- log a\n- delay 5s\n- log b'));
    expect([result.ending, result.timeNs]).toEqual(['until', 1_000_000_000]);
    expect(result.cpus[0]!.ns.kernel).toBe(1_000_000_000);
  });

  it('ends earlier when nothing can happen any more', () => {
    const run = observe(stepsOf('- delay 5ms\n- log a'));
    expect(run.result.ending).toBe('quiescent');
    expect(run.result.timeNs).toBeLessThan(100_000_000);
    expect(labels(run)).toEqual(['a']);
  });

  it('may be given by the caller', () => {
    const { result } = observe(stepsOf('- delay 5s'), { until: 7 });
    expect(result.timeNs).toBe(7);
  });
});
