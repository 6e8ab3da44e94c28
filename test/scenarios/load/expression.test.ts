/**
 * Expressions: against a reference that computes with BigInt, and what they refuse.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileAst, parseExpression } from '../../../scenarios/load/expression.ts';
import type { Ast, Environment, Name } from '../../../scenarios/load/expression.ts';
import { EvaluationError } from '../../../scenarios/load/integer.ts';
import type { BinaryOperator, UnaryOperator } from '../../../scenarios/load/integer.ts';

const HZ = 250;
const VARIABLES = [[5], [-7], [1, 2, 3]];
const LOCALS = [0, 12, -3];

/** Evaluates a text over the shared `a`, `b`, `ring` and the locals `$x`, `$y`, `$z`. */
function evaluate(text: string): number {
  const environment: Environment = { locals: LOCALS, load: (v, i) => VARIABLES[v]![i]! };
  return compileAst(parseExpression(text, HZ), {
    name: ({ name, local, marked }) => {
      const slot = (local ? ['x', 'y', 'z'] : ['a', 'b']).indexOf(name);
      return local ? (env) => env.locals[slot]! : (env) => env.load(slot, 0, marked);
    },
    element: (array, index) => (env) => env.load(2, index(env), array.marked),
  })(environment);
}

const LEVEL: Record<BinaryOperator, number> = {
  '||': 0,
  '&&': 1,
  '|': 2,
  '^': 3,
  '&': 4,
  '==': 5,
  '!=': 5,
  '<': 6,
  '<=': 6,
  '>': 6,
  '>=': 6,
  '<<': 7,
  '>>': 7,
  '+': 8,
  '-': 8,
  '*': 9,
  '/': 9,
  '%': 9,
};

const number = (value: number): Ast => ({ kind: 'number', value, duration: false, offset: 0 });
const named = (name: string, local: boolean): Name => ({
  kind: 'name',
  name,
  local,
  marked: false,
  offset: 0,
});

const { tree } = fc.letrec<{ tree: Ast; leaf: Ast; inner: Ast }>((tie) => ({
  tree: fc.oneof({ maxDepth: 6, depthSize: 'medium' }, tie('leaf'), tie('inner')),
  leaf: fc.oneof(
    fc.nat(40).map(number),
    fc.maxSafeNat().map(number),
    fc.nat(0xffffffff).map(number),
    fc.constantFrom('a', 'b').map((name) => named(name, false)),
    fc.constantFrom('x', 'y', 'z').map((name) => named(name, true)),
    fc.nat(2).map((i): Ast => ({
      kind: 'element',
      array: named('ring', false),
      index: number(i),
      offset: 0,
    })),
  ),
  inner: fc.oneof(
    fc.record({
      kind: fc.constant('unary' as const),
      operator: fc.constantFrom<UnaryOperator>('-', '!', '~'),
      operand: tie('tree'),
      offset: fc.constant(0),
    }),
    fc.record({
      kind: fc.constant('binary' as const),
      operator: fc.constantFrom(...(Object.keys(LEVEL) as BinaryOperator[])),
      left: tie('tree'),
      right: tie('tree'),
      offset: fc.constant(0),
    }),
  ),
}));

/** Prints a tree with the parentheses that C's precedence needs and no others. */
function print(ast: Ast, blank: string): string {
  switch (ast.kind) {
    case 'number':
      return String(ast.value);
    case 'name':
      return `${ast.local ? '$' : ''}${ast.name}`;
    case 'element':
      return `${ast.array.name}[${print(ast.index, blank)}]`;
    case 'unary': {
      const operand = print(ast.operand, blank);
      return ast.operator + (ast.operand.kind === 'binary' ? `(${operand})` : operand);
    }
    case 'binary': {
      const side = (child: Ast, least: number) => {
        const text = print(child, blank);
        return child.kind === 'binary' && LEVEL[child.operator] < least ? `(${text})` : text;
      };
      const level = LEVEL[ast.operator];
      const sides = [side(ast.left, level), side(ast.right, level + 1)];
      return sides.join(blank + ast.operator + blank);
    }
  }
}

