/*
 * Which words of the step language a recording bears witness to: those that a recorded program of
 * kernel calls uses, the calls of a netlink script, the functions that a fact is about. What the
 * model does with them is compared elsewhere (run.ts).
 */
import type { OpDeclaration } from '../load/index.ts';
import type { Fact } from './facts.ts';
import { isKernelCase, type KernelCase } from './kernel-case.ts';
import { isNetlinkCase, type NetlinkCase } from './netlink.ts';

/** A program, script or fact that was recorded. */
export interface Recording {
  readonly name: string;
  readonly words: ReadonlySet<string>;
}

/** What the ops of netlink scripts call, where that is no word of the same name. */
const netlinkCalls: Readonly<Record<string, string>> = {
  open: 'socket',
  disconnect: 'connect',
  fill: 'send',
  drain: 'recv',
};

/** The recordings in a file; words that `ops` lacks do not count. */
export function recordingsIn(
  json: unknown,
  ops: ReadonlyMap<string, OpDeclaration & { readonly mode?: string }>,
): Recording[] {
  const recording = (name: string, words: readonly string[]): Recording => ({
    name,
    words: new Set(words.filter((word) => ops.has(word))),
  });
  if (isNetlinkCase(json)) return [recording(json.name, calls(json))];
  if (isKernelCase(json)) return [recording(json.name, firstWords(json))];
  // A word such as 'sleep' may be meant as English; a call or a name with an underscore is not.
  const isName = (word: string): boolean => word.includes('_') || ops.get(word)?.mode === 'user';
  return factsIn(json).map((fact, i) =>
    recording(`${fact.case} (fact ${i})`, namesIn(fact).filter(isName)),
  );
}

function firstWords({ actors }: KernelCase): string[] {
  return actors.flatMap(({ steps }) => steps.map((step) => step.split(' ', 1)[0]!));
}

function calls({ ops }: NetlinkCase): string[] {
  return ops.map(({ op }) => netlinkCalls[op] ?? op);
}

function factsIn(json: unknown): Fact[] {
  if (typeof json !== 'object' || json === null || !('facts' in json)) return [];
  const { facts } = json;
  if (!Array.isArray(facts)) return [];
  return (facts as Partial<Fact>[]).filter((fact): fact is Fact => fact.case !== undefined);
}

/** The identifiers in the name of a fact and in those of its fields. */
function namesIn(fact: Fact): string[] {
  const names = [fact.case, ...fieldNames(fact)];
  return names.flatMap((name) => name.match(/[A-Za-z_]\w*/g) ?? []);
}

function fieldNames(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldNames(inner)]);
}
