/*
 * What the values of the axes make of the scenario before anything is run: what is wrong with each,
 * taken alone, and which files the runs will read.
 */
import { Grid } from '../../engine/index.ts';
import { loadText, type Diagnostic, type LoadedScenario, type LoadResult } from '../load/index.ts';
import { InputKeeper, type KeptInput } from '../output/kept-inputs.ts';
import { registry } from '../registry.ts';
import { overridesAt, type Varied } from './order.ts';

export interface Survey {
  readonly diagnostics: readonly Diagnostic[];
  readonly inputs: readonly KeptInput[];
}

/** @param own the paths of the axes that are as the scenario has them */
export function survey(loaded: LoadedScenario, varied: Varied, own: ReadonlySet<string>): Survey {
  const { file, text, overrides, axes } = varied;
  const keeper = new InputKeeper(file);
  const load = (made: readonly string[]): LoadResult => loadText(file, text, registry, made);
  keeper.keep(loaded);
  const diagnostics = axes.flatMap(({ path, values }) => {
    const found = new Map<string, Diagnostic>();
    for (const value of values) {
      const override = `${path}=${value}`;
      const result = load([...overrides, override]);
      if (result.ok) keeper.keep(result.loaded);
      else {
        const where = own.has(path) ? `${file}: sweep.axes.${path}` : `--sweep ${override}`;
        note(found, result.diagnostics, override, where);
      }
    }
    return [...found.values()];
  });
  if (diagnostics.length === 0 && keeper.inputs.length > 0) keepAll(varied, keeper, load);
  return { diagnostics, inputs: keeper.inputs };
}

/** The same is said once an axis. */
function note(
  found: Map<string, Diagnostic>,
  diagnostics: readonly Diagnostic[],
  override: string,
  where: string,
): void {
  for (const diagnostic of diagnostics) {
    const named = diagnostic.file === `--set ${override}`;
    const key = `${diagnostic.path} ${diagnostic.message}`;
    if (!found.has(key)) found.set(key, named ? { ...diagnostic, file: where } : diagnostic);
  }
}

/** A file's name may be put together from several axes. */
function keepAll(
  varied: Varied,
  keeper: InputKeeper,
  load: (overrides: readonly string[]) => LoadResult,
): void {
  const { points } = new Grid(varied.axes, varied.seeds);
  for (let point = 0; point < points; point++) {
    const result = load(overridesAt(varied, point));
    if (result.ok) keeper.keep(result.loaded);
  }
}
