/*
 * Makes the run of a folder again, and says whether everything in the folder comes out the same.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { compareFolders, firstDifference, type Difference, type Divergence } from './compare.ts';
import { Draft } from './draft.ts';
import { inputReader } from './inputs.ts';
import { MANIFEST, parseManifest, type Manifest, type RunIdentity } from './manifest.ts';
import { runInto, type Observer, type Start } from './record.ts';
import { plural, printable } from './text.ts';

/** The folder is not one of a whole run. */
export class NoRunFolder extends Error {
  override readonly name = 'NoRunFolder';
}

/** What run.json says about the run of a folder. @throws NoRunFolder */
export function readManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST);
  const manifest = parsed(path);
  if (manifest.ending === 'interrupted') {
    throw new NoRunFolder(`${folder} is of a run that was interrupted, which cannot be made again`);
  }
  return manifest;
}

function parsed(path: string): Manifest {
  try {
    return parseManifest(readFileSync(path, 'utf8'));
  } catch (error) {
    const { message } = error as Error;
    throw new NoRunFolder(`${path} is not the record of a run: ${message}`);
  }
}

/** How a folder compares with its run made again. */
export interface Comparison {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly differences: readonly Difference[];
  /** Where the traces part, if they do. */
  readonly divergence: Divergence | undefined;
}

/** Rows shown before and after the first that differs. */
const CONTEXT_ROWS = 3;

/**
 * Runs into a draft beside the folder, which is removed again.
 * @throws OutputError; whatever building and running throw.
 */
export async function repeat(
  folder: string,
  manifest: Manifest,
  identity: RunIdentity,
  start: Start,
  observer: Observer,
): Promise<Comparison | 'interrupted'> {
  const draft = new Draft(dirname(resolve(folder)));
  try {
    const readFile = inputReader(join(folder, 'scenario.yaml'));
    const result = await runInto(draft, start, readFile, observer);
    if (result.ending === 'interrupted') return 'interrupted';
    draft.complete(identity, result);
    const inputs = new Set([...Object.keys(manifest.inputs), ...Object.keys(draft.inputs)]);
    const differences = compareFolders(folder, draft.path, [...inputs]);
    const comparable = differences.some(
      ({ file, first }) => file === 'trace.csv' && first !== undefined,
    );
    const divergence = comparable
      ? firstDifference(join(folder, 'trace.csv'), join(draft.path, 'trace.csv'), CONTEXT_ROWS)
      : undefined;
    return { folder, manifest, differences, divergence };
  } finally {
    draft.abandon();
    draft.discard();
  }
}

/** The outcome for people, line by line. */
export function formatComparison(comparison: Comparison): string[] {
  const { folder, manifest, differences, divergence } = comparison;
  const { rows, sha256 } = manifest.files['trace.csv'];
  if (differences.length === 0) {
    return [`${folder} is reproducible: trace.csv has ${plural(rows, 'row')}, sha256 ${sha256}`];
  }
  return [
    ...differences.flatMap((difference) => formatDifference(difference, manifest)),
    ...(divergence === undefined ? [] : formatDivergence(divergence)),
  ];
}

function formatDifference({ file, first, second }: Difference, manifest: Manifest): string[] {
  const recorded = { ...manifest.inputs, ...manifest.files }[file]?.sha256;
  const changed = recorded !== undefined && first !== undefined && first !== recorded;
  return [
    `${printable(file)} differs`,
    ...(changed ? [`  recorded  sha256 ${recorded}`] : []),
    `  ${changed ? 'on disk ' : 'first   '}  ${digest(first)}${changed ? ' (changed since)' : ''}`,
    `  now       ${digest(second)}`,
  ];
}

function digest(sha256: string | undefined): string {
  return sha256 === undefined ? 'missing' : `sha256 ${sha256}`;
}

function formatDivergence({ line, common, first, second }: Divergence): string[] {
  const lines = (mark: string, rows: readonly string[]): string[] =>
    rows.length === 0
      ? [`${mark} (the end of the file)`]
      : rows.map((row) => `${mark} ${printable(row)}`);
  return [
    `the traces part in line ${line} of trace.csv (-: the folder's, +: now):`,
    ...common.map((row) => `  ${printable(row)}`),
    ...lines('-', first),
    ...lines('+', second),
  ];
}
