/*
 * Two run folders that ought to be the same, file by file as they are on the disk.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from './errors.ts';
import { MANIFEST, RUN_FILES } from './manifest.ts';

/** A file that two folders do not have in common; without a digest: it is not there. */
export interface Difference {
  readonly file: string;
  readonly first: string | undefined;
  readonly second: string | undefined;
}

/** What differs between the two folders; `inputs` are further files that both should have. */
export function compareFolders(
  first: string,
  second: string,
  inputs: readonly string[],
): Difference[] {
  const files = [...RUN_FILES, ...inputs].map((file) => ({
    file,
    first: digestOf(join(first, file)),
    second: digestOf(join(second, file)),
  }));
  const manifest = {
    file: MANIFEST,
    first: manifestDigest(join(first, MANIFEST)),
    second: manifestDigest(join(second, MANIFEST)),
  };
  return [...files, manifest].filter((pair) => pair.first !== pair.second);
}

/** The version of Lockstep does not count: another may well make the same run. */
function manifestDigest(path: string): string | undefined {
  try {
    const content = readFileSync(path, 'utf8').replace(/^ {2}"lockstep": .*$/m, '');
    return createHash('sha256').update(content).digest('hex');
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

const BLOCK_BYTES = 0x10000;

/** SHA-256 of a file in hexadecimal; undefined if it cannot be read. */
export function digestOf(path: string): string | undefined {
  try {
    const hash = createHash('sha256');
    for (const block of blocksOf(path)) hash.update(block);
    return hash.digest('hex');
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** The bytes of a file in blocks, each valid until the next. */
function* blocksOf(path: string): Generator<Uint8Array> {
  const block = new Uint8Array(BLOCK_BYTES);
  const fd = openSync(path, 'r');
  try {
    for (let got = readSync(fd, block); got > 0; got = readSync(fd, block)) {
      yield block.subarray(0, got);
    }
  } finally {
    closeSync(fd);
  }
}

/** The lines of a file without their `\n`. What is not UTF-8 is shown as such. */
function* linesOf(path: string): Generator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for (const block of blocksOf(path)) {
    const lines = (rest + decoder.decode(block, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

/** Where two texts part. */
export interface Divergence {
  /** The number of the first line that differs, from 1. */
  readonly line: number;
  /** The lines before it, which both have. */
  readonly common: readonly string[];
  /** The line that differs and those after it; empty at the end of the file. */
  readonly first: readonly string[];
  readonly second: readonly string[];
}

/** The first difference with `context` lines around it; undefined if the files say the same. */
export function firstDifference(
  first: string,
  second: string,
  context: number,
): Divergence | undefined {
  const a = linesOf(first);
  const b = linesOf(second);
  const common: string[] = [];
  for (let line = 1; ; line++) {
    const inA = a.next();
    const inB = b.next();
    if (inA.done === true && inB.done === true) return undefined;
    if (inA.value !== inB.value) {
      const parted = {
        line,
        common,
        first: following(inA, a, context),
        second: following(inB, b, context),
      };
      a.return(undefined);
      b.return(undefined);
      return parted;
    }
    common.push(inA.value as string);
    if (common.length > context) common.shift();
  }
}

function following(
  from: IteratorResult<string, void>,
  rest: Iterator<string, void>,
  count: number,
): string[] {
  const lines: string[] = [];
  for (let next = from; next.done !== true && lines.length <= count; next = rest.next()) {
    lines.push(next.value);
  }
  return lines;
}
