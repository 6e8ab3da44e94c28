/**
 * Short forms to canonical ones, on the tree, so that every value keeps its place: objects
 * given by type alone, actors given as a list, costs given by preset alone, and the three ways
 * to write expectations. Normalising twice is the same as once.
 */
import type { Report } from './diagnostics.ts';
import type { Registry } from './registry.ts';
import { normaliseRecorded } from './recorded.ts';
import { child, textOf } from './tree.ts';
import type { Entry, ListNode, MapNode, TreeNode } from './tree.ts';

/** Rewrites a scenario's tree in place. */
export function normalise(root: TreeNode, registry: Registry, report: Report): void {
  if (root.kind !== 'map') return;
  normaliseRecorded(root);
  normaliseObjects(child(root, 'objects'), registry);
  normaliseActors(root, registry, report);
  const machine = child(root, 'machine');
  const costs = child(machine, 'costs');
  if (costs?.kind === 'scalar' && costs.value !== null) replace(machine, 'costs', 'preset');
  normaliseExpect(root);
}

/** Makes `key: scalar` into `key: { field: scalar }`. */
function replace(parent: TreeNode | undefined, key: string, field: string): void {
  if (parent?.kind !== 'map') return;
  const entry = parent.entries.get(key)!;
  const inner: Entry = { key: entry.node.place, node: entry.node };
  const node: MapNode = { kind: 'map', entries: new Map([[field, inner]]), place: inner.key };
  parent.entries.set(key, { ...entry, node });
}

function normaliseObjects(objects: TreeNode | undefined, registry: Registry): void {
  if (objects?.kind !== 'map') return;
  for (const [name, { node }] of objects.entries) {
    if (textOf(node) !== undefined) replace(objects, name, 'type');
    const object = child(objects, name);
    if (object?.kind === 'map') normaliseObject(object, registry);
  }
}

function normaliseObject(object: MapNode, registry: Registry): void {
  const entry = object.entries.get('type');
  const text = textOf(entry?.node);
  if (!entry || text === undefined) return;
  const colon = text.indexOf(':');
  const given = colon < 0 ? text : text.slice(0, colon);
  const types = [...registry.objectTypes.values()];
  const type =
    types.find(({ name }) => name === given) ??
    types.find(({ aliases }) => aliases?.includes(given));
  if (!type || (colon >= 0 && (type.short === undefined || object.entries.has(type.short)))) return;
  const { place } = entry.node;
  object.entries.set('type', { ...entry, node: { kind: 'scalar', value: type.name, place } });
  if (colon < 0 || type.short === undefined) return;
  const value = text.slice(colon + 1);
  const node: TreeNode = { kind: 'scalar', value: /^-?\d+$/.test(value) ? +value : value, place };
  object.entries.set(type.short, { key: place, node });
}

function normaliseActors(root: MapNode, registry: Registry, report: Report): void {
  const entry = root.entries.get('actors');
  if (entry?.node.kind === 'list') {
    root.entries.set('actors', { ...entry, node: byName(entry.node, report) });
  }
  const actors = child(root, 'actors');
  if (actors?.kind !== 'map') return;
  for (const { key, node } of actors.entries.values()) {
    if (node.kind !== 'map') continue;
    const kind = node.entries.get('kind');
    const program = registry.programs.get(textOf(child(node, 'program')) ?? '');
    const text = textOf(kind?.node) ?? program?.kind ?? 'kthread';
    if (kind && text !== 'task') continue;
    const place = kind?.node.place ?? key;
    const value = text === 'task' ? 'kthread' : text;
    node.entries.set('kind', { key: kind?.key ?? key, node: { kind: 'scalar', value, place } });
  }
}

/** A list of actors, each with its `name`, to a map. */
function byName(list: ListNode, report: Report): MapNode {
  const entries = new Map<string, Entry>();
  for (const [i, item] of list.items.entries()) {
    const name = child(item, 'name');
    const text = textOf(name);
    if (item.kind !== 'map' || name === undefined || text === undefined) {
      report.error(item.place, ['actors', i], "expected a map with the actor's 'name'");
    } else if (entries.has(text)) {
      report.error(name.place, ['actors', i], `there is an actor '${text}' already`);
    } else {
      const rest = new Map([...item.entries].filter(([key]) => key !== 'name'));
      entries.set(text, { key: name.place, node: { ...item, entries: rest } });
    }
  }
  return { kind: 'map', entries, place: list.place };
}

/**
 * `expect` as a list of thresholds (`- messages.lost == 0`, `- that: ...`, `- findings: ...`) or
 * a map from metrics to values becomes a map of `that` (a list) and `findings`.
 */
function normaliseExpect(root: MapNode): void {
  const entry = root.entries.get('expect');
  if (!entry || entry.node.kind === 'scalar') return;
  const that: TreeNode[] = [];
  const rest = new Map<string, Entry>();
  const items = entry.node.kind === 'list' ? entry.node.items : [entry.node];
  for (const item of items) {
    if (item.kind !== 'map') {
      that.push(item);
      continue;
    }
    for (const [key, value] of item.entries) {
      const { node } = value;
      if (key === 'that') that.push(...(node.kind === 'list' ? node.items : [node]));
      else if (key === 'findings' || node.kind !== 'scalar') rest.set(key, value);
      else that.push(threshold(key, value));
    }
  }
  const list: Entry = { key: entry.key, node: { kind: 'list', items: that, place: entry.key } };
  if (that.length > 0) rest.set('that', list);
  root.entries.set('expect', {
    ...entry,
    node: { kind: 'map', entries: rest, place: entry.node.place },
  });
}

/** `metric: 0` means `metric == 0`; `metric: '>= 199'` says its own comparison. */
function threshold(metric: string, { key, node }: Entry): TreeNode {
  const value = node.kind === 'scalar' ? String(node.value) : '';
  const comparison = /^[=!<>]/.test(value) ? value : `== ${value}`;
  return { kind: 'scalar', value: `${metric} ${comparison}`, place: key };
}
