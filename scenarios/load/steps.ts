/**
 * Compiles the steps of an actor from a scenario's tree: lines of text, and the maps that
 * repeat (`repeat`, `while`), choose (`if`) or group (`atomic`).
 */
import { TextError } from './diagnostics.ts';
import type { Path, Place, Report, StepPlace } from './diagnostics.ts';
import { checkLength } from './expression.ts';
import { interpolateStep } from './interpolate.ts';
import type { Constants } from './interpolate.ts';
import { ExpressionCompiler, Locals } from './scope.ts';
import type { Expression, Scope } from './scope.ts';
import { LineCompiler } from './step-line.ts';
import type { Inside } from './step-line.ts';
import type { StepNode } from './step-nodes.ts';
import type { MapNode, ScalarNode, TreeNode } from './tree.ts';

/** The blocks: the key that tells each apart, and the keys that may stand beside it. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  repeat: ['do'],
  while: ['do'],
  if: ['then', 'else'],
  atomic: [],
};

/** Compiles a list of steps; errors go to the report. */
export class StepCompiler {
  readonly locals = new Locals();
  private readonly scope: Scope;
  private readonly constants: Constants;
  private readonly report: Report;
  private readonly compiler: ExpressionCompiler;

  constructor(scope: Scope, constants: Constants, report: Report) {
    this.scope = scope;
    this.constants = constants;
    this.report = report;
    this.compiler = new ExpressionCompiler(scope, this.locals);
  }

  compile(steps: TreeNode, path: Path): StepNode[] {
    const nodes = this.list(steps, path, { loops: 0, atomic: false });
    this.locals.complainOfUnassigned();
    return nodes;
  }

  private list(node: TreeNode, path: Path, inside: Inside): StepNode[] {
    if (node.kind !== 'list') {
      this.report.error(node.place, path, 'expected a list of steps');
      return [];
    }
    const nodes: StepNode[] = [];
    const open: { readonly item: TreeNode; readonly path: Path }[] = [];
    for (const [i, item] of node.items.entries()) {
      if (this.report.full) break;
      const here = [...path, i];
      const step = this.step(item, here, { ...inside, loops: inside.loops + open.length });
      if (!step) continue;
      nodes.push(step);
      if (step.kind === 'loop') open.push({ item, path: here });
      if (step.kind === 'endloop' && !open.pop()) {
        this.report.error(item.place, here, "'endloop' without its 'loop'");
      }
    }
    for (const { item, path: at } of open) {
      this.report.error(item.place, at, "'loop' without its 'endloop'");
    }
    return nodes;
  }

  private step(node: TreeNode, path: Path, inside: Inside): StepNode | undefined {
    if (node.kind === 'map') return this.block(node, path, inside);
    if (node.kind === 'scalar' && typeof node.value === 'string') {
      return this.line(node, node.value, path, inside);
    }
    this.report.error(node.place, path, 'expected a step: a call, an assignment or a block');
    return undefined;
  }

  private block(node: MapNode, path: Path, inside: Inside): StepNode | undefined {
    const name = Object.keys(BLOCKS).find((key) => node.entries.has(key));
    if (name === undefined) {
      const got = [...node.entries.keys()][0] ?? '';
      const among = Object.keys(BLOCKS);
      const message = `expected a block: ${among.join(', ')}`;
      this.report.error(node.place, path, message, { got, among });
      return undefined;
    }
    const allowed = [name, ...BLOCKS[name]!];
    for (const [got, { key }] of node.entries) {
      if (allowed.includes(got)) continue;
      this.report.error(key, [...path, got], `unknown key '${got}'`, { got, among: allowed });
    }
    const required = BLOCKS[name]![0];
    if (required !== undefined && !node.entries.has(required)) {
      this.report.error(node.place, path, `'${name}' needs '${required}'`);
      return undefined;
    }
    const at = this.position(node.place, blockText(node, name));
    const body = (key: string, where: Inside): StepNode[] =>
      this.list(node.entries.get(key)!.node, [...path, key], where);
    const looping = { ...inside, loops: inside.loops + 1 };
    if (name === 'atomic') {
      return { kind: 'atomic', body: body('atomic', { ...inside, atomic: true }), at };
    }
    const head = node.entries.get(name)!.node;
    if (name === 'repeat' && head.kind === 'scalar' && head.value === 'forever') {
      return { kind: 'repeat', count: 'forever', body: body('do', looping), at };
    }
    const condition = this.condition(head, [...path, name]);
    if (name === 'if') {
      const then = body('then', inside);
      const otherwise = node.entries.has('else') ? body('else', inside) : [];
      return condition && { kind: 'if', condition, then, otherwise, at };
    }
    const repeated = body('do', looping);
    if (!condition) return undefined;
    return name === 'while'
      ? { kind: 'while', condition, body: repeated, at }
      : { kind: 'repeat', count: condition, body: repeated, at };
  }

  /** The expression at the head of a block, which YAML may have read as a number. */
  private condition(node: TreeNode, path: Path): Expression | undefined {
    if (node.kind !== 'scalar' || node.value === null) {
      this.report.error(node.place, path, 'expected an expression');
      return undefined;
    }
    return this.interpolated(node, String(node.value), path, (text, complain) =>
      this.compiler.compile(text, 0, complain),
    );
  }

  private line(
    node: ScalarNode,
    written: string,
    path: Path,
    inside: Inside,
  ): StepNode | undefined {
    return this.interpolated(
      node,
      written,
      path,
      (text, complain) =>
        new LineCompiler(
          text,
          this.scope,
          this.compiler,
          this.position(node.place, text),
          complain,
        ).compile(inside),
      (text) => this.checkParameter(text),
    );
  }

  /** Substitutes parameters, then compiles; errors are reported where they stand in the file. */
  private interpolated<T>(
    node: ScalarNode,
    written: string,
    path: Path,
    compile: (text: string, complain: (error: TextError) => void) => T,
    check: (written: string) => void = () => {},
  ): T | undefined {
    let original = (offset: number): number => offset;
    const complain = (error: unknown): void => {
      if (!(error instanceof TextError)) throw error;
      const { message, wrong, offset } = error;
      this.report.error(node.place, path, message, wrong, original(offset));
    };
    try {
      checkLength(written);
      check(written);
      const { text, originalOffset } = interpolateStep(written, this.constants, this.scope.hz);
      original = originalOffset;
      checkLength(text);
      return compile(text, complain);
    } catch (error) {
      complain(error);
      return undefined;
    }
  }

  /** A parameter cannot be assigned; once it is substituted, its name is gone. */
  private checkParameter(written: string): void {
    const name = /^\s*\$(\w+)\s*=(?!=)/.exec(written)?.[1];
    if (name === undefined || !this.constants.has(name)) return;
    throw new TextError(written.indexOf('$'), `'$${name}' is a parameter; it cannot be assigned`);
  }

  private position(place: Place, text: string): StepPlace {
    return { ...this.report.source.position(place), text: text.trim().replace(/\s+/g, ' ') };
  }
}

/** The head of a block; of an atomic one, which is a single step, everything in it. */
function blockText(block: MapNode, name: string): string {
  const { node } = block.entries.get(name)!;
  if (node.kind === 'scalar') return `${name} ${node.value}`;
  if (node.kind !== 'list') return name;
  const inside = node.items.map((item) => (item.kind === 'scalar' ? String(item.value) : '...'));
  return `${name} { ${inside.join('; ')} }`;
}
