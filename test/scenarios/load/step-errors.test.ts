/**
 * Bad steps and exactly what is said about them.
 */
import { expect, test } from 'vitest';
import { complaints } from './helpers.ts';

type Case = [about: string, text: string, expected: string[]];

/** Steps of an actor, which begin in line 9, column 9. */
const steps = (...lines: string[]): string => `name: bad
params: { three: 3, lock: S }
objects: { L: spinlock, K: spinlock, M: mutex, S: sem:1, q: waitqueue }
vars: { count: 0, ring: [0, 0] }
actors:
  t: { kind: kthread, count: 2, steps: &s [] }
  u:
    steps:
${lines.map((line) => `      - ${line}\n`).join('')}`;

const STEP_CASES: Case[] = [
  [
    'an unknown function',
    steps('spin_lok L', 'msleep 20', 'asert 1'),
    [
      "s.yaml:9:9: actors.u.steps[0]: unknown function 'spin_lok' (did you mean 'spin_lock'?)",
      "s.yaml:10:9: actors.u.steps[1]: unknown function 'msleep' (did you mean 'sleep'?)",
      "s.yaml:11:9: actors.u.steps[2]: unknown function 'asert' (did you mean 'assert'?)",
    ],
  ],
  [
    'too few and too many arguments',
    steps('spin_lock_irqsave', 'spin_lock L K'),
    [
      's.yaml:9:9: actors.u.steps[0]: too few arguments; usage: spin_lock_irqsave lock [$flags]',
      's.yaml:10:21: actors.u.steps[1]: too many arguments; usage: spin_lock lock',
    ],
  ],
  [
    'a function in an expression that is no marked read, and one of no variable',
    steps('count = atomic_inc_return(count) + 1', 'count = READ_ONCE($f)', 'count = READ_ONCE(x)'),
    [
      's.yaml:9:17: actors.u.steps[0]: an expression calls READ_ONCE, smp_load_acquire, ' +
        "rcu_dereference, atomic_read only; a step of its own calls 'atomic_inc_return', and its " +
        'result is $ret',
      's.yaml:10:27: actors.u.steps[1]: READ_ONCE reads a shared variable, such as ' +
        'READ_ONCE(ready)',
      "s.yaml:11:27: actors.u.steps[2]: unknown variable 'x'",
    ],
  ],
  [
    'an object that is not there',
    steps('spin_lock X', 'spin_lock_irqsave l $f'),
    [
      "s.yaml:9:19: actors.u.steps[0]: unknown spinlock 'X'",
      "s.yaml:10:27: actors.u.steps[1]: unknown spinlock 'l' (did you mean 'L'?)",
    ],
  ],
  [
    'an object of the wrong type',
    steps('spin_lock S', 'spin_lock $lock', 'down L'),
    [
      "s.yaml:9:19: actors.u.steps[0]: 'S' is of type semaphore; spin_lock needs spinlock",
      "s.yaml:10:19: actors.u.steps[1]: 'S' is of type semaphore; spin_lock needs spinlock",
      "s.yaml:11:14: actors.u.steps[2]: 'L' is of type spinlock; down needs semaphore",
    ],
  ],
  [
    'an actor',
    steps('wake t', 'wake t-2', 'wake t-1', 'raise_irq u'),
    [
      "s.yaml:9:14: actors.u.steps[0]: unknown kthread, user or sys 't'",
      "s.yaml:10:14: actors.u.steps[1]: unknown kthread, user or sys 't-2' (did you mean 't-0'?)",
      "s.yaml:12:19: actors.u.steps[3]: 'u' is of type kthread; raise_irq needs irq",
    ],
  ],
  [
    'a symbol',
    steps('set_state INTERUPTIBLE', 'set_prio self FIFO x'),
    [
      "s.yaml:9:19: actors.u.steps[0]: unknown state 'INTERUPTIBLE' of set_state (did you mean " +
        "'INTERRUPTIBLE'?)",
      "s.yaml:10:28: actors.u.steps[1]: unknown variable 'x'",
    ],
  ],
  [
    'flags',
    steps('kmalloc 10 GFP_ATOMIC|GFP_KERNL', 'kmalloc 10 GFP_ATOMIC|__GFP_ZERO'),
    [
      "s.yaml:9:31: actors.u.steps[0]: unknown gfp 'GFP_KERNL' of kmalloc (did you mean " +
        "'GFP_KERNEL'?)",
    ],
  ],
  [
    'a duration',
    steps('compute 10', 'compute 10parsec', 'compute 3jiffies', 'compute 0'),
    [
      's.yaml:9:17: actors.u.steps[0]: expected a duration with its unit, such as 10us or ' +
        '1.5ms; got 10',
      "s.yaml:10:19: actors.u.steps[1]: unknown unit 'parsec'",
    ],
  ],
  [
    'an out argument',
    steps('spin_lock_irqsave L flags', 'down_trylock S $three'),
    [
      "s.yaml:9:29: actors.u.steps[0]: expected a local, such as $flags, got 'flags'",
      "s.yaml:10:24: actors.u.steps[1]: expected a local, such as $ret, got '3'",
    ],
  ],
  [
    'a variable',
    steps('set cuont 1', 'add ring 1', 'add ring[count] 1', 'set 5 1'),
    [
      "s.yaml:9:13: actors.u.steps[0]: unknown variable 'cuont' (did you mean 'count'?)",
      "s.yaml:10:13: actors.u.steps[1]: 'ring' is an array; name an element, such as ring[0]",
      "s.yaml:12:13: actors.u.steps[3]: expected a variable, got '5'",
    ],
  ],
  [
    'an expression',
    steps('$x = 1 +', '$x = (1', '$x = 1 2', '$x = 1 ? 2', '$x = 0x', '$x = 1.5'),
    [
      's.yaml:9:17: actors.u.steps[0]: expected a value, got the end',
      "s.yaml:10:16: actors.u.steps[1]: expected ')', got the end",
      "s.yaml:11:16: actors.u.steps[2]: expected an operator, got '2'",
      "s.yaml:12:16: actors.u.steps[3]: unexpected '?' in an expression",
      "s.yaml:13:15: actors.u.steps[4]: unknown unit 'x'",
      's.yaml:14:14: actors.u.steps[5]: 1.5 is not an integer',
    ],
  ],
  [
    'the names in an expression',
    steps('$x = cuont + 1', '$x = ring', '$x = count[0]', '$x = $x[1]', '$x = $y', '$xx = $ret'),
    [
      "s.yaml:9:14: actors.u.steps[0]: unknown variable 'cuont' (did you mean 'count'?)",
      "s.yaml:10:14: actors.u.steps[1]: 'ring' is an array; name an element, such as ring[0]",
      "s.yaml:11:14: actors.u.steps[2]: 'count' is no array",
      "s.yaml:12:14: actors.u.steps[3]: '$x' is no array",
      "s.yaml:13:14: actors.u.steps[4]: the local '$y' is never assigned",
    ],
  ],
  [
    'a value at load time',
    steps('$x = 1 / 0', '$x = 9007199254740991 + 1', '$x = 1 << 64'),
    [
      's.yaml:9:16: actors.u.steps[0]: division by zero',
      's.yaml:10:31: actors.u.steps[1]: overflow beyond 2^53',
      's.yaml:11:16: actors.u.steps[2]: shift by 64',
    ],
  ],
  [
    'an assignment',
    steps('count + 1 = 2', '$three = 4', '$ret = 1', 'ring = 1', '1 = count'),
    [
      "s.yaml:9:19: actors.u.steps[0]: expected a variable alone on the left of '='",
      "s.yaml:10:9: actors.u.steps[1]: '$three' is a parameter; it cannot be assigned",
      "s.yaml:11:9: actors.u.steps[2]: '$ret' holds what the last call returned; use another name",
      "s.yaml:12:9: actors.u.steps[3]: 'ring' is an array; name an element, such as ring[0]",
      "s.yaml:13:11: actors.u.steps[4]: expected a variable alone on the left of '='",
    ],
  ],
  [
    'a label',
    steps('up S ->', 'up S -> a b', 'log', 'log 5x', 'log x -> y'),
    [
      's.yaml:9:16: actors.u.steps[0]: expected a label, got nothing',
      's.yaml:10:14: actors.u.steps[1]: too many arguments; usage: up lock',
      's.yaml:11:9: actors.u.steps[2]: usage: log label',
      "s.yaml:12:13: actors.u.steps[3]: expected a label, got '5x'",
      "s.yaml:13:9: actors.u.steps[4]: 'log' returns nothing that could be logged",
    ],
  ],
  [
    'break outside a loop',
    steps('break', '{ if: count, then: [continue] }'),
    [
      "s.yaml:9:9: actors.u.steps[0]: 'break' outside a loop",
      "s.yaml:10:29: actors.u.steps[1].then[0]: 'continue' outside a loop",
    ],
  ],
  [
    'blocks',
    steps(
      '{ repeet: 3, do: [] }',
      '{ while: 1 }',
      '{ if: 1, then: [], els: [] }',
      '5',
      '{ repeat: [1], do: [] }',
      '{ atomic: schedule }',
      '{ if: cuont == 1, then: [] }',
    ),
    [
      's.yaml:9:9: actors.u.steps[0]: expected a block: repeat, while, if, atomic (did you ' +
        "mean 'repeat'?)",
      "s.yaml:10:9: actors.u.steps[1]: 'while' needs 'do'",
      "s.yaml:11:28: actors.u.steps[2].els: unknown key 'els' (did you mean 'else'?)",
      's.yaml:12:9: actors.u.steps[3]: expected a step: a call, an assignment or a block',
      's.yaml:13:19: actors.u.steps[4].repeat: expected an expression',
      's.yaml:14:19: actors.u.steps[5].atomic: expected a list of steps',
      "s.yaml:15:15: actors.u.steps[6].if: unknown variable 'cuont' (did you mean 'count'?)",
    ],
  ],
  [
    'an atomic block',
    steps('{ atomic: [ count = 1, schedule, { if: 1, then: [up S] } ] }'),
    [
      "s.yaml:9:32: actors.u.steps[0].atomic[1]: 'schedule' cannot stand in an atomic block",
      "s.yaml:9:58: actors.u.steps[0].atomic[2].then[0]: 'up' cannot stand in an atomic block",
    ],
  ],
  [
    'flat loops',
    steps('loop 3', 'endloop', 'endloop', 'loop'),
    [
      "s.yaml:11:9: actors.u.steps[2]: 'endloop' without its 'loop'",
      's.yaml:12:9: actors.u.steps[3]: usage: loop count',
    ],
  ],
  [
    'a flat loop that stays open',
    steps('loop 3', 'schedule'),
    ["s.yaml:9:9: actors.u.steps[0]: 'loop' without its 'endloop'"],
  ],
  [
    'skips',
    steps('skip_ge count 1', 'skip_ge cuont 1 1', 'skip_ret_ne 0 x', 'exit'),
    [
      's.yaml:9:9: actors.u.steps[0]: usage: skip_ge variable least steps',
      "s.yaml:10:17: actors.u.steps[1]: unknown variable 'cuont' (did you mean 'count'?)",
      "s.yaml:11:23: actors.u.steps[2]: expected a number of steps, got 'x'",
      's.yaml:12:9: actors.u.steps[3]: usage: exit value',
    ],
  ],
  [
    'offsets behind parameters',
    steps('$x = $three + cuont', '$x = ${three + 100} + cuont'),
    [
      "s.yaml:9:23: actors.u.steps[0]: unknown variable 'cuont' (did you mean 'count'?)",
      "s.yaml:10:31: actors.u.steps[1]: unknown variable 'cuont' (did you mean 'count'?)",
    ],
  ],
  [
    'offsets in quotes',
    steps('"set cuont 1"', "'set cuont 1'", '"set cuont\\x20 1"'),
    [
      "s.yaml:9:14: actors.u.steps[0]: unknown variable 'cuont' (did you mean 'count'?)",
      "s.yaml:10:14: actors.u.steps[1]: unknown variable 'cuont' (did you mean 'count'?)",
      "s.yaml:11:9: actors.u.steps[2]: unknown variable 'cuont' (did you mean 'count'?)",
    ],
  ],
  [
    'steps that are no list',
    `name: bad\nactors:\n  a:\n    steps: schedule\n`,
    ["s.yaml:4:12: actors.a.steps: expected a list, got 'schedule'"],
  ],
];

test.each(STEP_CASES)('%s', (_about, text, expected) => {
  expect(complaints(text)).toEqual(expected);
});
