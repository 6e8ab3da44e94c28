/**
 * Programs that were recorded on a real kernel (test/conformance/kernel) are scenarios in a
 * notation of their own: fields about the recording, capitals, the condition of a wait as a
 * variable and its least value, the nice value of a task as its `prio`. Rewrites such a tree.
 */
import { child, textOf } from './tree.ts';
import type { Entry, ListNode, MapNode, Scalar, TreeNode } from './tree.ts';

/** The fields that only speak of the recording, or of how the recorder ran the program. */
const ABOUT_RECORDING = [
  'clock',
  'jiffies_recorded',
  'expected',
  'modes',
  'timeout',
  'userspin',
] as const;

/** Rewrites a recorded program in place; leaves every other scenario as it is. */
export function normaliseRecorded(root: MapNode): void {
  if (!root.entries.has('jiffies_recorded')) return;
  const userspin = child(root, 'userspin');
  for (const key of ABOUT_RECORDING) root.entries.delete(key);
  markVariables(root);
  const actors = child(root, 'actors');
  if (actors?.kind !== 'list') return;
  for (const actor of actors.items) if (actor.kind === 'map') normaliseActor(actor);
  if (userspin?.kind === 'scalar' && userspin.value === true) actors.items.push(spinner(userspin));
}

/** The recorder accesses them with READ_ONCE() and WRITE_ONCE(). */
function markVariables(root: MapNode): void {
  const vars = child(root, 'vars');
  if (vars?.kind !== 'map') return;
  const items = [...vars.entries.keys()].map((name) => scalar(name, vars));
  root.entries.set('marked', {
    key: vars.place,
    node: { kind: 'list', items, place: vars.place },
  });
}

function normaliseActor(actor: MapNode): void {
  const { entries } = actor;
  const prio = entries.get('prio');
  const policy = textOf(child(actor, 'policy'));
  if (prio !== undefined && policy !== 'fifo' && policy !== 'rr') {
    entries.delete('prio');
    entries.set('nice', prio);
  }
  const cpu = child(actor, 'cpu');
  if (cpu?.kind === 'scalar' && cpu.value === -1) entries.delete('cpu');
  const steps = child(actor, 'steps');
  if (steps?.kind !== 'list') return;
  for (const [i, step] of steps.items.entries()) {
    const text = textOf(step);
    if (text !== undefined) steps.items[i] = scalar(normaliseStep(text), step);
  }
}

/** What a step says in our words; its label stays. */
function normaliseStep(text: string): string {
  return text
    .replace(/^(wait_event\w*_timeout \S+ \w+) /, '$1>=1 ')
    .replace(/^(wait_event(?!\w*_timeout)\w* \S+ \w+) /, '$1>=')
    .replace(/^(set_prio \S+|set_state|prepare_to_wait\w* \S+) [A-Z]+\b/, (match, head: string) =>
      head.concat(match.slice(head.length).toLowerCase()),
    );
}

/** The process that spins in user mode all the time. */
function spinner(at: TreeNode): MapNode {
  const steps: ListNode = {
    kind: 'list',
    place: at.place,
    items: [
      map(at, {
        repeat: scalar('forever', at),
        do: { kind: 'list', items: [scalar('compute 1s', at)], place: at.place },
      }),
    ],
  };
  return map(at, {
    name: scalar('userspin', at),
    kind: scalar('user', at),
    daemon: scalar(true, at),
    steps,
  });
}

function scalar(value: Scalar, at: TreeNode): TreeNode {
  return { kind: 'scalar', value, place: at.place };
}

function map(at: TreeNode, fields: Readonly<Record<string, TreeNode>>): MapNode {
  const entries = Object.entries(fields).map(([key, node]): [string, Entry] => [
    key,
    { key: at.place, node },
  ]);
  return { kind: 'map', entries: new Map(entries), place: at.place };
}
