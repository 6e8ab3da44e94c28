/**
 * Integer expressions: C's operators and precedence over literals (`12`, `0x1f`, `5ms`), shared
 * variables (`count`, `ring[i]`) and locals (`$x`). Text to a tree, and the tree to a closure.
 */
import { shifted, TextError } from './diagnostics.ts';
import { toNanoseconds } from './duration.ts';
import { BINARY, EvaluationError, UNARY } from './integer.ts';
import type { BinaryOperator, UnaryOperator } from './integer.ts';
import { LIMITS } from './limits.ts';

/** A tree of an expression; `offset` is where the node's own token begins in the text. */
export type Ast =
  | {
      readonly kind: 'number';
      readonly value: number;
      readonly duration: boolean;
      readonly offset: number;
    }
  | Name
  | { readonly kind: 'element'; readonly array: Name; readonly index: Ast; readonly offset: number }
  | {
      readonly kind: 'unary';
      readonly operator: UnaryOperator;
      readonly operand: Ast;
      readonly offset: number;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Ast;
      readonly right: Ast;
      readonly offset: number;
    };

/** `name`, or `$name` when `local`; a name may have dots (`params.threads`). */
export interface Name {
  readonly kind: 'name';
  readonly name: string;
  readonly local: boolean;
  /** It stands in a READ_ONCE() or the like. */
  readonly marked: boolean;
  readonly offset: number;
}

/** What an expression may call: each reads one shared variable, on purpose beside others. */
const MARKED_READS = ['READ_ONCE', 'smp_load_acquire', 'rcu_dereference', 'atomic_read'];

