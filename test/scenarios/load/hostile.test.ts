/**
 * Files that mean harm: each is answered with a clear error, and soon.
 */
import { mkdtempSync, openSync, closeSync, ftruncateSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatDiagnostic, LIMITS, loadFile } from '../../../scenarios/load/index.ts';
import { complaints, load } from './helpers.ts';
import { registry } from './registry.ts';

const head = 'name: bad\n';

/** The complaints, which must come soon even on a busy machine (most take milliseconds). */
function soon(text: string): string[] {
  const start = performance.now();
  const found = complaints(text);
  expect(performance.now() - start).toBeLessThan(10_000);
  return found;
}

const repeated = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => row(i)).join('');

/** Each level repeats the one before ten times. */
const bomb = `${head}actors: {}\nx0: &x0 [a, a, a, a, a, a, a, a, a, a]\n${repeated(
  9,
  (i) => `x${i + 1}: &x${i + 1} [${Array(10).fill(`*x${i}`).join(', ')}]\n`,
)}`;

const CASES: [string, string, string][] = [
  ['an alias bomb', bomb, 's.yaml:6:45: x3[7]: aliases repeat more than 10000 values'],
  ['an alias of itself', `${head}vars: &v { x: *v }\nactors: {}\n`, 'nested more than 64 levels'],
  ['10,000 lists in each other', `x: ${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'nested more'],
  ['2,000 maps in each other', repeated(2000, (i) => `${' '.repeat(i)}a:\n`), 'nested more'],
  ['10,000 dashes', `${'- '.repeat(10_000)}x`, 'nested more than 64 levels deep'],
  ['100 lists in each other', `x: ${'['.repeat(100)}${']'.repeat(100)}`, 'nested more than 64'],
  ['a great many keys', repeated(300_000, (i) => `a${i}: 1\n`), 'lexical elements of YAML'],
  [
    'a long string',
    `${head}about: ${'x'.repeat(100_000)}\nactors: {}\n`,
    's.yaml:2:8: about: longer than 65536 characters',
  ],
  ['a long file', 'x'.repeat(LIMITS.fileBytes + 1), 'too large: 4194305 characters'],
  [
    'a billion actors',
    `${head}actors: { a: { count: 1000000000, steps: [] } }\n`,
    's.yaml:2:23: actors.a.count: expected at most 100000, got 1000000000',
  ],
  [
    'many times many actors',
    `${head}actors:\n${repeated(20, (i) => `  a${i}: { count: 10000, steps: [] }\n`)}`,
    's.yaml:2:1: actors: 200000 actors in all; there can be 100000',
  ],
  [
    'a large array',
    `${head}vars: { a: [${'0,'.repeat(70_000)}] }\nactors: {}\n`,
    's.yaml:2:12: vars.a: expected at most 65536 items, got 70000',
  ],
  [
    'deep parentheses',
    `${head}actors: { a: { steps: [ "$x = ${'('.repeat(3000)}" ] } }\n`,
    'nested more than 64',
  ],
  [
    'a long row of operators',
    `${head}actors: { a: { steps: [ "$x = ${'-'.repeat(3000)}1" ] } }\n`,
    'nested more than 64',
  ],
  [
    'copies of many steps',
    `${head}actors:\n  a:\n    count: 100000\n    steps: [${'$x = 1, '.repeat(
      20,
    )}"log l\${index}"]\n`,
    'the steps of all actors make more than 250000 instructions',
  ],
  [
    'a great many unknown functions',
    `${head}actors:\n  a:\n    steps:\n${repeated(150_000, () => '    - spin_lok L\n')}`,
    'no more than 100 errors are shown',
  ],
  [
    'a thousand unknown keys',
    `${head}actors: {}\n${repeated(1000, (i) => `k${i}: 1\n`)}`,
    'no more than 100 errors are shown',
  ],
  ['a long key', `${head}actors: {}\n? ${'k'.repeat(300)}\n: 1\n`, 'a key is longer than 256'],
  [
    'a step of blanks',
    `${head}actors: { a: { steps: [ "x${' '.repeat(60_000)}y" ] } }\n`,
    's.yaml:2:25: actors.a.steps[0]: longer than 4096 characters',
  ],
  [
    'a threshold of blanks',
    `${head}actors: {}\nexpect: [ "${' '.repeat(60_000)}" ]\n`,
    's.yaml:3:11: expect.that[0]: longer than 4096 characters',
  ],
  [
    'many open references',
    `${head}actors: { a: { about: "", steps: [], cpu: "${'${ index '.repeat(7000)}" } }\n`,
    "'${' without its '}'",
  ],
  [
    'a sum of very many terms',
    `${head}actors: {}\nseed: \${${'1+'.repeat(30_000)}1}\n`,
    's.yaml:3:9: seed: longer than 4096 characters',
  ],
  [
    'parameters that multiply',
    `${head}params:\n  a: ${'x'.repeat(60_000)}\n  b: ${'$a'.repeat(30_000)}\nactors: {}\n`,
    'params.b: with its parameters longer than 65536 characters',
  ],
  [
    'many objects with unknown keys',
    `${head}actors: {}\nobjects:\n${repeated(30_000, (i) => `  o${i}: { type: mutex, x: 1 }\n`)}`,
    'no more than 100 errors',
  ],
  [
    'a prototype',
    '{"name": "bad", "actors": {}, "__proto__": {"version": 2}}',
    "'__proto__' cannot be a key",
  ],
];

describe('a hostile text', () => {
  test.each(CASES)('%s', (_about, text, expected) => {
    const found = soon(text);
    expect(
      found.some((line) => line.includes(expected)),
      found.slice(0, 9).join('\n'),
    ).toBe(true);
    expect(found.length).toBeLessThanOrEqual(LIMITS.errors + 1);
  });

  test('as many actors as there may be are loaded', () => {
    const { actors } = load(`${head}actors: { a: { count: 100000, steps: [ schedule ] } }\n`);
    expect(actors).toHaveLength(LIMITS.actors);
    expect(actors.at(-1)).toMatchObject({ name: 'a-99999', group: 'a', index: 99_999 });
  });

  test('a sum of many terms neither overflows the stack nor takes long', () => {
    const sum = Array(2000).fill('1').join('+');
    expect(load(`${head}params: { n: 1 }\nactors: {}\nseed: \${${sum}}\n`).scenario.seed).toBe(
      2000,
    );
  });
});

describe('a file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const said = (file: string): string => {
    const result = loadFile(file, registry);
    return result.ok ? '' : result.diagnostics.map(formatDiagnostic).join('\n').replace(folder, '');
  };

  test('of 200 MB is refused before it is read', () => {
    const file = join(folder, 'large.yaml');
    const descriptor = openSync(file, 'w');
    ftruncateSync(descriptor, 200 * 1024 * 1024);
    closeSync(descriptor);
    expect(said(file)).toBe(
      '/large.yaml: too large: 209715200 bytes; a scenario has at most 4194304',
    );
  });

  test('that is not there, not a file, or not text says so', () => {
    expect(said(join(folder, 'none.yaml'))).toBe('/none.yaml: no such file');
    expect(said(folder)).toBe(': not a regular file');
    expect(said('/dev/zero')).toBe('/dev/zero: not a regular file');
    writeFileSync(join(folder, 'binary.yaml'), Buffer.from([0x6e, 0xff, 0xfe]));
    expect(said(join(folder, 'binary.yaml'))).toBe('/binary.yaml: not UTF-8 text');
  });

  test('is loaded, with its name in the errors', () => {
    const file = join(folder, 'good.yaml');
    writeFileSync(file, 'name: good\nactors: {}\n');
    expect(said(file)).toBe('');
    writeFileSync(file, 'name: good\nactor: {}\n');
    expect(said(file)).toContain("/good.yaml:2:1: actor: unknown key 'actor'");
  });
});
