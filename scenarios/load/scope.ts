/**
 * The names that the steps of an actor may use, and the compilation of expressions over them.
 */
import { shifted, TextError } from './diagnostics.ts';
import { compileAst, evaluateNow, parseExpression } from './expression.ts';
import type { Ast, Evaluate, Name } from './expression.ts';
import { EvaluationError } from './integer.ts';
import type { ActorKind, Registry } from './registry.ts';

/** A shared variable; a scalar is an array of one element. */
export interface Variable {
  readonly name: string;
  /** Its number, which `Environment.load` is given. */
  readonly slot: number;
  readonly initial: readonly number[];
  readonly array: boolean;
  /** Accessed only with READ_ONCE, WRITE_ONCE or atomics. */
  readonly marked: boolean;
}

/** The names of a scenario. */
export interface Scope {
  readonly registry: Registry;
  readonly hz: number;
  readonly variables: ReadonlyMap<string, Variable>;
  /** Objects with their types; the type is undefined where the file has it wrong. */
  readonly objects: ReadonlyMap<string, string | undefined>;
  readonly actors: ReadonlyMap<string, ActorKind | undefined>;
}

/** A compiled expression. */
export interface Expression {
  readonly text: string;
  /** It reads shared variables, so its evaluation is visible to others. */
  readonly shared: boolean;
  /** Their slots. */
  readonly reads: readonly number[];
  readonly evaluate: Evaluate;
}

/** What an assignment changes, or what a `variable` argument denotes. */
export type Target =
  | { readonly kind: 'local'; readonly slot: number; readonly name: string }
  | { readonly kind: 'shared'; readonly variable: Variable; readonly index: Expression };

/** The hidden local that holds the last value that a function returned; steps read `$ret`. */
export const RETURN_LOCAL = 'ret';

/** The locals of one actor, numbered in the order in which they appear. */
export class Locals {
  readonly names: string[] = [];
  private readonly slots = new Map<string, number>();
  private readonly assigned = new Set<string>([RETURN_LOCAL]);
  private readonly reads = new Map<string, (message: string, among: string[]) => void>();

  slot(name: string): number {
    let slot = this.slots.get(name);
    if (slot === undefined) {
      slot = this.names.length;
      this.names.push(name);
      this.slots.set(name, slot);
    }
    return slot;
  }

  /** The slot of a local that is read somewhere; undefined when storing into it is useless. */
  slotIfRead(name: string): number | undefined {
    return this.reads.has(name) ? this.slots.get(name) : undefined;
  }

  assign(name: string): void {
    this.assigned.add(name);
  }

  /** Notes a read; `complain` is called at the end if the local is never assigned. */
  read(name: string, complain: (message: string, among: string[]) => void): number {
    if (!this.reads.has(name)) this.reads.set(name, complain);
    return this.slot(name);
  }

  complainOfUnassigned(): void {
    for (const [name, complain] of this.reads) {
      if (this.assigned.has(name)) continue;
      complain(`the local '$${name}' is never assigned`, [...this.assigned]);
    }
  }
}

/** Compiles expressions of one actor; `complain` reports a local that is never assigned. */
export class ExpressionCompiler {
  readonly scope: Scope;
  readonly locals: Locals | undefined;

  constructor(scope: Scope, locals: Locals | undefined) {
    this.scope = scope;
    this.locals = locals;
  }

  /** Parses and compiles; `offset` is where the text begins in the step. Throws `TextError`. */
  compile(text: string, offset: number, onUnassigned: OnUnassigned): Expression {
    return this.compileTree(this.parse(text, offset), text, offset, onUnassigned);
  }

  parse(text: string, offset: number): Ast {
    return shifted(offset, () => parseExpression(text, this.scope.hz));
  }

  compileTree(ast: Ast, text: string, offset: number, onUnassigned: OnUnassigned): Expression {
    const reads: number[] = [];
    let constant = true;
    const evaluate = shifted(offset, () =>
      compileAst(ast, {
        name: (name) => {
          constant = false;
          if (name.local) return this.local(name, offset, onUnassigned);
          const variable = this.variable(name, false);
          reads.push(variable.slot);
          return (environment) => environment.load(variable.slot, 0, name.marked);
        },
        element: (array, index) => {
          constant = false;
          const variable = this.variable(array, true);
          reads.push(variable.slot);
          const checked = checkedIndex(variable, index);
          return (environment) =>
            environment.load(variable.slot, checked(environment), array.marked);
        },
      }),
    );
    if (constant) shifted(offset, () => evaluateNow(evaluate, ast.offset));
    return { text, shared: reads.length > 0, reads, evaluate };
  }

  /** The target of an assignment or a `variable` argument. Throws `TextError`. */
  target(text: string, offset: number, onUnassigned: OnUnassigned): Target {
    const ast = this.parse(text, offset);
    if (ast.kind === 'name' && ast.local) {
      return { kind: 'local', slot: this.assignLocal(ast.name, offset), name: ast.name };
    }
    if (ast.kind === 'name') {
      const variable = shifted(offset, () => this.variable(ast, false));
      return { kind: 'shared', variable, index: ZERO };
    }
    if (ast.kind !== 'element') {
      throw new TextError(offset, `expected a variable, got '${text}'`);
    }
    const variable = shifted(offset, () => this.variable(ast.array, true));
    const index = this.compileTree(ast.index, text, offset, onUnassigned);
    const checked = { ...index, text, evaluate: checkedIndex(variable, index.evaluate) };
    return { kind: 'shared', variable, index: checked };
  }

  /** The slot of a local that a step assigns. */
  assignLocal(name: string, offset: number): number {
    if (name === RETURN_LOCAL) {
      throw new TextError(offset, `'$${name}' holds what the last call returned; use another name`);
    }
    this.locals!.assign(name);
    return this.locals!.slot(name);
  }

  private local(name: Name, offset: number, onUnassigned: OnUnassigned): Evaluate {
    if (!this.locals) throw new TextError(name.offset, `'$${name.name}' is not known here`);
    const slot = this.locals.read(name.name, (message, among) => {
      onUnassigned(new TextError(offset + name.offset, message, { got: name.name, among }));
    });
    return (environment) => environment.locals[slot]!;
  }

  private variable(name: Name, element: boolean): Variable {
    if (name.local) throw new TextError(name.offset, `'$${name.name}' is no array`);
    const variable = this.scope.variables.get(name.name);
    if (!variable) {
      const wrong = { got: name.name, among: this.scope.variables.keys() };
      throw new TextError(name.offset, `unknown variable '${name.name}'`, wrong);
    }
    if (variable.array === element) return variable;
    const what = element ? 'is no array' : 'is an array; name an element, such as';
    throw new TextError(name.offset, `'${name.name}' ${what}${element ? '' : ` ${name.name}[0]`}`);
  }
}

type OnUnassigned = (error: TextError) => void;

const ZERO: Expression = { text: '0', shared: false, reads: [], evaluate: () => 0 };

function checkedIndex({ name, initial }: Variable, index: Evaluate): Evaluate {
  const { length } = initial;
  return (environment) => {
    const i = index(environment);
    if (i >= 0 && i < length) return i;
    throw new EvaluationError(`${name}[${i}] is outside its ${length} elements`);
  };
}