const LIMIT = BigInt(Number.MAX_SAFE_INTEGER);

/** The value by BigInt; undefined where C, or 53 bits, have none. */
function reference(ast: Ast): bigint | undefined {
  const bool = (condition: boolean): bigint => (condition ? 1n : 0n);
  const safe = (value: bigint) => (value > LIMIT || value < -LIMIT ? undefined : value);
  switch (ast.kind) {
    case 'number':
      return BigInt(ast.value);
    case 'name':
      return BigInt(
        ast.local ? LOCALS['xyz'.indexOf(ast.name)]! : VARIABLES['ab'.indexOf(ast.name)]![0]!,
      );
    case 'element':
      return BigInt(VARIABLES[2]![Number(reference(ast.index))]!);
    case 'unary': {
      const a = reference(ast.operand);
      if (a === undefined) return undefined;
      return ast.operator === '-' ? -a : ast.operator === '!' ? bool(a === 0n) : safe(~a);
    }
    case 'binary': {
      const a = reference(ast.left);
      if (a === undefined) return undefined;
      if (ast.operator === '&&' && a === 0n) return 0n;
      if (ast.operator === '||' && a !== 0n) return 1n;
      const b = reference(ast.right);
      if (b === undefined) return undefined;
      switch (ast.operator) {
        case '&&':
        case '||':
          return bool(b !== 0n);
        case '+':
          return safe(a + b);
        case '-':
          return safe(a - b);
        case '*':
          return safe(a * b);
        case '/':
          return b === 0n ? undefined : a / b;
        case '%':
          return b === 0n ? undefined : a % b;
        case '<<':
          return b < 0n || b > 63n ? undefined : safe(a << b);
        case '>>':
          return b < 0n || b > 63n ? undefined : a >> b;
        case '&':
          return safe(a & b);
        case '|':
          return safe(a | b);
        case '^':
          return safe(a ^ b);
        case '==':
          return bool(a === b);
        case '!=':
          return bool(a !== b);
        case '<':
          return bool(a < b);
        case '<=':
          return bool(a <= b);
        case '>':
          return bool(a > b);
        case '>=':
          return bool(a >= b);
      }
    }
  }
}

/** A tree without offsets, which printing does not keep. */
function bare(ast: Ast): unknown {
  return JSON.parse(JSON.stringify(ast, (key, value) => (key === 'offset' ? undefined : value)));
}

describe('expressions', () => {
  test('have the value that BigInt arithmetic gives, or no value', () => {
    let errors = 0;
    fc.assert(
      fc.property(tree, fc.constantFrom('', ' '), (ast, blank) => {
        const expected = reference(ast);
        const text = print(ast, blank);
        if (expected !== undefined) {
          expect(evaluate(text)).toBe(Number(expected));
        } else {
          errors++;
          expect(() => evaluate(text)).toThrow(EvaluationError);
        }
      }),
      { numRuns: 3000 },
    );
    expect(errors).toBeGreaterThan(50);
  });

  test('are parsed to the tree that they were printed from', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom('', ' '), (ast, blank) => {
        expect(bare(parseExpression(print(ast, blank), HZ))).toEqual(bare(ast));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['2 + 3 * 4', 14],
    ['-7 / 2', -3],
    ['-7 % 2', -1],
    ['1 << 40', 2 ** 40],
    ['-1 >> 1', -1],
    ['0x1F & ~1', 30],
    ['5ms', 5_000_000],
    ['1.5us + 1ns', 1501],
    ['3jiffies', 12_000_000],
    ['1 - -1', 2],
    ['!0 + !5', 1],
    ['a == 5 && b < 0', 1],
    ['0 || 0 && 1 / 0', 0],
    ['ring[ring[0]] + $y', 14],
    ['1 | 2 ^ 2 & 3', 1],
    ['(1 < 2) == true', 1],
    ['0 * -1', 0],
  ])('%s is %i', (text, value) => {
    expect(evaluate(text)).toBe(value);
  });
});
