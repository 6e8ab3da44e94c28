/*
 * Performs a run and writes its folder while it goes on. The run proceeds in slices, so that an
 * interruption is heard and progress can be shown.
 */
import { basename, dirname, join } from 'node:path';
import type { TraceSink } from '../../engine/index.ts';
import type { RunResult } from '../run/result.ts';
import { Draft } from './draft.ts';
import { OutputError } from './errors.ts';
import { folderName, settle, settleBeside, type Settled } from './folder.ts';
import { linesNamed, type Digests, type RunIdentity } from './manifest.ts';

/** A run that has been built and not yet begun. */
export interface Runnable {
  /** Virtual time, ns. */
  readonly timeNs: number;
  readonly untilNs: number;
  readonly steps: number;
  /** Goes on for about `steps` steps; false when the run has ended. */
  slice(steps: number): boolean;
  interrupt(): void;
  finish(): RunResult;
}

/** Builds a run that traces into `sink` and reads files through `readFile`. */
export type Start = (sink: TraceSink, readFile: ReadFile) => Runnable;
export type ReadFile = (path: string) => Uint8Array;

/** Who watches a run and may end it. */
export interface Observer {
  /** Has `handler` called when the user wants no more; the result takes that back. */
  onInterrupt(handler: () => void): () => void;
  /** Called after each slice. */
  progress(run: Runnable): void;
  /** Called when the run has ended, however it did. */
  done(): void;
}

export interface Recorded {
  readonly result: RunResult;
  readonly digests: Digests;
  readonly settled: Settled;
}

/** A few hundredths of a second. */
const SLICE_STEPS = 20_000;

/** Builds the run and performs it, with everything that it writes and reads in the draft. */
export async function runInto(
  draft: Draft,
  start: Start,
  readFile: ReadFile,
  observer: Observer,
): Promise<RunResult> {
  let run: Runnable | undefined;
  // Before the run is built, which may take a while: an interruption is then only put off.
  const deaf = observer.onInterrupt(() => run?.interrupt());
  try {
    run = start(draft.sink, (path) => {
      const bytes = readFile(path);
      draft.keepInput(path, bytes);
      return bytes;
    });
    while (run.slice(SLICE_STEPS)) {
      observer.progress(run);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return run.finish();
  } finally {
    deaf();
    observer.done();
  }
}

/**
 * Performs a run and leaves its folder under `out`.
 * @throws OutputError saying what was kept; whatever building and running throw.
 */
export async function record(
  identity: RunIdentity,
  out: string,
  start: Start,
  readFile: ReadFile,
  observer: Observer,
): Promise<Recorded> {
  const parent = join(out, identity.scenario);
  const draft = new Draft(parent);
  const path = (lines?: readonly number[]): string =>
    join(parent, folderName(identity, draft.inputs, lines));
  try {
    const result = await runInto(draft, start, readFile, observer);
    const digests = draft.complete(identity, result);
    if (result.ending === 'interrupted') {
      const kept = settleBeside(draft, `${path()}-interrupted`);
      return { result, digests, settled: { kind: 'new', path: kept } };
    }
    const to = path(linesNamed(identity, result));
    return { result, digests, settled: settle(draft, to, digests.inputs) };
  } catch (error) {
    draft.abandon();
    if (error instanceof OutputError && draft.traceRows > 0) error.kept = salvage(draft, path());
    else draft.discard();
    throw error;
  }
}

/** Leaves what there is of a run that the disk has stopped. */
function salvage(draft: Draft, path: string): NonNullable<OutputError['kept']> {
  const rows = draft.traceRows;
  try {
    return { path: settleBeside(draft, `${path}-incomplete`), rows };
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    return { path: join(dirname(path), basename(draft.path)), rows };
  }
}
