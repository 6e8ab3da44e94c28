/* What steps do: loops in both forms, jumps, labels, atomic blocks, assertions, ways out. */
import { describe, expect, it } from 'vitest';
import { parseTrace } from './perform.ts';
import { labels, observe, stepsOf } from './scenario.ts';

const labelsOf = (steps: string): string[] => labels(observe(stepsOf(steps)));

describe('the flat forms of recorded programs', () => {
  it('loop N runs what stands before its endloop N times', () => {
    expect(labelsOf('- loop 3\n- log a\n- endloop\n- log b')).toEqual(['a', 'a', 'a', 'b']);
  });

  it('loop 0 runs once: the count is looked at after the round', () => {
    expect(labelsOf('- loop 0\n- log a\n- endloop')).toEqual(['a']);
  });

  it('loops nest', () => {
    const steps = '- loop 2\n- log a\n- loop 3\n- log b\n- endloop\n- endloop';
    expect(labelsOf(steps)).toEqual(['a', 'b', 'b', 'b', 'a', 'b', 'b', 'b']);
  });

  it.each([
    [0, ['a', 'b', 'c']],
    [4, ['a', 'b', 'c']],
    [5, ['c']],
    [6, ['c']],
  ])('skip_ge skips when the variable is at least 5: %i', (value, expected) => {
    expect(labelsOf(`- n = ${value}\n- skip_ge n 5 2\n- log a\n- log b\n- log c`)).toEqual(
      expected,
    );
  });

  it('skip_ret_ne and skip_ret_eq look at what the last call returned', () => {
    const trylock = '- down_trylock S\n';
    expect(labelsOf(`${trylock}- skip_ret_ne 0 1\n- log got\n- log b`)).toEqual(['got', 'b']);
    expect(labelsOf(`${trylock}- skip_ret_eq 0 1\n- log failed\n- log b`)).toEqual(['b']);
    const again = `${trylock}${trylock}`;
    expect(labelsOf(`${again}- skip_ret_ne 0 1\n- log got\n- log b`)).toEqual(['b']);
    expect(labelsOf(`${again}- skip_ret_eq 0 1\n- log failed\n- log b`)).toEqual(['failed', 'b']);
  });

  it('a skip past the last step ends the actor', () => {
    expect(labelsOf('- log a\n- skip_ge n 0 9\n- log b')).toEqual(['a']);
  });

  it('exit ends the actor, also out of loops, and logs its value', () => {
    const { logged } = observe(stepsOf('- loop 5\n- log a\n- exit 7 -> out\n- endloop\n- log b'));
    expect(logged.map(({ label, result }) => [label, result])).toEqual([
      ['a', NaN],
      ['out', 7],
    ]);
  });
});

describe('blocks', () => {
  it('repeat counts, and a count of 0 runs nothing', () => {
    expect(labelsOf('- { repeat: 2, do: [log a] }\n- { repeat: 0, do: [log b] }')).toEqual([
      'a',
      'a',
    ]);
  });

  it('break and continue mean the innermost loop', () => {
    const steps = `
- repeat: 3
  do:
    - $i = $i + 1
    - if: $i == 2
      then: [continue]
    - log outer
    - repeat: forever
      do:
        - log inner
        - break
`;
    expect(labelsOf(steps)).toEqual(['outer', 'inner', 'outer', 'inner']);
  });

  it('while tests before each round; if has an else', () => {
    const steps = `
- while: n < 3
  do:
    - n = n + 1
    - if: n == 2
      then: [log two]
      else: [log other]
`;
    expect(labelsOf(steps)).toEqual(['other', 'two', 'other']);
  });
});

describe('values', () => {
  it('a label names a row, and a local when the call returns something', () => {
    const yaml = stepsOf('- down_trylock S -> got\n- n = $got + 10\n- mutex_lock M -> locked');
    const run = observe(yaml, { keep: true });
    expect(run.logged.map(({ label, result }) => [label, result])).toEqual([
      ['got', 0],
      ['locked', NaN],
    ]);
    expect(run.variable('n')).toBe(10);
    const rows = parseTrace(run.csv).filter(({ event }) => event === 'log');
    expect(rows.map(({ object, value, comm }) => [object, value, comm])).toEqual([
      ['got', 0, 't'],
      ['locked', undefined, 't'],
    ]);
  });

  it('locals are 0 at the start of each run of a handler, shared variables stay', () => {
    const yaml =
      stepsOf('- msleep 100') +
      `
  tick:
    kind: irq
    arrivals: { every: 1ms, count: 4 }
    steps:
      - $x = $x + 1
      - n = n + $x
`;
    expect(observe(yaml).variable('n')).toBe(4);
  });

  it('each copy has its own $index', () => {
    const yaml =
      stepsOf('- nop') +
      `
  copy:
    kind: kthread
    count: 4
    steps:
      - { atomic: [n = n * 10 + $index] }
`;
    const digits = String(observe(yaml).variable('n')).padStart(4, '0');
    expect([...digits].sort()).toEqual(['0', '1', '2', '3']);
  });
});

describe('atomic', () => {
  const two = (body: string): string => `
name: atomic
machine: { cpus: 2, costs: { preset: x86-2007 } }
vars: { n: 0 }
actors:
  a: { kind: kthread, cpu: 0, steps: [{ repeat: 500, do: [${body}] }] }
  b: { kind: kthread, cpu: 1, steps: [{ repeat: 500, do: [${body}] }] }
`;

  it('what stands in it happens in one step', () => {
    expect(observe(two('{ atomic: ["$t = n", "n = $t + 1"] }')).variable('n')).toBe(1000);
  });

  it('without it two steps can be torn apart: updates are lost', () => {
    expect(observe(two('"$t = n", "n = $t + 1"')).variable('n')).toBeLessThan(1000);
  });

  it('lasts no longer than the block', () => {
    const steps = '{ atomic: ["$t = n"] }, "n = $t + 1"';
    expect(observe(two(steps)).variable('n')).toBeLessThan(1000);
  });
});

describe('assert', () => {
  it('that fails is a finding with the line; the run goes on', () => {
    const run = observe(stepsOf('- n = 3\n- assert n == 4\n- log after\n- assert n == 3'));
    const { findings, checks } = run.result;
    expect(findings.map(({ kind, text, actor }) => [kind, text, actor])).toEqual([
      ['assertion', 'assertion failed: n == 4 (line 13)', 't'],
    ]);
    expect(labels(run)).toEqual(['after']);
    expect(checks.map(({ passed }) => passed)).toEqual([false]);
  });

  it('may be expected', () => {
    const must = 'expect: { findings: { must: [assertion] } }';
    const checks = (steps: string) =>
      observe(stepsOf(steps, must)).result.checks.map(({ passed }) => passed);
    expect(checks('- assert n == 1')).toEqual([true, true]);
    expect(checks('- assert n == 0')).toEqual([false, true]);
  });
});

describe('a user process', () => {
  it('computes in user mode; a run of kernel words is one system call', () => {
    const yaml = `
name: modes
kernel: linux-6.1
machine: { cpus: 1, costs: { preset: ideal, syscall: 100ns } }
actors:
  u: { kind: user, steps: [compute 1ms, delay 2ms, delay 3ms, compute 4ms] }
`;
    const { result } = observe(yaml);
    const { user, kernel } = result.cpus[0]!.ns;
    // In and out once for both words; exit() only goes in.
    expect([user, kernel]).toEqual([5_000_000, 5_000_000 + 100 + 50]);
  });
});
