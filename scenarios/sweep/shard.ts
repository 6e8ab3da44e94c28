/*
 * The finished folder of a sweep or of a shard, as it is read again.
 */
import { join } from 'node:path';
import { Grid, isOf, share } from '../../engine/index.ts';
import { digestOf } from '../output/compare.ts';
import { SweepError } from './error.ts';
import type { Written } from './folder.ts';
import { Records } from './journal.ts';
import { readSweepManifest, type SweepManifest } from './manifest.ts';

export interface Part {
  readonly folder: string;
  readonly manifest: SweepManifest;
}

/** What the folder came to when it was written. @throws SweepError if it is damaged. */
export function writtenIn(folder: string): Written {
  const manifest = readSweepManifest(folder);
  const { axes, seeds, shard, exits, runs, failed } = manifest;
  const all = new Grid(axes, seeds).runs;
  const records = recordsOf({ folder, manifest }, all);
  try {
    let run = 0;
    while (run < all && !(isOf(shard, run) && records.read(run).exit !== 0)) run++;
    const firstFailed = run < all ? records.read(run) : undefined;
    const codes = Object.keys(exits).map(Number);
    return { path: folder, outcome: 'whole', exits: codes, runs, failed, firstFailed };
  } finally {
    records.close();
  }
}

/** @throws SweepError if they are not those that the shard left. */
export function recordsOf({ folder, manifest }: Part, runs: number): Records {
  const { shard, files } = manifest;
  const path = join(folder, 'runs.jsonl');
  if (files['runs.jsonl'] === undefined || digestOf(path) !== files['runs.jsonl'].sha256) {
    throw new SweepError(`${path} is not as the sweep has left it`);
  }
  const records = new Records(path).index();
  for (let run = 0; run < runs; run++) {
    if (isOf(shard, run) && !records.has(run)) {
      throw new SweepError(`${path} has ${records.count} of ${share(shard, runs)} runs`);
    }
  }
  return records;
}
