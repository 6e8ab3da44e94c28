/**
 * Lowers the tree of an actor's steps to a flat program: a list of instructions with jumps, so
 * that where an actor stands is one number, and so are the values of its locals.
 */
import type { Argument } from './arguments.ts';
import type { StepPlace } from './diagnostics.ts';
import type { Environment } from './expression.ts';
import type { OpDeclaration } from './registry.ts';
import { RETURN_LOCAL } from './scope.ts';
import type { Expression, Locals, Target } from './scope.ts';
import type { StepNode } from './step-nodes.ts';

/** An instruction; after it the next one follows, unless it says otherwise. */
export type Instruction = { readonly at: StepPlace } &
  /** Calls a function. If it returns an int: into `Program.ret` and `result`, if there are. */
  (
    | {
        readonly kind: 'call';
        readonly op: OpDeclaration;
        readonly args: readonly Argument[];
        readonly result?: number;
        /** The label of the row that is logged once the function has returned. */
        readonly label?: string;
      }
    | { readonly kind: 'log'; readonly label: string }
    | { readonly kind: 'assign'; readonly target: Target; readonly value: Expression }
    | { readonly kind: 'assert'; readonly condition: Expression }
    /** Jumps if the condition is 0. */
    | { readonly kind: 'branch'; readonly condition: Expression; readonly otherwise: number }
    /** `endless`: to the beginning of a loop without a condition. */
    | { readonly kind: 'jump'; readonly to: number; readonly endless?: true }
    /** What follows, up to `end` or until a jump leaves that range, happens in one step. */
    | { readonly kind: 'atomic'; readonly end: number }
    /** Ends the actor; the row `label` is logged first. */
    | { readonly kind: 'exit'; readonly value: Expression; readonly label?: string }
  );

/** A program ends, with value 0, after its last instruction. */
export interface Program {
  readonly code: readonly Instruction[];
  /** The names of the locals, by slot; all are 0 at the start. Counters begin with `#`. */
  readonly locals: readonly string[];
  /** The slot that receives what every call returns, if the program looks at it. */
  readonly ret: number | undefined;
}

/** Lowers a tree that was compiled without errors. */
export function lower(nodes: readonly StepNode[], locals: Locals): Program {
  const lowering = new Lowering(locals);
  lowering.list(nodes);
  return {
    code: lowering.code,
    locals: locals.names,
    ret: locals.slotIfRead(RETURN_LOCAL),
  };
}

/** A loop being lowered: where `continue` goes, and the jumps that wait to know. */
interface Loop {
  readonly breaks: number[];
  readonly continues: number[];
}

class Lowering {
  readonly code: Instruction[] = [];
  private readonly locals: Locals;
  private readonly loops: Loop[] = [];

  constructor(locals: Locals) {
    this.locals = locals;
  }

  list(nodes: readonly StepNode[]): void {
    const starts: number[] = [];
    const skips: { readonly from: number; readonly to: number }[] = [];
    const flat: { readonly start: number; readonly counter: number }[] = [];
    for (const [i, node] of nodes.entries()) {
      starts.push(this.code.length);
      if (node.kind === 'skip') {
        skips.push({ from: this.code.length, to: i + 1 + node.count });
        this.code.push({ kind: 'branch', condition: node.unless, otherwise: 0, at: node.at });
      } else if (node.kind === 'loop') {
        const counter = this.counter(node.count, node.at);
        flat.push({ start: this.code.length, counter });
        this.loops.push({ breaks: [], continues: [] });
      } else if (node.kind === 'endloop') {
        const { start, counter } = flat.pop()!;
        const loop = this.loops.pop()!;
        this.patch(loop.continues);
        this.countDown(counter, node.at);
        const condition = local('<= 0', ({ locals }) => (locals[counter]! > 0 ? 0 : 1));
        this.code.push({ kind: 'branch', condition, otherwise: start, at: node.at });
        this.patch(loop.breaks);
      } else {
        this.node(node);
      }
    }
    starts.push(this.code.length);
    for (const { from, to } of skips) this.jumpTo(from, starts[to] ?? this.code.length);
  }

