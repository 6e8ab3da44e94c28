/**
 * The parameters of a scenario, and its tree as plain data with their values in place. The few
 * texts that depend on the number of an actor's instance are noted.
 */
import type { Path, Report } from './diagnostics.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { INDEX, interpolateScalar, mentionsIndex } from './interpolate.ts';
import type { Constant, Constants } from './interpolate.ts';
import { LIMITS } from './limits.ts';
import { child, toData } from './tree.ts';
import type { ScalarNode, TreeNode } from './tree.ts';

const DEFAULT_HZ = 1000;

/** The text at this path is not substituted: it is for people, or it has locals of its own. */
export function isVerbatim([first, , third]: Path): boolean {
  return (
    first === 'name' ||
    first === 'about' ||
    (first === 'actors' && (third === 'steps' || third === 'about'))
  );
}

/** Reads `params` and `machine.hz`, and substitutes. Errors go to the report. */
export class Parameters {
  readonly constants: Constants;
  readonly hz: number;
  /** The texts, by path, that mention `index`. */
  readonly indexed: { readonly path: Path; readonly text: string }[] = [];
  private readonly report: Report;

  constructor(root: TreeNode, report: Report) {
    this.report = report;
    // HZ may be a parameter, and a parameter may count jiffies: HZ first, then the parameters.
    const written = child(child(root, 'machine'), 'hz');
    const hz =
      written?.kind === 'scalar'
        ? this.substitute(written, ['machine', 'hz'], this.read(root, DEFAULT_HZ), DEFAULT_HZ)
        : undefined;
    const valid = Number.isInteger(hz) && Number(hz) >= 1 && Number(hz) <= LIMITS.hz;
    this.hz = valid ? Number(hz) : DEFAULT_HZ;
    this.constants = this.read(root, this.hz);
  }

  /** Parameters in the order of the file; each may use those before it. */
  private read(root: TreeNode, hz: number): Map<string, Constant> {
    const constants = new Map<string, Constant>();
    const params = child(root, 'params');
    if (params?.kind !== 'map') return constants;
    for (const [name, { key, node }] of params.entries) {
      const path = ['params', name];
      if (name === INDEX) {
        this.report.error(key, path, `'${INDEX}' counts the copies of an actor; use another name`);
      }
      if (node.kind !== 'scalar' || node.value === null) continue;
      const value = this.substitute(node, path, constants, hz);
      if (value !== undefined) constants.set(name, value as Constant);
    }
    return constants;
  }

  /** The constants that hold for an actor's instance. */
  instance(index: number): Constants {
    return new Map([...this.constants, [INDEX, index]]);
  }

  /** The data of the node at `path`; in an actor, for its instance `index`. */
  data(root: TreeNode, path: Path = [], index = 0): unknown {
    const instance = this.instance(index);
    return toData(
      root,
      (node, at) => {
        if (at[0] === 'params') return this.constants.get(String(at[1])) ?? node.value;
        if (isVerbatim(at)) return node.value;
        const { value } = node;
        const dependent = at[0] === 'actors' && typeof value === 'string' && mentionsIndex(value);
        if (dependent && index === 0) this.indexed.push({ path: at, text: value });
        const constants = at[0] === 'actors' ? instance : this.constants;
        const result = this.substitute(node, at, constants, this.hz);
        return typeof result === 'string' ? this.inNanoseconds(result) : result;
      },
      path,
    );
  }

  private substitute(
    { value, place }: ScalarNode,
    path: Path,
    constants: Constants,
    hz: number,
  ): unknown {
    if (typeof value !== 'string' || !value.includes('$')) return value;
    try {
      return interpolateScalar(value, constants, hz);
    } catch (error) {
      this.report.textError(place, path, error);
      return undefined;
    }
  }

  /** `3jiffies` becomes the duration that it is on this machine. */
  private inNanoseconds(text: string): string {
    if (!/^\d+jiffies$/.test(text)) return text;
    return formatDuration(parseDuration(text, this.hz)!);
  }
}
