/*
 * The steps of a catalogued program in the words of the step language. Most are the same; what the
 * catalogue writes shorter, as one step, or in prose, is said here in the kernel's words.
 */
import type { OpDeclaration } from '../load/index.ts';
import { registry } from '../registry.ts';
import type { CatalogueActor, CatalogueStep } from './catalogue-entry.ts';
import { backOff, conditional, isProse, OPERATOR } from './catalogue-prose.ts';
import { typeOf, type Names } from './catalogue-names.ts';
import { words, type Translate } from './catalogue-words.ts';

export type Step = string | { readonly [key: string]: string | number | readonly Step[] };

const ASSIGNMENT = /^\$?[A-Za-z_]\w*\s*(?:\[.*\])?\s*=(?!=)/;
const KEYWORD = /^(?:assert|return|break|continue|log)\b/;
const LOCAL = /^\$(\w+)$/;

/** Where a wait has a limit that the program does not name; in jiffies. */
const SOME_JIFFIES = '100';

/** Everything that an actor does. */
export function translateSteps(names: Names, actor: CatalogueActor): Step[] {
  return new Steps(names, actor).list(actor.steps, false);
}

class Steps implements Translate {
  readonly names: Names;
  readonly actor: CatalogueActor;

  constructor(names: Names, actor: CatalogueActor) {
    this.names = names;
    this.actor = actor;
  }

  list(steps: readonly CatalogueStep[], inLoop: boolean): Step[] {
    const made: Step[] = [];
    for (const [i, step] of steps.entries()) {
      if (typeof step !== 'string') {
        made.push(this.block(step, inLoop));
        continue;
      }
      const rest = steps.slice(i + 1);
      if (isProse(step)) {
        const loop = backOff(step, rest);
        return [...made, ...loop.map((one) => this.step(one, inLoop)).flat()];
      }
      if (joins(step, steps[i - 1])) continue;
      if (stops(step, rest[0])) made.push(step);
      else made.push(...this.line(step, inLoop));
    }
    return made;
  }

  private step(step: CatalogueStep, inLoop: boolean): Step[] {
    return typeof step === 'string' ? this.line(step, inLoop) : [this.block(step, inLoop)];
  }

  private block(step: { readonly [key: string]: unknown }, inLoop: boolean): Step {
    const loops = inLoop || 'while' in step || 'repeat' in step;
    const entries = Object.entries(step).map(([key, value]) => [
      key,
      Array.isArray(value) ? this.list(value as CatalogueStep[], loops) : (value as string),
    ]);
    return Object.fromEntries(entries) as Step;
  }

  private line(text: string, inLoop: boolean): Step[] {
    const line = text.trim();
    if (ASSIGNMENT.test(line) || KEYWORD.test(line)) return [line];
    const block = conditional(line, isWord);
    if (block !== null) return [this.block(block, inLoop)];
    const [word = '', ...args] = line.split(/\s+/);
    const special = words[word];
    return special === undefined ? [this.call(word, args)] : special(this, args, inLoop);
  }

  /** A word of the step language: its result in a local, its limit where it needs one. */
  call(word: string, given: readonly string[]): string {
    const args = given.map((arg) => this.name(arg));
    const op = registry.ops.get(word);
    if (op === undefined) return [word, ...args].join(' ');
    const nested = this.nested(word, args);
    if (nested !== null) return nested;
    const into = resultOf(op, args);
    const called = into === undefined ? args : args.slice(0, -1);
    if (lacksJiffies(op, called)) called.push(SOME_JIFFIES);
    if (into === undefined) return [word, ...called].join(' ');
    const keeps = op.args.some(({ kind }) => kind === 'out');
    return [word, ...called, keeps ? `$${into}` : `-> ${into}`].join(' ');
  }

  /** What stands for an object in a step: who serves it, or itself. */
  name(object: string): string {
    return this.names.served.get(object)?.name ?? object;
  }

  type(object: string): string | undefined {
    return typeOf(this.names.program, object);
  }

  /** A lock of a subclass is taken with the word that names it. */
  private nested(word: string, [lock = '', ...rest]: readonly string[]): string | null {
    const subclass = this.names.program.classes?.[lock]?.split('/')[1] ?? '0';
    const nesting = `${word}_nested`;
    if (subclass === '0' || !registry.ops.has(nesting)) return null;
    return [nesting, lock, subclass, ...rest].join(' ');
  }
}

function isWord(word: string): boolean {
  return registry.ops.has(word) || word in words || KEYWORD.test(word);
}

/** The kernel's kthread_stop also waits for the end, which the catalogue does apart. */
function stops(step: string, next: CatalogueStep | undefined): boolean {
  const [word, task] = step.split(/\s+/);
  return word === 'kthread_stop' && next === `kthread_join ${task}`;
}

function joins(step: string, before: CatalogueStep | undefined): boolean {
  const [word, task] = step.split(/\s+/);
  return word === 'kthread_join' && before === `kthread_stop ${task}`;
}

/** The local that gets what the call returns. */
function resultOf(op: OpDeclaration, args: readonly string[]): string | undefined {
  const local = LOCAL.exec(args.at(-1) ?? '')?.[1];
  if (local === undefined) return undefined;
  if (op.args.some(({ kind }) => kind === 'out')) return local;
  const expression = op.args.some(({ kind }) => kind === 'expr');
  if (expression) return OPERATOR.test(args.at(-2) ?? '(') ? undefined : local;
  const named = op.args.filter(({ optional }) => optional !== true);
  // `down_timeout S $r` names no time: the local is what it returns.
  const timeLeftOut = args.length === named.length && named.at(-1)?.name === 'jiffies';
  return args.length > op.args.length || timeLeftOut ? local : undefined;
}

function lacksJiffies(op: OpDeclaration, args: readonly string[]): boolean {
  const required = op.args.filter(({ optional }) => optional !== true);
  if (required.at(-1)?.name !== 'jiffies') return false;
  if (args.length < required.length) return true;
  return op.args.some(({ kind }) => kind === 'expr') && OPERATOR.test(args.at(-2)!);
}
