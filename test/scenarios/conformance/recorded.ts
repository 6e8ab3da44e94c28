/* The recorded kernel cases, for tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isKernelCase, type KernelCase } from '../../../scenarios/conformance/kernel-case.ts';
import { leftOutOf } from '../../../scenarios/conformance/run.ts';
import { kernelFormat } from '../../../scenarios/conformance/kernel.ts';

const root = new URL('../../conformance/kernel/', import.meta.url);

function kernelCase(text: string): KernelCase {
  const json: unknown = JSON.parse(text);
  if (!isKernelCase(json)) throw new Error('not a kernel case');
  return json;
}

/** The path of a hand-written case. */
export function caseFile(name: string): URL {
  return new URL(`cases/${name}.json`, root);
}

export function handWritten(name: string): KernelCase {
  return kernelCase(readFileSync(caseFile(name), 'utf8'));
}

export const handWrittenNames: readonly string[] = readdirSync(new URL('cases/', root)).map(
  (file) => file.replace(/\.json$/, ''),
);

/** The random programs, and those of locks: a line each of the files that hold many. */
export function inLines(): KernelCase[] {
  const files = readdirSync(root).filter((file) => file.endsWith('.jsonl'));
  const lines = files.flatMap((file) =>
    readFileSync(new URL(file, root), 'utf8').trim().split('\n'),
  );
  return lines.map(kernelCase);
}

/** The recordings that do not count. */
export const leftOut: readonly string[] = Object.keys(leftOutOf([fileURLToPath(root)]));

/** How the model differs from the recording; null: not at all. */
export function difference(recorded: KernelCase): string | null {
  return kernelFormat.run(recorded)[0]!.difference;
}
