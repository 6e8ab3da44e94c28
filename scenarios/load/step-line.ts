/**
 * Compiles a step that is a line of text: a call of a kernel function (`spin_lock_irqsave L $f`,
 * `down_trylock S -> got`), an assignment (`n = n + 1`), `log`, `assert`, or a way out. The flat
 * `loop N` ... `endloop`, `skip_ge V N K`, `skip_ret_ne R K`, `skip_ret_eq R K` and `exit N` are
 * those of programs that were recorded on a real kernel.
 */
import { compileArguments } from './arguments.ts';
import type { Word } from './arguments.ts';
import { TextError } from './diagnostics.ts';
import type { StepPlace } from './diagnostics.ts';
import type { Ast } from './expression.ts';
import { RETURN_LOCAL } from './scope.ts';
import type { Expression, ExpressionCompiler, Scope } from './scope.ts';
import type { StepNode } from './step-nodes.ts';

const KEYWORDS = [
  'log',
  'assert',
  'return',
  'break',
  'continue',
  'exit',
  'loop',
  'endloop',
  'skip_ge',
  'skip_ret_ne',
  'skip_ret_eq',
];
const ASSIGNMENT = /^\s*(\$?[A-Za-z_]\w*\s*(?:\[.*\])?)\s*=(?!=)/;
const ARROW = /\s->\s*(\S*)\s*$/;
const LABEL = /^[A-Za-z_][\w.-]*$/;

/** Where the compiler stands: inside how many loops, and whether in an `atomic`. */
export interface Inside {
  readonly loops: number;
  readonly atomic: boolean;
}

/** Compiles one step that is a line of text, after substitution. */
export class LineCompiler {
  private readonly text: string;
  private readonly scope: Scope;
  private readonly compiler: ExpressionCompiler;
  private readonly at: StepPlace;
  private readonly onUnassigned: (error: TextError) => void;

  constructor(
    text: string,
    scope: Scope,
    compiler: ExpressionCompiler,
    at: StepPlace,
    onUnassigned: (error: TextError) => void,
  ) {
    this.text = text;
    this.scope = scope;
    this.compiler = compiler;
    this.at = at;
    this.onUnassigned = onUnassigned;
  }

  compile(inside: Inside): StepNode {
    const { at } = this;
    const assignment = ASSIGNMENT.exec(this.text);
    if (assignment) {
      const left = assignment[1]!.trimEnd();
      const start = this.text.indexOf(left);
      const end = assignment[0].length;
      const value = this.expression(this.text.slice(end), end);
      const target = this.compiler.target(left, start, this.onUnassigned);
      return { kind: 'assign', target, value, at };
    }
    const arrow = ARROW.exec(this.text);
    const label = arrow
      ? this.label(arrow[1]!, arrow.index + arrow[0].indexOf('>') + 1)
      : undefined;
    const body = arrow ? this.text.slice(0, arrow.index) : this.text;
    const [head, ...args] = words(body);
    if (!head) throw new TextError(0, 'an empty step');
    const node =
      this.keyword(head, args, body, label, inside) ?? this.call(head, args, body, label);
    if (inside.atomic && ['call', 'loop', 'endloop', 'skip'].includes(node.kind)) {
      throw new TextError(head.offset, `'${head.text}' cannot stand in an atomic block`);
    }
    return node;
  }

  private call(head: Word, args: Word[], body: string, label: string | undefined): StepNode {
    const op = this.scope.registry.ops.get(head.text);
    if (!op) {
      const equals = /[^=!<>]=(?!=)/.exec(this.text);
      if (equals) {
        throw new TextError(equals.index + 1, "expected a variable alone on the left of '='");
      }
      const among = [...this.scope.registry.ops.keys(), ...KEYWORDS];
      const message = `unknown function '${head.text}'`;
      throw new TextError(head.offset, message, { got: head.text, among });
    }
    const compiled = compileArguments(op, head, args, body, this.compiler, this.onUnassigned);
    if (label !== undefined && op.returns === 'int') this.compiler.locals!.assign(label);
    const rest = label === undefined ? {} : { label };
    return { kind: 'call', op, args: compiled, ...rest, at: this.at };
  }

  private keyword(
    head: Word,
    args: Word[],
    body: string,
    label: string | undefined,
    inside: Inside,
  ): StepNode | undefined {
    const { at } = this;
    const kind = head.text;
    if (!KEYWORDS.includes(kind)) return undefined;
    if (label !== undefined && kind !== 'exit') {
      throw new TextError(head.offset, `'${kind}' returns nothing that could be logged`);
    }
    const expect = (usage: string): void => {
      const count = usage === '' ? 0 : usage.split(' ').length;
      if (args.length === count) return;
      throw new TextError(head.offset, `usage: ${kind}${usage && ` ${usage}`}`);
    };
    switch (kind) {
      case 'log':
        expect('label');
        return { kind, label: this.label(args[0]!.text, args[0]!.offset), at };
      case 'assert': {
        if (args.length === 0) expect('condition');
        const start = args[0]!.offset;
        return { kind, condition: this.expression(body.slice(start), start), at };
      }
      case 'return':
        expect('');
        return { kind: 'exit', value: this.expression('0', 0), at };
      case 'exit': {
        expect('value');
        const value = this.expression(args[0]!.text, args[0]!.offset);
        return { kind, value, ...(label === undefined ? {} : { label }), at };
      }
      case 'break':
      case 'continue':
        expect('');
        if (inside.loops === 0) throw new TextError(head.offset, `'${kind}' outside a loop`);
        return { kind, at };
      case 'loop':
        expect('count');
        return { kind, count: this.expression(args[0]!.text, args[0]!.offset), at };
      case 'endloop':
        expect('');
        return { kind, at };
      case 'skip_ge':
        expect('variable least steps');
        return this.skip(this.ast(args[0]!), '<', this.ast(args[1]!), args[2]!);
      default: // skip_ret_ne, skip_ret_eq
        expect('value steps');
        return this.skip(
          RETURNED,
          kind === 'skip_ret_ne' ? '==' : '!=',
          this.ast(args[0]!),
          args[1]!,
        );
    }
  }

  private skip(left: Ast, operator: '<' | '==' | '!=', right: Ast, steps: Word): StepNode {
    if (!/^\d{1,6}$/.test(steps.text)) {
      throw new TextError(steps.offset, `expected a number of steps, got '${steps.text}'`);
    }
    const ast: Ast = { kind: 'binary', operator, left, right, offset: 0 };
    const unless = this.compiler.compileTree(ast, this.text, 0, this.onUnassigned);
    return { kind: 'skip', unless, count: Number(steps.text), at: this.at };
  }

  /** A word's tree, with offsets that count from the start of the step. */
  private ast({ text, offset }: Word): Ast {
    return this.compiler.parse(' '.repeat(offset) + text, 0);
  }

  private expression(text: string, offset: number): Expression {
    const trimmed = text.trim();
    return this.compiler.compile(trimmed, offset + text.indexOf(trimmed), this.onUnassigned);
  }

  private label(text: string, offset: number): string {
    if (LABEL.test(text)) return text;
    const start = this.text.indexOf(text, offset);
    throw new TextError(start, `expected a label, got ${text === '' ? 'nothing' : `'${text}'`}`);
  }
}

const RETURNED: Ast = { kind: 'name', name: RETURN_LOCAL, local: true, marked: false, offset: 0 };

function words(text: string): Word[] {
  return [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], offset: match.index }));
}
