/** The file of a trace, on a disk that works, and on one that is full in the middle of a chunk. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CsvFile } from '../../../engine/trace/csv-file.ts';

/** How many bytes fit on the simulated disk, and the most that one write takes. */
const disk = vi.hoisted(() => ({ room: Infinity, most: Infinity }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const writeSync = (fd: number, bytes: Uint8Array, from: number, length: number): number => {
    if (disk.room <= 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    const count = fs.writeSync(fd, bytes, from, Math.min(length, disk.room, disk.most));
    disk.room -= count;
    return count;
  };
  return { ...fs, writeSync };
});

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-file-'));
  path = join(folder, 'trace.csv');
  Object.assign(disk, { room: Infinity, most: Infinity });
});

afterEach(() => rmSync(folder, { recursive: true }));

test('chunks follow one another, in place of what the file held before', () => {
  writeFileSync(path, 'something older and longer');
  const file = new CsvFile(path);
  file.write(Buffer.from('one\n'));
  file.write(Buffer.from('two\n'));
  file.close();
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
});

test('a system that takes a few bytes at a time gets them all', () => {
  disk.most = 3;
  const file = new CsvFile(path);
  file.write(Buffer.from('a longer chunk\n'));
  file.close();
  expect(readFileSync(path, 'utf8')).toBe('a longer chunk\n');
});

test('a chunk that does not fit is taken back, and the error is the system’s', () => {
  disk.room = 10;
  const file = new CsvFile(path);
  file.write(Buffer.from('fits\n'));
  expect(() => file.write(Buffer.from('does not fit\n'))).toThrow('ENOSPC');
  file.close();
  expect(readFileSync(path, 'utf8')).toBe('fits\n');
});

test('a file that cannot be created is an error at once', () => {
  expect(() => new CsvFile(join(folder, 'missing', 'trace.csv'))).toThrow('ENOENT');
});

test('a device that cannot be cut reports its own error', () => {
  disk.room = 0;
  const file = new CsvFile('/dev/null');
  expect(() => file.write(Buffer.from('x\n'))).toThrow('ENOSPC');
  file.close();
});