  private node(node: Exclude<StepNode, { kind: 'loop' | 'endloop' | 'skip' }>): void {
    const { at } = node;
    switch (node.kind) {
      case 'call': {
        const slot =
          node.label === undefined || node.op.returns === 'void'
            ? undefined
            : this.locals.slotIfRead(node.label);
        this.code.push(slot === undefined ? node : { ...node, result: slot });
        return;
      }
      case 'if': {
        const branch = this.branch(node.condition, at);
        this.list(node.then);
        if (node.otherwise.length > 0) {
          const end = this.jump(at);
          this.patch([branch]);
          this.list(node.otherwise);
          this.patch([end]);
        } else {
          this.patch([branch]);
        }
        return;
      }
      case 'while':
        this.loop(node.body, at, () => this.branch(node.condition, at));
        return;
      case 'repeat':
        this.repeat(node.count, node.body, at);
        return;
      case 'atomic': {
        const start = this.code.length;
        this.code.push({ kind: 'atomic', end: 0, at });
        this.list(node.body);
        this.code[start] = { kind: 'atomic', end: this.code.length, at };
        return;
      }
      case 'break':
        this.loops.at(-1)!.breaks.push(this.jump(at));
        return;
      case 'continue':
        this.loops.at(-1)!.continues.push(this.jump(at));
        return;
      default:
        this.code.push(node);
    }
  }

  private repeat(count: Expression | 'forever', body: readonly StepNode[], at: StepPlace): void {
    if (count === 'forever') {
      this.loop(body, at, () => undefined);
      return;
    }
    const counter = this.counter(count, at);
    const more = local('> 0', ({ locals }) => (locals[counter]! > 0 ? 1 : 0));
    this.loop(
      body,
      at,
      () => this.branch(more, at),
      () => this.countDown(counter, at),
    );
  }

  /** `test` emits the branch that leaves the loop, `next` what happens between two rounds. */
  private loop(
    body: readonly StepNode[],
    at: StepPlace,
    test: () => number | undefined,
    next = () => {},
  ): void {
    const start = this.code.length;
    const out = test();
    const loop: Loop = { breaks: out === undefined ? [] : [out], continues: [] };
    this.loops.push(loop);
    this.list(body);
    this.loops.pop();
    this.patch(loop.continues);
    next();
    const endless = out === undefined ? { endless: true as const } : {};
    this.code.push({ kind: 'jump', to: start, at, ...endless });
    this.patch(loop.breaks);
  }

  /** A new hidden local that counts rounds. */
  private counter(count: Expression, at: StepPlace): number {
    const name = `#${this.code.length}`;
    const slot = this.locals.slot(name);
    this.code.push({ kind: 'assign', target: { kind: 'local', slot, name }, value: count, at });
    return slot;
  }

  private countDown(slot: number, at: StepPlace): void {
    const target = { kind: 'local', slot, name: this.locals.names[slot]! } as const;
    const value = local('- 1', ({ locals }) => locals[slot]! - 1);
    this.code.push({ kind: 'assign', target, value, at });
  }

  private branch(condition: Expression, at: StepPlace): number {
    return this.code.push({ kind: 'branch', condition, otherwise: 0, at }) - 1;
  }

  private jump(at: StepPlace): number {
    return this.code.push({ kind: 'jump', to: 0, at }) - 1;
  }

  /** Makes the jumps at these places go to the next instruction. */
  private patch(places: readonly number[]): void {
    for (const place of places) this.jumpTo(place, this.code.length);
  }

  private jumpTo(place: number, to: number): void {
    const instruction = this.code[place]!;
    this.code[place] =
      instruction.kind === 'branch'
        ? { ...instruction, otherwise: to }
        : { kind: 'jump', to, at: instruction.at };
  }
}

function local(text: string, evaluate: (environment: Environment) => number): Expression {
  return { text, shared: false, reads: [], evaluate };
}
