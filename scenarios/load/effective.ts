/**
 * The effective scenario: canonical YAML with every default written out, in the order of the
 * schema. It loads again to the same effective scenario.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import type { LoadedActor } from './actors.ts';
import type { Path } from './diagnostics.ts';
import { isVerbatim } from './parameters.ts';
import type { ScenarioSchema } from './schema.ts';

/** A text that depends on an actor's number, which the effective scenario keeps as it is. */
interface Indexed {
  readonly path: Path;
  readonly text: string;
}

/** Formats a scenario in its text form (with durations as text). */
export function formatEffective(
  scenario: z.input<ScenarioSchema>,
  actors: readonly LoadedActor[],
  indexed: readonly Indexed[],
): string {
  for (const { group, index, spec, body } of actors) {
    if (index > 0 || body.kind !== 'program') continue;
    scenario.actors[group]!.with = z.encode(body.program.with, spec.with);
  }
  const kept = new Map(indexed.map(({ path, text }) => [JSON.stringify(path), text]));
  const data = escaped(scenario, [], kept);
  return stringify(data, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** A copy in which every `$` that is not a reference is doubled. */
function escaped(value: unknown, path: Path, kept: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item, i) => escaped(item, [...path, i], kept));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, escaped(inner, [...path, key], kept)]),
    );
  }
  const reference = kept.get(JSON.stringify(path));
  if (reference !== undefined) return reference;
  if (typeof value !== 'string' || isVerbatim(path)) return value;
  return value.replaceAll('$', '$$$$');
}
