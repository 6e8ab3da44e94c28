// SPIN on one of the models in this folder, repaired: all states, with partial-order reduction.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Its own words, or null if it or a C compiler is missing. */
export function spinVersion() {
  const spin = spawnSync('spin', ['-V'], { encoding: 'utf8' });
  const gcc = spawnSync('gcc', ['--version'], { encoding: 'utf8' });
  if (spin.status !== 0 || gcc.status !== 0) return null;
  return `${spin.stdout.trim()}; ${gcc.stdout.split('\n')[0]}, -O2`;
}

/** States stored, the time of the search alone, and with making it; null if it cannot be run. */
export function spinOn(model, n) {
  if (spinVersion() === null) return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'spin-'));
  try {
    const start = performance.now();
    const scale = n === undefined ? [] : [`-DN=${n}`];
    must('spin', ['-a', '-DFIX', ...scale, path.resolve('bench/spin', `${model}.pml`)], folder);
    must('gcc', ['-O2', '-o', 'pan', 'pan.c'], folder);
    const made = performance.now();
    const output = must(path.join(folder, 'pan'), ['-m100000'], folder);
    const end = performance.now();
    const [, states] = /(\d+) states, stored/.exec(output) ?? [];
    const [, errors] = /errors: (\d+)/.exec(output) ?? [];
    if (states === undefined || errors !== '0') throw new Error(`SPIN on ${model}: ${output}`);
    return { states: Number(states), panMs: end - made, allMs: end - start };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function must(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
