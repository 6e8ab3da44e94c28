/* The recorded kernel cases, for tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { isKernelCase, type KernelCase } from '../../../scenarios/conformance/kernel-case.ts';
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

export function generated(): KernelCase[] {
  const lines = readFileSync(new URL('generated.jsonl', root), 'utf8').trim().split('\n');
  return lines.map(kernelCase);
}

const fidelity = readFileSync(new URL('../../../docs/fidelity.md', import.meta.url), 'utf8');

/** The recordings that docs/fidelity.md leaves out, each with its reason. */
export const leftOut: readonly string[] = [
  ...fidelity
    .slice(fidelity.indexOf('## Recordings that do not count'))
    .split('\n## ')[0]!
    .matchAll(/^\| ([\w-]+) \| \w.* \|$/gm),
].flatMap(([, name]) => (name === 'recording' ? [] : [name!]));

/** How the model differs from the recording; null: not at all. */
export function difference(recorded: KernelCase): string | null {
  return kernelFormat.run(recorded)[0]!.difference;
}
