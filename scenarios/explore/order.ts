/*
 * What whoever searches for others needs: nothing but data, with all files in it.
 */
import type { RunBounds } from '../../engine/index.ts';
import { loadText } from '../load/index.ts';
import { keptReader, type KeptInput } from '../output/kept-inputs.ts';
import { registry } from '../registry.ts';
import { Program } from './program.ts';
import { Searcher, type SearchOptions } from './searcher.ts';

export interface Order {
  readonly file: string;
  readonly text: string;
  readonly overrides: readonly string[];
  /** The files that the runs read. */
  readonly inputs: readonly KeptInput[];
  readonly bounds: RunBounds;
  readonly options: SearchOptions;
}

/** Makes the program anew. */
export function searcherOf({ file, text, overrides, inputs, bounds, options }: Order): Searcher {
  const result = loadText(file, text, registry, overrides);
  if (!result.ok) throw new Error(`${file} is valid here only`);
  return new Searcher(new Program(result.loaded, bounds, keptReader(inputs)), options);
}
