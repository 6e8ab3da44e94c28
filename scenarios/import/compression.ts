/*
 * What trace-cmd compresses with: zlib, and zstd where this Node.js has it (22.15 and later).
 */
import * as zlib from 'node:zlib';
import { RecordingError, atByte } from './recording.ts';

/** Uncompressed bytes; `at` is where the compressed ones begin in the file. */
export type Inflate = (bytes: Uint8Array, size: number, at: number) => Uint8Array;

type Algorithm = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

/** @throws RecordingError when something compressed is met that cannot be uncompressed here */
export function inflaterOf(name: string): Inflate {
  return (bytes, size, at) => {
    const algorithm = algorithmOf(name);
    let whole: Uint8Array;
    try {
      whole = algorithm(bytes, { maxOutputLength: Math.max(1, size) });
    } catch (error) {
      throw atByte(at, `${name} data`, (error as Error).message);
    }
    if (whole.length === size) return whole;
    throw atByte(at, `${size} bytes of ${name} data`, `${whole.length} bytes`);
  };
}

function algorithmOf(name: string): Algorithm {
  if (name === 'zlib') return zlib.inflateSync;
  const zstd = (zlib as { zstdDecompressSync?: Algorithm }).zstdDecompressSync;
  if (name === 'zstd' && zstd !== undefined) return zstd;
  const why =
    name === 'zstd' ? ', which Node.js has since 22.15' : ', which is neither zlib nor zstd';
  throw new RecordingError(
    `it is compressed with ${name}${why}; ` +
      'trace-cmd convert -i FILE -o PLAIN --compression none writes it without, ' +
      'and so does trace-cmd record --compression none',
  );
}
