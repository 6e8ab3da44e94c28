import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostUses } from './host-uses.ts';
import { ROOT, sourcesOf } from './project.ts';

const found = (text: string): string[] => hostUses('snippet.ts', text);

describe('engine and models use nothing that differs between hosts', () => {
  const files = sourcesOf(['engine', 'models']);

  it('in any of their files', () => {
    expect(files).not.toHaveLength(0);
    const uses = files.flatMap((file) =>
      hostUses(file, readFileSync(path.join(ROOT, file), 'utf8')),
    );
    expect(uses).toEqual([]);
  });
});

describe('the search for what differs between hosts', () => {
  it.each([
    ['Math.pow(2, 0.5)', 'Math.pow'],
    ["Math['pow'](2, 0.5)", 'Math.pow'],
    ['Math[`log`](2)', 'Math.log'],
    ['Math?.random()', 'Math.random'],
    ["const f = 'sin' as const; Math[f](1)", 'Math other than as Math.name'],
    ['const { pow } = Math', 'Math other than as Math.name'],
    ['const M = Math; M.pow(2, 3)', 'Math other than as Math.name'],
    ['const all = { Math }', 'Math other than as Math.name'],
    ['2 ** 0.5', '**'],
    ['let x = 2; x **= 2', '**='],
    ['new Date()', 'Date'],
    ['Date.now()', 'Date'],
    ['const clock = Date', 'Date'],
    ['globalThis.Date', 'globalThis'],
    ["globalThis['Math'].pow(2, 3)", 'globalThis'],
    ['function f(now = performance.now()) { return now; }', 'performance'],
    ['new Intl.NumberFormat()', 'Intl'],
    ['process.env.HOME', 'process'],
    ['process.hrtime()', 'process'],
    ['const o = { process }', 'process'],
    ['crypto.randomUUID()', 'crypto'],
    ['setTimeout(() => {}, 1)', 'setTimeout'],
    ['setInterval(() => {}, 1)', 'setInterval'],
    ['queueMicrotask(() => {})', 'queueMicrotask'],
    ['Promise.resolve(1)', 'Promise'],
    ['new WeakRef({})', 'WeakRef'],
    ["new Function('return 1')", 'Function'],
    ["eval('1')", 'eval'],
    ["'a'.localeCompare('b')", 'localeCompare'],
    ["'a'['localeCompare']('b')", 'localeCompare'],
    ['(1).toLocaleString()', 'toLocaleString'],
    ["'i'.toLocaleUpperCase()", 'toLocaleUpperCase'],
    ["const { toLocaleUpperCase } = 'i'", 'toLocaleUpperCase'],
    ['for (const key in {}) key', 'for...in'],
    ['async function f() {}', 'async'],
    ['const f = async () => {}', 'async'],
    ['class C { async m() {} }', 'async'],
    ['await 1; export {}', 'await'],
    ['for await (const x of []) x', 'for await'],
    ["import('./x.ts')", 'import()'],
    ["import { hostname } from 'node:os'", 'from node:os'],
    ["import { performance } from 'node:perf_hooks'", 'from node:perf_hooks'],
    ["import process from 'node:process'", 'from node:process'],
    ["import { hrtime } from 'process'", 'from process'],
    ["import { setTimeout } from 'node:timers/promises'", 'from node:timers/promises'],
    ["export { hostname } from 'node:os'", 'from node:os'],
    ["import { createHash, randomInt as draw } from 'node:crypto'", 'randomInt from node:crypto'],
    ["import * as c from 'node:crypto'", '* from node:crypto'],
  ])('finds %s', (text, what) => {
    expect(found(`\n${text};`)).toContain(`snippet.ts:2 ${what}`);
  });

  it.each([
    ['Math.floor(Math.sqrt(2)) + Math.imul(3, 4)'],
    ["const text = 'Date.now() ** Math.pow'; /* new Date() */ // Math.random()"],
    ['class Process {} const process = new Process(); process.toString()'],
    ['function f(process: { fire(): void }) { process.fire(); return { process }; }'],
    ['const o = { Date: 1, process: 2 }; o.Date + o.process'],
    ['const { process: child } = { process: 1 }; child'],
    ['let seen: Date | Promise<number> | undefined'],
    ["import { createHash } from 'node:crypto'"],
    ["import { readFileSync } from 'node:fs'"],
    ["import { process } from './process.ts'; process()"],
    ['for (const x of [1]) x * 2'],
  ])('leaves alone %s', (text) => {
    expect(found(text)).toEqual([]);
  });
});
