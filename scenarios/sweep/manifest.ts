/*
 * sweep.json: what a sweep, or a shard of one, was made from and what it left, with nothing of the
 * host in it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Shard } from '../../engine/index.ts';
import { inputDigest } from '../output/manifest.ts';
import { SweepError } from './error.ts';

export const SWEEP_MANIFEST = 'sweep.json';

const FORMAT = 1;
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const file = z.strictObject({ sha256, rows: z.int().min(0), bytes: z.int().min(0) });

const axis = z.strictObject({ path: z.string(), values: z.array(z.string()).min(1).readonly() });

const manifest = z.strictObject({
  lockstep: z.string(),
  formats: z.strictObject({ sweep: z.literal(FORMAT) }),
  scenario: z.string(),
  /** Of the scenario with its overrides, the axes, the seeds and the inputs. */
  hash: sha256,
  overrides: z.array(z.string()).readonly(),
  axes: z.array(axis).readonly(),
  seeds: z.array(z.string()).min(1).readonly(),
  /** What the runs read, by its path in the scenario's folder. */
  inputs: z.record(z.string(), inputDigest).default({}),
  shard: z
    .strictObject({ index: z.int().min(1), of: z.int().min(1) })
    .refine(({ index, of }) => index <= of),
  runs: z.int().min(0),
  failed: z.int().min(0),
  /** How many runs came to each exit code. */
  exits: z.record(z.string(), z.int()),
  files: z.record(z.string(), file),
});

export type SweepManifest = z.output<typeof manifest>;

/** What is known before the runs are made. */
export type SweepHead = Omit<SweepManifest, 'formats' | 'runs' | 'failed' | 'exits' | 'files'>;

export function sweepManifestText(
  head: SweepHead,
  results: Pick<SweepManifest, 'runs' | 'failed' | 'exits' | 'files'>,
): string {
  const { lockstep, scenario, hash, overrides, axes, seeds, inputs, shard } = head;
  const { runs, failed, exits, files } = results;
  const from = { lockstep, formats: { sweep: FORMAT }, scenario, hash, overrides, axes, seeds };
  const content = { ...from, inputs, shard, runs, failed, exits, files };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** @throws SweepError if the folder has none. */
export function readSweepManifest(folder: string): SweepManifest {
  const path = join(folder, SWEEP_MANIFEST);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new SweepError(
      `${folder} is not the folder of a whole sweep or shard: it has no ${SWEEP_MANIFEST}` +
        (folder.replace(/[\\/]+$/, '').endsWith(UNFINISHED) ? ' (--resume goes on with it)' : ''),
    );
  }
  try {
    return manifest.parse(JSON.parse(text));
  } catch {
    throw new SweepError(`${path} is not the record of a sweep`);
  }
}

/** What the folder of a sweep that goes on is called beside its name. */
export const UNFINISHED = '-unfinished';

/** The name of the folder of a sweep or of a shard of it. */
export function sweepFolder(hash: string, { index, of }: Shard): string {
  const name = `sweep-${hash.slice(0, 8)}`;
  return of === 1 ? name : `${name}-shard-${index}-of-${of}`;
}
