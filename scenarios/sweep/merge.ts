/*
 * Joins the shards of a sweep: the result is, byte for byte, the folder that one process would have
 * left. What does not fit together is refused.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Grid } from '../../engine/index.ts';
import { writeSweep, type Written } from './folder.ts';
import { readSweepManifest, sweepFolder, type SweepHead, type SweepManifest } from './manifest.ts';
import { SweepError } from './error.ts';
import { recordsOf, type Part } from './shard.ts';

export interface Merged {
  readonly head: SweepHead;
  readonly written: Written;
}

/** @throws SweepError, OutputError */
export function merge(folders: readonly string[], out: string): Merged {
  const parts = folders.map((folder) => ({ folder, manifest: readSweepManifest(folder) }));
  const shards = inOrder(parts);
  const { folder, manifest } = shards[0]!;
  const { scenario, hash, axes, seeds } = manifest;
  const shard = { index: 1, of: 1 };
  const grid = new Grid(axes, seeds);
  const records = shards.map((part) => recordsOf(part, grid.runs));
  const effective = readFileSync(join(folder, 'scenario.yaml'), 'utf8');
  const path = join(out, scenario, sweepFolder(hash, shard));
  const read = (run: number) => records[run % records.length]!.read(run);
  const head = { ...manifest, shard };
  const written = writeSweep(path, head, effective, read);
  for (const one of records) one.close();
  return { head, written };
}

/** The shards by their number. @throws SweepError if they are not all of one sweep. */
function inOrder(parts: readonly Part[]): Part[] {
  const [first] = parts as [Part];
  for (const { folder, manifest } of parts) {
    const whose = (what: keyof SweepManifest): string =>
      `${String(first.manifest[what])} in ${first.folder}, ${String(manifest[what])} in ${folder}`;
    if (manifest.scenario !== first.manifest.scenario) {
      throw new SweepError(`these are of two scenarios: ${whose('scenario')}`);
    }
    if (manifest.hash !== first.manifest.hash) {
      throw new SweepError(
        `these are of two sweeps (scenario, --set, axes or seeds differ): ${whose('hash')}`,
      );
    }
    if (manifest.lockstep !== first.manifest.lockstep) {
      throw new SweepError(`two versions of lockstep made these: ${whose('lockstep')}`);
    }
    if (manifest.shard.of !== first.manifest.shard.of) {
      throw new SweepError(
        `one sweep was divided in two ways: ${first.folder} is shard ${named(first)}, ` +
          `${folder} is shard ${named({ folder, manifest })}`,
      );
    }
  }
  const shards: Part[] = [];
  for (const part of parts) {
    const { index } = part.manifest.shard;
    const other = shards[index - 1];
    if (other !== undefined) {
      throw new SweepError(`${other.folder} and ${part.folder} are both shard ${named(part)}`);
    }
    shards[index - 1] = part;
  }
  const { of } = first.manifest.shard;
  const lacking = Array.from({ length: of }, (_, i) => i).filter((i) => shards[i] === undefined);
  if (lacking.length > 0) {
    const names = lacking.map((i) => `${i + 1}/${of}`);
    throw new SweepError(`shard ${names.join(', ')} is missing`);
  }
  return shards;
}

function named({ manifest: { shard } }: Part): string {
  return `${shard.index}/${shard.of}`;
}
