/* `expect`: every comparison, durations, metrics of objects, names that are wrong. */
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../scenarios/run/error.ts';
import { observe, stepsOf } from './scenario.ts';

const STEPS = '- spin_lock L\n- delay 5ms\n- spin_unlock L';

function check(text: string): { readonly passed: boolean; readonly found: string } {
  const { result } = observe(stepsOf(STEPS, `expect: { that: ["${text}"] }`));
  return result.checks[0]!;
}

describe('a threshold', () => {
  it.each([
    ['== 1', true],
    ['== 2', false],
    ['!= 2', true],
    ['!= 1', false],
    ['< 2', true],
    ['< 1', false],
    ['<= 1', true],
    ['<= 0', false],
    ['> 0', true],
    ['> 1', false],
    ['>= 1', true],
    ['>= 2', false],
    ['>= 0.5', true],
    ['< 1.5', true],
  ])('lock.acquired(L) %s: %s', (comparison, passed) => {
    expect(check(`lock.acquired(L) ${comparison}`)).toMatchObject({ passed, found: '1' });
  });

  it.each([
    ['== 5ms', true],
    ['> 5ms', false],
    ['<= 5000us', true],
    ['== 5000000', true],
  ])('may be a duration: lock.hold_max(L) %s', (comparison, passed) => {
    expect(check(`lock.hold_max(L) ${comparison}`)).toMatchObject({ passed, found: '5000000' });
  });

  it('that fails does not hide the others', () => {
    const that = 'expect: { that: [findings == 1, tasks.blocked == 0, findings == 0] }';
    const { checks } = observe(stepsOf(STEPS, that)).result;
    expect(checks.map(({ text, passed }) => [text, passed])).toEqual([
      ['findings == 1', false],
      ['tasks.blocked == 0', true],
      ['findings == 0', true],
      ['no other findings', true],
    ]);
  });
});

describe('a metric that the run does not have', () => {
  it.each([
    ['lock.aquired(L) == 1', 'lock.acquired(L)'],
    ['lock.acquired(K) == 1', 'lock.acquired(L)'],
    ['task.blocked == 1', 'tasks.blocked'],
    ['time.simulate == 1', 'time.simulated'],
  ])('%s: did you mean %s?', (text, near) => {
    let error: unknown;
    try {
      check(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ScenarioError);
    const { message, at } = error as ScenarioError;
    expect(message).toContain(`no metric '${text.split(' ')[0]}'`);
    expect(message).toContain(`did you mean '${near}'?`);
    expect(at).toEqual({ line: 7, column: 18 });
  });

  it('is not guessed at when nothing is near', () => {
    expect(() => check('zzzzzz == 1')).toThrow(/has no metric 'zzzzzz'$/);
  });
});

describe('findings', () => {
  it('that nobody expects fail the run, and are named', () => {
    const { checks } = observe(stepsOf('- assert n == 1')).result;
    expect(checks).toEqual([{ text: 'no other findings', passed: false, found: 'assertion' }]);
  });

  it('that must appear and do not fail it, too', () => {
    const must = 'expect: { findings: { must: [assertion, deadlock] } }';
    const { checks } = observe(stepsOf('- assert n == 1', must)).result;
    expect(checks.map(({ text, passed }) => [text, passed])).toEqual([
      ['finding assertion', true],
      ['finding deadlock', false],
      ['no other findings', true],
    ]);
  });
});
