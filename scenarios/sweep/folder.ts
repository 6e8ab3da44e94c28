/*
 * The folder of a sweep: it appears under its name when it is whole, and a second sweep of the same
 * finds the first there and must be equal to it.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOf } from '../output/compare.ts';
import { writing } from '../output/errors.ts';
import { settleBeside } from '../output/folder.ts';
import { SWEEP_MANIFEST, sweepManifestText, type SweepHead } from './manifest.ts';
import type { RunRecord } from './record.ts';
import { Results } from './results.ts';

/** The folder, and how it compares with one that was there before. */
export interface Written {
  readonly path: string;
  /** `whole`: all runs were there already, and none was made. */
  readonly outcome: 'new' | 'identical' | 'differs' | 'whole';
  readonly exits: readonly number[];
  readonly runs: number;
  readonly failed: number;
  readonly firstFailed: RunRecord | undefined;
}

/** Writes the folder `path`, or compares it with the one that is there. @throws OutputError */
export function writeSweep(
  path: string,
  head: SweepHead,
  effective: string,
  read: (run: number) => RunRecord,
): Written {
  const draft = join(dirname(path), `.draft-${randomUUID()}`);
  try {
    writing(path, () => mkdirSync(draft, { recursive: true }));
    const results = new Results(draft, head, read).write();
    const whole: [string, string][] = [
      ['scenario.yaml', effective],
      [SWEEP_MANIFEST, sweepManifestText(head, results)],
    ];
    for (const [name, text] of whole) {
      writing(join(path, name), () => writeFileSync(join(draft, name), text));
    }
    const names = ['scenario.yaml', ...Object.keys(results.files)];
    const exits = Object.keys(results.exits).map(Number);
    const { runs, failed, firstFailed } = results;
    return { ...settled(draft, path, names), exits, runs, failed, firstFailed };
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

function settled(
  draft: string,
  path: string,
  names: readonly string[],
): Pick<Written, 'path' | 'outcome'> {
  const before = existsSync(path);
  if (before && names.every((name) => digestOf(join(path, name)) === digestOf(join(draft, name)))) {
    rmSync(draft, { recursive: true });
    return { path, outcome: 'identical' };
  }
  const rename = (to: string): void => renameSync(draft, to);
  const kept = settleBeside({ rename }, before ? `${path}-differs` : path);
  return { path: kept, outcome: before ? 'differs' : 'new' };
}
