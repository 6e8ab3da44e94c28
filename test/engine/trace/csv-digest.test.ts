/** The digest of a run, with a file, without one, and with a disk that fills up. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CsvDigest } from '../../../engine/trace/csv-digest.ts';
import { TextTable } from '../../../engine/trace/text-table.ts';
import { Trace } from '../../../engine/trace/trace.ts';

const HEADER = 'seq,time_ns,cpu,context,pid,comm,flags,event,object,value,detail\n';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Records rows of about 90 bytes, and ends with a flush. */
function runInto(sink: CsvDigest, rows: number): void {
  const texts = new TextTable();
  const trace = new Trace(texts, String, sink);
  const event = trace.defineEvent('event', (a) => `n=${a} ${'x'.repeat(50)}`);
  for (let i = 0; i < rows; i++) {
    if (trace.on) trace.record(i * 1000, 0, 0, 1, 0, 0, event, 0, i, i, 0, 0);
  }
  trace.flush();
}

test('an empty run has the digest of the header', () => {
  const sink = new CsvDigest();
  runInto(sink, 0);
  expect(sink.sha256).toBe(sha256(HEADER));
  expect([sink.rows, sink.bytes]).toEqual([0, HEADER.length]);
});

test('rows, bytes and digest are those of all that was written', () => {
  let written = '';
  const sink = new CsvDigest((chunk) => {
    written += Buffer.from(chunk).toString();
  });
  runInto(sink, 10_000);
  expect(written.split('\n').length).toBe(10_002);
  expect([sink.rows, sink.bytes]).toEqual([10_000, written.length]);
  expect(sink.sha256).toBe(sha256(written));
});

test('the digest is the same with nobody to write to', () => {
  const [alone, handing] = [new CsvDigest(), new CsvDigest(() => {})];
  runInto(alone, 10_000);
  runInto(handing, 10_000);
  expect([alone.sha256, alone.rows]).toEqual([handing.sha256, 10_000]);
});

describe('a write that fails', () => {
  const full = new Error('ENOSPC: no space left on device');

  test('reaches the one who records, before the run goes on', () => {
    const texts = new TextTable();
    const sink = new CsvDigest(() => {
      throw full;
    });
    const trace = new Trace(texts, String, sink);
    const event = trace.defineEvent('event');
    let recorded = 0;
    const recordForever = (): never => {
      for (;;) {
        trace.record(recorded, 0, 0, 1, 0, 0, event, 0, NaN, 0, 0, 0);
        recorded++;
      }
    };
    expect(recordForever).toThrow(full);
    expect(recorded).toBeLessThan(50_000);
  });

  test('leaves whole rows, counted and hashed, and is followed by no other', () => {
    let written = '';
    let room = 2;
    const sink = new CsvDigest((chunk) => {
      if (room-- === 0) throw full;
      written += Buffer.from(chunk).toString();
    });
    expect(() => runInto(sink, 20_000)).toThrow(full);
    expect(() => sink.write(new Uint8Array([0x61, 0x0a]), 1)).toThrow(full);
    expect(written.endsWith('\n')).toBe(true);
    expect([sink.rows, sink.bytes]).toEqual([written.split('\n').length - 2, written.length]);
    expect(sink.rows).toBeGreaterThan(1000);
    expect(sink.sha256).toBe(sha256(written));
  });
});
