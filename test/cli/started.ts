/*
 * The built command line as processes of their own, which tests may kill.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const BUILT = resolve('dist/cli/lockstep.js');

export interface Started {
  readonly child: ChildProcess;
  /** What it has printed so far on stdout and stderr. */
  readonly told: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts it in `folder`; it is killed when the test is over. */
export function started(
  argv: readonly string[],
  folder = '.',
  nodeFlags: readonly string[] = [],
): Started {
  const child = spawn(process.execPath, [...nodeFlags, BUILT, ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (told += text));
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, told: () => told, ended };
}
