/**
 * ln and exp against the correctly rounded values of ln-exp-table.json, which make-ln-exp-table.py
 * computes in 60 decimal digits, and against their own bits as first seen, on whatever engine.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp } from '../../../engine/random/exp.ts';
import { ln } from '../../../engine/random/ln.ts';
import { RandomStream } from '../../../engine/random/streams.ts';

const tableFile = new URL('ln-exp-table.json', import.meta.url);
const table = JSON.parse(readFileSync(tableFile, 'utf8')) as Record<string, [string, string][]>;

function double(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE();
}

/** Distance in units in the last place: doubles of one sign are ordered as their bits are. */
function ulps(a: number, b: number): number {
  const buffer = Buffer.alloc(16);
  buffer.writeDoubleBE(a, 0);
  buffer.writeDoubleBE(b, 8);
  return Math.abs(Number(buffer.readBigInt64BE(0) - buffer.readBigInt64BE(8)));
}

describe.each([
  ['ln', ln],
  ['exp', exp],
] as const)('%s', (name, f) => {
  const rows = table[name] ?? [];

  test('is within 1 ulp of the true value, and mostly the nearest double', () => {
    expect(rows.length).toBeGreaterThan(300);
    let nearest = 0;
    for (const [input, output] of rows) {
      const distance = ulps(f(double(input)), double(output));
      expect(distance, `${name}(${double(input)})`).toBeLessThanOrEqual(1);
      if (distance === 0) nearest++;
    }
    expect(nearest / rows.length).toBeGreaterThan(0.85);
  });
});

test('the bits of 100,000 results are the same on every engine', () => {
  const stream = new RandomStream('bits');
  const results = new DataView(new ArrayBuffer(1_600_000));
  for (let i = 0; i < 100_000; i++) {
    const u = stream.unit();
    results.setFloat64(i * 16, ln(u));
    results.setFloat64(i * 16 + 8, exp((u - 0.5) * 1500));
  }
  const digest = createHash('sha256').update(results).digest('hex');
  expect(digest).toBe('c5ed60d95e9e3b4639a25e40adb74b8977d3dbb5356c1975751aa3c4e7f925d7');
});

test('ln has the values of the limits at the edges', () => {
  expect(ln(0)).toBe(-Infinity);
  expect(ln(-0)).toBe(-Infinity);
  expect(ln(-1)).toBeNaN();
  expect(ln(-Infinity)).toBeNaN();
  expect(ln(NaN)).toBeNaN();
  expect(ln(Infinity)).toBe(Infinity);
  expect(Object.is(ln(1), 0)).toBe(true);
});

test('exp has the values of the limits at the edges', () => {
  expect(exp(0)).toBe(1);
  expect(exp(-0)).toBe(1);
  expect(exp(Infinity)).toBe(Infinity);
  expect(exp(-Infinity)).toBe(0);
  expect(exp(NaN)).toBeNaN();
  expect(exp(709.7827128933841)).toBe(Infinity);
  expect(exp(-745.1332191019413)).toBe(0);
});

test('exp undoes ln to a few ulp of the exponent', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      expect(Math.abs(exp(ln(x)) / x - 1)).toBeLessThan(2e-13);
    }),
  );
});
