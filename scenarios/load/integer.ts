/**
 * The integer arithmetic of expressions: C's operators over safe integers. Division truncates
 * towards zero as in C; what C leaves undefined (division by zero, overflow, a shift outside
 * 0..63) throws an `EvaluationError` instead.
 */

/** An expression without a value: a division by zero, an overflow, an index out of range. */
export class EvaluationError extends Error {}

export type UnaryOperator = '-' | '!' | '~';
export type BinaryOperator =
  | '||'
  | '&&'
  | '|'
  | '^'
  | '&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '<<'
  | '>>'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

type Strict = Exclude<BinaryOperator, '&&' | '||'>;

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new EvaluationError('overflow beyond 2^53');
  return value + 0; // -0 becomes 0
}

function divisor(b: number): number {
  if (b === 0) throw new EvaluationError('division by zero');
  return b;
}

/** 2 to the power of a shift count. */
function power(count: number): number {
  if (count < 0 || count > 63) throw new EvaluationError(`shift by ${count}`);
  return count < 31 ? 1 << count : Number(1n << BigInt(count));
}

/** Bitwise operators see two's complement of any width; 32 bits are the quick case. */
function bitwise(
  a: number,
  b: number,
  narrow: (a: number, b: number) => number,
  wide: (a: bigint, b: bigint) => bigint,
): number {
  if ((a | 0) === a && (b | 0) === b) return narrow(a, b);
  return safe(Number(wide(BigInt(a), BigInt(b))));
}

/** The operators that evaluate both sides; `&&` and `||` are compiled where they stand. */
export const BINARY: Readonly<Record<Strict, (a: number, b: number) => number>> = {
  '+': (a, b) => safe(a + b),
  '-': (a, b) => safe(a - b),
  '*': (a, b) => safe(a * b),
  '/': (a, b) => safe((a - (a % divisor(b))) / b),
  '%': (a, b) => safe(a % divisor(b)),
  '<<': (a, b) => safe(a * power(b)),
  '>>': (a, b) => safe(Math.floor(a / power(b))),
  '&': (a, b) =>
    bitwise(
      a,
      b,
      (x, y) => x & y,
      (x, y) => x & y,
    ),
  '|': (a, b) =>
    bitwise(
      a,
      b,
      (x, y) => x | y,
      (x, y) => x | y,
    ),
  '^': (a, b) =>
    bitwise(
      a,
      b,
      (x, y) => x ^ y,
      (x, y) => x ^ y,
    ),
  '==': (a, b) => (a === b ? 1 : 0),
  '!=': (a, b) => (a !== b ? 1 : 0),
  '<': (a, b) => (a < b ? 1 : 0),
  '<=': (a, b) => (a <= b ? 1 : 0),
  '>': (a, b) => (a > b ? 1 : 0),
  '>=': (a, b) => (a >= b ? 1 : 0),
};

export const UNARY: Readonly<Record<UnaryOperator, (a: number) => number>> = {
  '-': (a) => safe(-a),
  '!': (a) => (a === 0 ? 1 : 0),
  '~': (a) => safe(-a - 1),
};
