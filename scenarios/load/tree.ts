/**
 * A scenario file as a tree of maps, lists and scalars in which every value knows its place.
 * Aliases are expanded here, within limits; keys keep the order of the file.
 */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import type { Path, Place, Report } from './diagnostics.ts';
import { LIMITS } from './limits.ts';

export type Scalar = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  /** Undefined: there was an error here, which has been reported. */
  readonly value: Scalar | undefined;
  readonly place: Place;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: TreeNode[];
  readonly place: Place;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: Map<string, Entry>;
  readonly place: Place;
}

export interface Entry {
  /** Where the key stands. */
  readonly key: Place;
  readonly node: TreeNode;
}

export type TreeNode = ScalarNode | ListNode | MapNode;

/** The node under a key of a map, if `node` is a map and has it. */
export function child(node: TreeNode | undefined, key: string): TreeNode | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.node : undefined;
}

/** The node at a path. */
export function nodeAt(root: TreeNode, path: Path): TreeNode | undefined {
  return path.reduce<TreeNode | undefined>(
    (node, part) => (node?.kind === 'list' ? node.items[Number(part)] : child(node, String(part))),
    root,
  );
}

/** The string of a scalar that is one. */
export function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/**
 * The place of the value at a path, or of its nearest ancestor that stands in the file;
 * `key: true` asks for the place of the key instead of the value's.
 */
export function placeOf(root: TreeNode, path: Path, key = false): Place {
  let node = root;
  let place = root.place;
  for (const [i, part] of path.entries()) {
    const entry = node.kind === 'map' ? node.entries.get(String(part)) : undefined;
    const next = node.kind === 'list' ? node.items[Number(part)] : entry?.node;
    if (next === undefined) return place;
    // A value that is missing further down is reported at the key that should have had it.
    const missing =
      i < path.length - 1 && next.kind === 'map' && !next.entries.has(String(path[i + 1]));
    place = entry && (missing || (key && i === path.length - 1)) ? entry.key : next.place;
    node = next;
  }
  return place;
}

/** Turns parsed YAML into a tree; `override` quotes the override that it came from. */
export function buildTree(yaml: Node, report: Report, override?: string): TreeNode {
  return new Builder(report, override).build(yaml, [], 0);
}

class Builder {
  private readonly report: Report;
  private readonly override: string | undefined;
  private readonly anchors = new Map<string, Node>();
  /** The alias that is being expanded, the outermost one of several. */
  private alias: { readonly place: Place; readonly path: Path } | undefined;
  private aliasedValues = 0;

  constructor(report: Report, override: string | undefined) {
    this.report = report;
    this.override = override;
  }

  build(yaml: Node | null, path: Path, depth: number, fallback?: Place): TreeNode {
    const place = this.placeOf(yaml, fallback);
    if (yaml === null) return { kind: 'scalar', value: null, place };
    const nothing: ScalarNode = { kind: 'scalar', value: undefined, place };
    if (this.report.full) return nothing;
    if (depth > LIMITS.nesting) {
      this.report.error(place, path, `nested more than ${LIMITS.nesting} levels deep`);
      return nothing;
    }
    if (this.alias && ++this.aliasedValues > LIMITS.aliasedValues) {
      const message = `aliases repeat more than ${LIMITS.aliasedValues} values`;
      if (this.aliasedValues === LIMITS.aliasedValues + 1) {
        this.report.error(this.alias.place, this.alias.path, message);
      }
      return nothing;
    }
    if (isAlias(yaml)) return this.expand(yaml.source, path, depth, place);
    if (yaml.anchor !== undefined && !this.alias) this.anchors.set(yaml.anchor, yaml);
    if (isMap(yaml)) return this.map(yaml, path, depth, place);
    if (isSeq(yaml)) {
      const items = yaml.items.map((item, i) =>
        this.build(item as Node | null, [...path, i], depth + 1, place),
      );
      return { kind: 'list', items, place };
    }
    return this.scalar(isScalar(yaml) ? yaml.value : null, path, place);
  }

  private expand(anchor: string, path: Path, depth: number, place: Place): TreeNode {
    const target = this.anchors.get(anchor);
    if (!target) {
      const wrong = { got: anchor, among: this.anchors.keys() };
      this.report.error(place, path, `no anchor '&${anchor}' stands before this alias`, wrong);
      return { kind: 'scalar', value: undefined, place };
    }
    const outer = this.alias;
    this.alias ??= { place, path };
    const node = this.build(target, path, depth + 1);
    this.alias = outer;
    return node;
  }

  private map(yaml: YAMLMap, path: Path, depth: number, place: Place): MapNode {
    const entries = new Map<string, Entry>();
    for (const pair of yaml.items) {
      const keyNode = pair.key as Node | null;
      const key = this.placeOf(keyNode, place);
      const name = isScalar(keyNode) ? String(keyNode.value) : '';
      const first = entries.get(name);
      if (first) {
        const { line } = this.report.source.position(first.key);
        this.report.error(key, path, `the key '${name}' was given before, in line ${line}`);
        continue;
      }
      if (name.length > LIMITS.keyLength) {
        this.report.error(key, path, `a key is longer than ${LIMITS.keyLength} characters`);
        continue;
      }
      if (name === '' || name === '__proto__' || name === '<<') {
        const message =
          name === '<<'
            ? "YAML 1.2 has no merge key '<<'; repeat the keys"
            : `'${name}' cannot be a key`;
        this.report.error(key, path, message);
        continue;
      }
      const node = this.build(pair.value as Node | null, [...path, name], depth + 1, key);
      entries.set(name, { key, node });
    }
    return { kind: 'map', entries, place };
  }

  private scalar(value: unknown, path: Path, place: Place): ScalarNode {
    if (typeof value === 'string' && value.length > LIMITS.stringLength) {
      this.report.error(place, path, `longer than ${LIMITS.stringLength} characters`);
      return { kind: 'scalar', value: undefined, place };
    }
    if (typeof value !== 'string') return { kind: 'scalar', value: value as Scalar, place };
    return { kind: 'scalar', value, place: this.withInner(value, place) };
  }

  /** Finds where the characters of a string stand, if they stand in the file unchanged. */
  private withInner(value: string, place: Place): Place {
    if ('override' in place) return place;
    const { text } = this.report.source;
    const quote = text[place.start] === '"' || text[place.start] === "'" ? 1 : 0;
    const inner = place.start + quote;
    return text.startsWith(value, inner) ? { start: place.start, inner } : place;
  }

  private placeOf(yaml: Node | null, fallback: Place = { start: 0 }): Place {
    if (this.override !== undefined) return { override: this.override };
    return yaml?.range ? { start: yaml.range[0] } : fallback;
  }
}

/** A tree as plain data; `scalar` may give another value for a scalar at a path. */
export function toData(
  node: TreeNode,
  scalar: (node: ScalarNode, path: Path) => unknown = ({ value }) => value,
  path: Path = [],
): unknown {
  if (node.kind === 'scalar') return scalar(node, path);
  if (node.kind === 'list') {
    return node.items.map((item, i) => toData(item, scalar, [...path, i]));
  }
  return Object.fromEntries(
    [...node.entries].map(([key, { node: inner }]) => [key, toData(inner, scalar, [...path, key])]),
  );
}