/** Precedence as in C, the loosest first; all operators group from the left. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const PRECEDENCE = new Map(LEVELS.flatMap((row, level) => row.map((op) => [op, level] as const)));

const NAME = String.raw`\$?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*`;
const TOKEN = new RegExp(
  String.raw`\s*(?:(0x[0-9a-fA-F]+|\d+(?:\.\d+)?[A-Za-z]*)|(${NAME})|` +
    String.raw`(\|\||&&|==|!=|<=|>=|<<|>>|[-+*/%<>!~&|^()[\]]))`,
  'y',
);

interface Token {
  readonly text: string;
  readonly kind: 'number' | 'name' | 'operator' | 'end';
  readonly offset: number;
}

/** Parses an expression; `hz` gives `3jiffies` a length. Throws a `TextError`. */
export function parseExpression(text: string, hz: number): Ast {
  checkLength(text);
  return new ExpressionParser(tokenize(text), hz).parse();
}

/** Throws for a line of text that is too long to look into. */
export function checkLength(text: string): void {
  if (text.length <= LIMITS.lineLength) return;
  throw new TextError(0, `longer than ${LIMITS.lineLength} characters`);
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let m = TOKEN.exec(text); m; m = TOKEN.exec(text)) {
    end = TOKEN.lastIndex;
    const kind = m[1] ? 'number' : m[2] ? 'name' : 'operator';
    const token = (m[1] ?? m[2] ?? m[3])!;
    tokens.push({ text: token, kind, offset: end - token.length });
  }
  const rest = text.slice(end).trimStart();
  const offset = text.length - rest.length;
  if (rest !== '') throw new TextError(offset, `unexpected '${rest[0]}' in an expression`);
  tokens.push({ text: '', kind: 'end', offset });
  return tokens;
}

class ExpressionParser {
  private readonly tokens: readonly Token[];
  private readonly hz: number;
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly Token[], hz: number) {
    this.tokens = tokens;
    this.hz = hz;
  }

  parse(): Ast {
    const ast = this.binary(0);
    const token = this.tokens[this.at]!;
    if (token.kind !== 'end') {
      throw new TextError(token.offset, `expected an operator, got '${token.text}'`);
    }
    return ast;
  }

  private binary(minimum: number): Ast {
    let left = this.unary();
    for (;;) {
      const { text, kind, offset } = this.tokens[this.at]!;
      const level = kind === 'operator' ? PRECEDENCE.get(text) : undefined;
      if (level === undefined || level < minimum) return left;
      this.at++;
      const right = this.binary(level + 1);
      left = { kind: 'binary', operator: text as BinaryOperator, left, right, offset };
    }
  }

  private unary(): Ast {
    const token = this.tokens[this.at]!;
    if (++this.depth > LIMITS.expressionNesting) {
      throw new TextError(token.offset, `nested more than ${LIMITS.expressionNesting} deep`);
    }
    this.at++;
    const ast = this.operand(token);
    this.depth--;
    return ast;
  }

  private operand({ text, kind, offset }: Token): Ast {
    if (kind === 'number') return this.number(text, offset);
    if (kind === 'name') return this.name(text, offset);
    if (text === '-' || text === '!' || text === '~') {
      return { kind: 'unary', operator: text, operand: this.unary(), offset };
    }
    if (text === '(') return this.closed(')');
    const got = kind === 'end' ? 'the end' : `'${text}'`;
    throw new TextError(offset, `expected a value, got ${got}`);
  }

  private closed(bracket: ')' | ']'): Ast {
    const inner = this.binary(0);
    const token = this.tokens[this.at++]!;
    if (token.text === bracket) return inner;
    const got = token.kind === 'end' ? 'the end' : `'${token.text}'`;
    throw new TextError(token.offset, `expected '${bracket}', got ${got}`);
  }

  private name(text: string, offset: number): Ast {
    if (this.tokens[this.at]!.text === '(') return this.markedRead(text, offset);
    if (text === 'true' || text === 'false') {
      return { kind: 'number', value: text === 'true' ? 1 : 0, duration: false, offset };
    }
    return this.variable(text, offset, false);
  }

  private variable(text: string, offset: number, marked: boolean): Ast {
    const local = text.startsWith('$');
    const name: Name = { kind: 'name', name: local ? text.slice(1) : text, local, marked, offset };
    if (this.tokens[this.at]!.text !== '[') return name;
    this.at++;
    return { kind: 'element', array: name, index: this.closed(']'), offset };
  }

  /** `READ_ONCE(x)`, `atomic_read(&x[i])`: the address is C's way to name the variable. */
  private markedRead(text: string, offset: number): Ast {
    if (!MARKED_READS.includes(text)) {
      throw new TextError(
        offset,
        `an expression calls ${MARKED_READS.join(', ')} only; ` +
          `a step of its own calls '${text}', and its result is $ret`,
        { got: text, among: MARKED_READS },
      );
    }
    this.at++;
    if (this.tokens[this.at]!.text === '&') this.at++;
    const token = this.tokens[this.at++]!;
    if (token.kind !== 'name' || token.text.startsWith('$')) {
      throw new TextError(token.offset, `${text} reads a shared variable, such as ${text}(ready)`);
    }
    const variable = this.variable(token.text, token.offset, true);
    const end = this.tokens[this.at++]!;
    if (end.text === ')') return variable;
    throw new TextError(end.offset, `expected ')' after the variable that ${text} reads`);
  }

  private number(text: string, offset: number): Ast {
    const unit = /^0x[0-9a-fA-F]/.test(text) ? '' : /[A-Za-z]*$/.exec(text)![0];
    if (unit === '') {
      const value = Number(text);
      if (!Number.isSafeInteger(value)) {
        const why = text.includes('.') ? 'is not an integer' : 'is beyond 2^53';
        throw new TextError(offset, `${text} ${why}`);
      }
      return { kind: 'number', value, duration: false, offset };
    }
    const number = text.slice(0, -unit.length);
    const value = shifted(offset, () => toNanoseconds(number, unit, this.hz));
    return { kind: 'number', value, duration: true, offset };
  }
}

/** What an expression reads when it is evaluated. */
export interface Environment {
  /** The acting actor's locals, by slot. */
  readonly locals: number[];
  /** Reads an element of a shared variable, by the variable's number; a scalar has index 0. */
  load(variable: number, index: number, marked: boolean): number;
}

export type Evaluate = (environment: Environment) => number;

/** How the names in an expression are found; both throw a `TextError` for an unknown one. */
export interface Resolver {
  name(name: Name): Evaluate;
  element(array: Name, index: Evaluate): Evaluate;
}

/** Compiles a tree to a closure, which throws an `EvaluationError` when there is no value. */
export function compileAst(ast: Ast, resolver: Resolver): Evaluate {
  switch (ast.kind) {
    case 'number': {
      const { value } = ast;
      return () => value;
    }
    case 'name':
      return resolver.name(ast);
    case 'element':
      return resolver.element(ast.array, compileAst(ast.index, resolver));
    case 'unary': {
      const apply = UNARY[ast.operator];
      const operand = compileAst(ast.operand, resolver);
      return (environment) => apply(operand(environment));
    }
    case 'binary':
      return compileBinary(
        ast.operator,
        compileAst(ast.left, resolver),
        compileAst(ast.right, resolver),
      );
  }
}

function compileBinary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === '&&') return (env) => (left(env) !== 0 && right(env) !== 0 ? 1 : 0);
  if (operator === '||') return (env) => (left(env) !== 0 || right(env) !== 0 ? 1 : 0);
  const apply = BINARY[operator];
  return (env) => apply(left(env), right(env));
}

/** The value of an expression of constants; throws a `TextError` for everything wrong with it. */
export function evaluateConstant(text: string, hz: number, value: (name: Name) => number): number {
  const ast = parseExpression(text, hz);
  const evaluate = compileAst(ast, {
    name: (name) => {
      const constant = value(name);
      return () => constant;
    },
    element: (array) => {
      throw new TextError(array.offset, 'a constant has no elements');
    },
  });
  return evaluateNow(evaluate, ast.offset);
}

const NOWHERE: Environment = {
  locals: [],
  load: () => {
    throw new EvaluationError('not a constant');
  },
};

/** Evaluates a closure that reads nothing; an error becomes a `TextError` at `offset`. */
export function evaluateNow(evaluate: Evaluate, offset: number): number {
  try {
    return evaluate(NOWHERE);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new TextError(offset, error.message);
  }
}
