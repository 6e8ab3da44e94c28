/**
 * Programs: random steps, compiled and run, do what a direct reading of the steps does; and the
 * flat forms of recorded programs do what the recorder's interpreter does with them.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Environment, Program, Target } from '../../../scenarios/load/index.ts';
import { programOf } from './helpers.ts';

/** What a run did: the labels logged, and the shared variables n, m and ring at the end. */
interface Outcome {
  readonly log: string[];
  readonly shared: number[][];
}

const BUDGET = 1_000_000;

/** Runs a program; a call returns `answers[i]`, i counting the calls. */
function run(program: Program, answers: readonly number[] = []): Outcome {
  const shared = [[0], [0], [0, 0, 0, 0]];
  const env: Environment = {
    locals: program.locals.map(() => 0),
    load: (variable, index) => shared[variable]![index]!,
  };
  const store = (target: Target, value: number) => {
    if (target.kind === 'local') env.locals[target.slot] = value;
    else shared[target.variable.slot]![target.index.evaluate(env)] = value;
  };
  const log: string[] = [];
  let calls = 0;
  let pc = 0;
  for (let left = BUDGET; left > 0 && pc < program.code.length; left--) {
    const instruction = program.code[pc++]!;
    switch (instruction.kind) {
      case 'call': {
        const value = answers[calls++] ?? 0;
        if (instruction.op.returns === 'int') {
          if (program.ret !== undefined) env.locals[program.ret] = value;
          if (instruction.result !== undefined) env.locals[instruction.result] = value;
        }
        if (instruction.label !== undefined) log.push(instruction.label);
        break;
      }
      case 'log':
        log.push(instruction.label);
        break;
      case 'assign':
        store(instruction.target, instruction.value.evaluate(env));
        break;
      case 'assert':
        log.push(`assert ${instruction.condition.evaluate(env)}`);
        break;
      case 'branch':
        if (instruction.condition.evaluate(env) === 0) pc = instruction.otherwise;
        break;
      case 'jump':
        pc = instruction.to;
        break;
      case 'atomic':
        break;
      case 'exit':
        if (instruction.label !== undefined) log.push(instruction.label);
        pc = program.code.length;
        break;
    }
  }
  return { log, shared };
}

type Step = string | { [key: string]: unknown };
class Leave extends Error {}

/** Reads the steps directly: the reference. `$i` is the only local. */
function read(steps: readonly Step[]): Outcome {
  const state: Record<string, number> = { n: 0, m: 0, $i: 0 };
  const log: string[] = [];
  const value = (text: string): number => {
    const [, name, operator, number] = /^(\S+) (\S+) (\d+)$/.exec(text)!;
    const [a, b] = [state[name!]!, Number(number)];
    return operator === '+' ? a + b : operator === '<' ? Number(a < b) : Number(a === b);
  };
  const list = (some: readonly Step[]): void => some.forEach(step);
  const round = (body: readonly Step[]): boolean => {
    try {
      list(body);
    } catch (error) {
      if (!(error instanceof Leave) || error.message === 'return') throw error;
      return error.message === 'continue';
    }
    return true;
  };
  const step = (one: Step): void => {
    if (typeof one === 'string') {
      const words = one.split(' ');
      if (words[0] === 'log') log.push(words[1]!);
      else if (words[1] === '=') state[words[0]!] = value(words.slice(2).join(' '));
      else throw new Leave(one);
      return;
    }
    const body = one['do'] as Step[];
    if ('repeat' in one) {
      for (let i = 0; i < Number(one['repeat']); i++) if (!round(body)) return;
    } else if ('while' in one) {
      while (value(one['while'] as string) !== 0) if (!round(body)) return;
    } else if ('if' in one) {
      const chosen = value(one['if'] as string) !== 0 ? 'then' : 'else';
      list((one[chosen] ?? []) as Step[]);
    } else {
      list(one['atomic'] as Step[]);
    }
  };
  try {
    list(steps);
  } catch (error) {
    if (!(error instanceof Leave)) throw error;
  }
  return { log, shared: [[state['n']!], [state['m']!], [0, 0, 0, 0]] };
}

const name = fc.constantFrom('n', 'm', '$i');
const simple = fc.oneof(
  fc.constantFrom('log a', 'log b', 'log c'),
  // The shared variables only grow, so that the loops that they bound come to an end.
  fc.tuple(fc.constantFrom('n', 'm'), fc.nat(3)).map(([to, by]) => `${to} = ${to} + ${by}`),
  fc.tuple(name, fc.nat(3)).map(([from, by]) => `$i = ${from} + ${by}`),
);
const condition = fc
  .tuple(name, fc.constantFrom('<', '=='), fc.nat(4))
  .map(([left, operator, right]) => `${left} ${operator} ${right}`);

