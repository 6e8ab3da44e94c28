import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { OutputError } from '../../../scenarios/output/errors.ts';
import { record } from '../../../scenarios/output/record.ts';
import { fakeStart, identity, silent } from './fake-run.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Bytes that the disk takes before it is full. */
let room = Infinity;

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (fd: number, chunk: Uint8Array, from: number, length: number): number => {
    const written = fs.writeSync(fd, chunk, from, Math.min(length, room));
    room -= written;
    if (room > 0) return written;
    throw Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' });
  };
  return { ...fs, writeSync };
});

async function recordRows(out: string, rows: number): Promise<unknown> {
  return record(identity, out, fakeStart({ rows }), () => new Uint8Array(), silent).catch(
    (error: unknown) => error,
  );
}

test('a full disk leaves the whole rows that fitted, under a name that says so', async () => {
  const out = temporaryFolder();
  room = 500_000;
  const error = await recordRows(out, 100_000);
  if (!(error instanceof OutputError)) throw error;
  const where = join(out, 'fake');
  expect(error.message).toBe(
    `cannot write trace.csv in ${where}: no space left on the device (ENOSPC)`,
  );
  expect(error.kept?.path).toMatch(/\/7-[0-9a-f]{8}-incomplete$/);
  const trace = readFileSync(join(error.kept?.path ?? '', 'trace.csv'), 'utf8');
  expect(trace.endsWith('\n')).toBe(true);
  expect(trace.split('\n')).toHaveLength((error.kept?.rows ?? 0) + 2);
  expect(error.kept?.rows).toBeGreaterThan(1000);
  expect(readdirSync(join(out, 'fake'))).toHaveLength(1);
});

test('a disk that is full from the start leaves nothing', async () => {
  const out = temporaryFolder();
  room = 10;
  const error = await recordRows(out, 100);
  expect(error).toMatchObject({ name: 'OutputError', kept: undefined });
  expect(readdirSync(join(out, 'fake'))).toEqual([]);
});

test('a folder that cannot be made is named', async () => {
  const out = join(temporaryFolder(), 'file');
  writeFileSync(out, '');
  const error = await recordRows(out, 1);
  expect(error).toMatchObject({ name: 'OutputError', kept: undefined });
  expect((error as Error).message).toContain(`cannot write ${join(out, 'fake')}: `);
});
