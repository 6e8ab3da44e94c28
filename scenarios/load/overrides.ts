/**
 * Overrides from the command line (`machine.hz=250`): they replace values of the tree before it
 * is validated, so that an overridden value is checked as if it stood in the file.
 */
import type { Place, Report } from './diagnostics.ts';
import type { JsonSchema } from './json-schema.ts';
import { knownKeys } from './shape.ts';
import { parseValue } from './source.ts';
import { nodeAt, toData } from './tree.ts';
import type { TreeNode } from './tree.ts';

/** Applies `path=value` overrides in order; a wrong one is reported and left out. */
export function applyOverrides(
  root: TreeNode,
  overrides: readonly string[],
  schema: JsonSchema,
  report: Report,
): void {
  for (const override of overrides) {
    const place = { override: `--set ${override}` };
    const equals = override.indexOf('=');
    if (equals <= 0) {
      report.error(place, [], 'expected path=value');
      continue;
    }
    const path = override.slice(0, equals).split('.');
    if (!leadsSomewhere(root, path, place, schema, report)) continue;
    const node = parseValue(override.slice(equals + 1), place.override, report);
    if (node) put(root, path, node);
  }
}

/** Every part of the path stands in the file or is known to the schema; or else reports it. */
function leadsSomewhere(
  root: TreeNode,
  path: readonly string[],
  place: Place,
  schema: JsonSchema,
  report: Report,
): boolean {
  const data = toData(root);
  const before: (string | number)[] = [];
  let node: TreeNode | undefined = root;
  for (const key of path) {
    const known = node?.kind === 'scalar' ? [] : knownKeys(schema, before, data);
    const next: TreeNode | undefined = nodeAt(node ?? root, [key]);
    if (!(node && next) && !known.includes(key)) {
      const present = node?.kind === 'map' ? [...node.entries.keys()] : [];
      const among = new Set([...present, ...known].map((name) => [...before, name].join('.')));
      const got = [...before, key].join('.');
      report.error(place, [], `the scenario has no '${got}'`, { got, among });
      return false;
    }
    before.push(node?.kind === 'list' ? Number(key) : key);
    node = node && next;
  }
  return true;
}

/** Replaces the node at the path; maps that the file left out are made. */
function put(root: TreeNode, path: readonly string[], value: TreeNode): void {
  let node = root;
  for (const [i, key] of path.entries()) {
    const next: TreeNode =
      i === path.length - 1
        ? value
        : (nodeAt(node, [key]) ?? { kind: 'map', entries: new Map(), place: value.place });
    if (node.kind === 'list') node.items[Number(key)] = next;
    if (node.kind === 'map') {
      node.entries.set(key, { key: node.entries.get(key)?.key ?? next.place, node: next });
    }
    node = next;
  }
}
