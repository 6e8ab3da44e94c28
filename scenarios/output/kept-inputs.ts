/*
 * The files that the runs of a scenario read, read once and kept: every run of a sweep sees the
 * same bytes, on whatever machine it is made, even if a file changes meanwhile.
 */
import { createHash } from 'node:crypto';
import type { LoadedScenario } from '../load/index.ts';
import { ScenarioError } from '../run/error.ts';
import { ScenarioRun } from '../run/run.ts';
import { InputError, inputReader } from './inputs.ts';
import type { InputDigest } from './manifest.ts';

export interface KeptInput {
  readonly path: string;
  /** Its bytes, or why it cannot be read. */
  readonly content: Uint8Array | string;
}

/** Finds out what scenarios of one folder read. */
export class InputKeeper {
  private readonly read: (path: string) => Uint8Array;
  private readonly kept = new Map<string, Uint8Array | string>();

  /** @param file the scenario's */
  constructor(file: string) {
    this.read = inputReader(file);
  }

  /** By path. */
  get inputs(): KeptInput[] {
    return [...this.kept]
      .map(([path, content]) => ({ path, content }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Keeps what a run reads. It does so while it is built. */
  keep(loaded: LoadedScenario): void {
    const readFile = (path: string): Uint8Array => {
      let content = this.kept.get(path);
      if (content === undefined) this.kept.set(path, (content = this.contentOf(path)));
      return bytesOf(content);
    };
    try {
      new ScenarioRun(loaded, { readFile });
    } catch (error) {
      // Then its run says so.
      if (!(error instanceof ScenarioError || error instanceof InputError)) throw error;
    }
  }

  private contentOf(path: string): Uint8Array | string {
    try {
      return this.read(path);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return error.message;
    }
  }
}

/** What the runs of one scenario read. */
export function inputsOf(file: string, loaded: LoadedScenario): KeptInput[] {
  const keeper = new InputKeeper(file);
  keeper.keep(loaded);
  return keeper.inputs;
}

/** Reads those that are kept. @throws InputError as reading the file did */
export function keptReader(inputs: readonly KeptInput[]): (path: string) => Uint8Array {
  const contents = new Map(inputs.map(({ path, content }) => [path, content]));
  return (path) => bytesOf(contents.get(path) ?? `the file '${path}' was not there at first`);
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  if (typeof content === 'string') throw new InputError(content);
  return content;
}

/** What makes two of them the same; a file that cannot be read has no digest. */
export function inputDigests(inputs: readonly KeptInput[]): Record<string, InputDigest> {
  const read = inputs.flatMap(({ path, content }) =>
    typeof content === 'string' ? [] : [[path, digestOf(content)] as const],
  );
  return Object.fromEntries(read);
}

function digestOf(content: Uint8Array): InputDigest {
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}
