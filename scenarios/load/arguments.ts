/**
 * The arguments of a call: words of a step, checked against the function's declaration.
 */
import { TextError } from './diagnostics.ts';
import { noDuration } from './duration.ts';
import type { ArgDeclaration, OpDeclaration } from './registry.ts';
import type { Expression, ExpressionCompiler, Target } from './scope.ts';

/** A word of a step and where it begins. */
export interface Word {
  readonly text: string;
  readonly offset: number;
}

/** A compiled argument. */
export type Argument =
  | { readonly kind: 'object'; readonly name: string }
  /** `self` is the acting actor. */
  | { readonly kind: 'actor'; readonly name: string }
  | { readonly kind: 'variable'; readonly target: Target }
  /** `int`, `duration` (its value in ns) and `expr`. */
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'flags'; readonly value: number; readonly text: string }
  | { readonly kind: 'symbol'; readonly value: number | undefined; readonly text: string }
  | { readonly kind: 'out'; readonly slot: number; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/** `spin_lock_irqsave lock [$flags]`. */
export function formatSignature(op: OpDeclaration): string {
  const args = op.args.map(({ name, kind, optional }) => {
    const shown = kind === 'out' ? `$${name}` : name;
    return optional ? `[${shown}]` : shown;
  });
  return [op.name, ...args].join(' ');
}

/** Compiles the words after a function's name; throws a `TextError`. */
export function compileArguments(
  op: OpDeclaration,
  name: Word,
  words: readonly Word[],
  text: string,
  compiler: ExpressionCompiler,
  onUnassigned: (error: TextError) => void,
): Argument[] {
  const grouped = absorbSurplus(op, words, text);
  const required = op.args.filter(({ optional }) => !optional).length;
  if (grouped.length < required || grouped.length > op.args.length) {
    const few = grouped.length < required ? 'too few' : 'too many';
    const at = few === 'too few' ? name : grouped[op.args.length]!;
    throw new TextError(at.offset, `${few} arguments; usage: ${formatSignature(op)}`);
  }
  return grouped.map((word, i) =>
    new ArgumentCompiler(op, op.args[i]!, compiler, onUnassigned).compile(word),
  );
}

/** Gives the words beyond the number of arguments to the one that is `expr` or `text`. */
function absorbSurplus(op: OpDeclaration, words: readonly Word[], text: string): Word[] {
  const at = op.args.findIndex(({ kind }) => kind === 'expr' || kind === 'text');
  const surplus = words.length - op.args.length;
  if (at < 0 || surplus <= 0) return [...words];
  const first = words[at]!;
  const last = words[at + surplus]!;
  const joined = text.slice(first.offset, last.offset + last.text.length);
  return [
    ...words.slice(0, at),
    { text: joined, offset: first.offset },
    ...words.slice(at + surplus + 1),
  ];
}

function isName({ text }: Word): boolean {
  return /^[A-Za-z_][\w:-]*$/.test(text);
}

class ArgumentCompiler {
  private readonly op: OpDeclaration;
  private readonly declared: ArgDeclaration;
  private readonly compiler: ExpressionCompiler;
  private readonly onUnassigned: (error: TextError) => void;

  constructor(
    op: OpDeclaration,
    declared: ArgDeclaration,
    compiler: ExpressionCompiler,
    onUnassigned: (error: TextError) => void,
  ) {
    this.op = op;
    this.declared = declared;
    this.compiler = compiler;
    this.onUnassigned = onUnassigned;
  }

  compile(word: Word): Argument {
    const { kind } = this.declared;
    switch (kind) {
      case 'object':
        if (this.declared.orValue === true && !isName(word)) {
          return { kind: 'value', value: this.value(word, false) };
        }
        this.checkName(word, this.compiler.scope.objects, 'object');
        return { kind, name: word.text };
      case 'actor':
        if (word.text !== 'self') this.checkName(word, this.compiler.scope.actors, 'actor');
        return { kind, name: word.text };
      case 'variable':
        return { kind, target: this.compiler.target(word.text, word.offset, this.onUnassigned) };
      case 'int':
      case 'duration':
      case 'expr':
        return { kind: 'value', value: this.value(word, kind === 'duration') };
      case 'flags':
        return { kind, text: word.text, value: this.flags(word) };
      case 'symbol':
        return { kind, text: word.text, value: this.declared.flags && this.flag(word) };
      case 'out':
        return this.out(word);
      case 'text':
        return { kind, text: word.text };
    }
  }

  private checkName(
    { text, offset }: Word,
    names: ReadonlyMap<string, string | undefined>,
    what: string,
  ): void {
    const { types } = this.declared;
    const wanted = types?.join(', ').replace(/, ([^,]*)$/, ' or $1') ?? what;
    const fits = (type: string | undefined) => type === undefined || !types || types.includes(type);
    if (!names.has(text)) {
      const among = [...names].filter(([, type]) => fits(type)).map(([name]) => name);
      throw new TextError(offset, `unknown ${wanted} '${text}'`, { got: text, among });
    }
    const type = names.get(text);
    if (fits(type)) return;
    const among = [...names].filter(([, other]) => fits(other)).map(([name]) => name);
    const message = `'${text}' is of type ${type}; ${this.op.name} needs ${wanted}`;
    throw new TextError(offset, message, { got: text, among });
  }

  private value({ text, offset }: Word, duration: boolean): Expression {
    const ast = this.compiler.parse(text, offset);
    if (duration && ast.kind === 'number' && !ast.duration && ast.value !== 0) {
      throw new TextError(offset, noDuration(ast.value));
    }
    return this.compiler.compileTree(ast, text, offset, this.onUnassigned);
  }

  private flags({ text, offset }: Word): number {
    let value = 0;
    let at = offset;
    for (const part of text.split('|')) {
      value = (value | this.flag({ text: part, offset: at })) >>> 0;
      at += part.length + 1;
    }
    return value;
  }

  private flag({ text, offset }: Word): number {
    const flags = this.declared.flags ?? {};
    if (Object.hasOwn(flags, text)) return flags[text]!;
    if (this.declared.kind === 'flags' && /^(0x[0-9a-fA-F]{1,8}|\d{1,9})$/.test(text)) return +text;
    if (this.declared.kind === 'symbol' && Object.values(flags).map(String).includes(text))
      return +text;
    const among = Object.keys(flags);
    const message = `unknown ${this.declared.name} '${text}' of ${this.op.name}`;
    throw new TextError(offset, message, { got: text, among });
  }

  private out({ text, offset }: Word): Argument {
    const name = /^\$([A-Za-z_]\w*)$/.exec(text)?.[1];
    if (name === undefined) {
      const example = `$${this.declared.name}`;
      throw new TextError(offset, `expected a local, such as ${example}, got '${text}'`);
    }
    return { kind: 'out', slot: this.compiler.assignLocal(name, offset), name };
  }
}