/** Steps to a depth; what stands in a loop may leave it. */
function stepsOf(depth: number, loop: boolean): fc.Arbitrary<Step[]> {
  const ways = loop ? ['break', 'continue', 'return'] : ['return'];
  const leaves: fc.Arbitrary<Step>[] = [simple, simple, simple];
  const leave = fc
    .tuple(condition, fc.constantFrom(...ways))
    .map(([test, way]): Step => ({ if: test, then: [way] }));
  if (depth === 0) return fc.array(fc.oneof(...leaves, leave), { maxLength: 3 });
  const inner = stepsOf(depth - 1, loop);
  const body = stepsOf(depth - 1, true);
  return fc.array(
    fc.oneof(
      ...leaves,
      leave,
      fc.tuple(fc.nat(3), body).map(([repeat, steps]): Step => ({ repeat, do: steps })),
      fc.tuple(fc.constantFrom('n', 'm'), fc.nat(4), body).map(([counter, bound, steps]): Step => ({
        while: `${counter} < ${bound}`,
        do: [`${counter} = ${counter} + 1`, ...steps],
      })),
      fc.tuple(condition, inner, fc.option(inner)).map(([test, then, otherwise]): Step => ({
        if: test,
        then,
        ...(otherwise ? { else: otherwise } : {}),
      })),
      inner.map((steps): Step => ({ atomic: steps })),
    ),
    { maxLength: 4 },
  );
}

const steps = stepsOf(3, false).map((list) => ['$i = n + 0', ...list]);

test('a compiled program does what a direct reading of its steps does', () => {
  let logged = 0;
  fc.assert(
    fc.property(steps, (list) => {
      const program = programOf(list);
      const expected = read(list);
      const outcome = run(program);
      logged += expected.log.length;
      expect(outcome).toEqual(expected);
    }),
    { numRuns: 500 },
  );
  expect(logged).toBeGreaterThan(200);
});

describe('the flat forms of recorded programs', () => {
  test('a loop runs as often as it says, and at least once', () => {
    expect(run(programOf(['loop 3', 'log a', 'endloop', 'log b'])).log.join('')).toBe('aaab');
    expect(run(programOf(['loop 0', 'log a', 'endloop', 'log b'])).log.join('')).toBe('ab');
    const nested = ['loop 2', 'log a', 'loop 2', 'log b', 'endloop', 'endloop'];
    expect(run(programOf(nested)).log.join('')).toBe('abbabb');
  });

  test('skip_ge skips the steps that follow when the variable is large enough', () => {
    const list = ['loop 3', 'n = n + 1', 'skip_ge n 2 1', 'log a', 'log b', 'endloop'];
    expect(run(programOf(list)).log.join('')).toBe('abbb');
    expect(run(programOf(['skip_ge n 1 1', 'log a', 'log b'])).log.join('')).toBe('ab');
  });

  test('skip_ret_ne and skip_ret_eq look at what the last function returned', () => {
    const list = [
      'spin_trylock L',
      'skip_ret_ne 1 2',
      'log got',
      'spin_unlock L',
      'skip_ret_eq 1 1',
      'log no',
      'log end',
    ];
    expect(run(programOf(list), [1]).log).toEqual(['got', 'end']);
    expect(run(programOf(list), [0]).log).toEqual(['no', 'end']);
  });

  test('a skip beyond the end of the list goes to the end', () => {
    expect(run(programOf(['skip_ret_eq 0 9', 'log a'])).log).toEqual([]);
  });

  test('exit logs its label, and nothing after it happens', () => {
    expect(run(programOf(['exit 7 -> bye', 'log a'])).log).toEqual(['bye']);
  });

  test('a label stores the value returned and logs after the call', () => {
    const list = ['spin_trylock L -> got', { if: '$got == 1', then: ['log yes'] }, 'up S -> up'];
    expect(run(programOf(list), [1]).log).toEqual(['got', 'yes', 'up']);
  });
});

test('break, continue and return leave an atomic block', () => {
  const list = [
    { repeat: 'forever', do: [{ atomic: ['n = n + 1', { if: 'n == 3', then: ['break'] }] }] },
    'log out',
    'return',
    'log never',
  ];
  expect(run(programOf(list))).toEqual({ log: ['out'], shared: [[3], [0], [0, 0, 0, 0]] });
});

test('locals that are never read take no slot, so that equal states look equal', () => {
  expect(programOf(['spin_trylock L -> a', 'spin_trylock K -> b']).locals).toEqual([]);
  const { locals, ret } = programOf(['spin_trylock L', 'n = $ret']);
  expect(locals).toEqual(['ret']);
  expect(ret).toBe(0);
});
