/*
 * The command line in this process: what it prints, its exit code, and a Ctrl+C on demand.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from '../../cli/io.ts';
import { main } from '../../cli/main.ts';

export interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  /** Ctrl+C is pressed as soon as somebody listens. */
  readonly interrupted?: boolean;
  /** ms that pass between two looks at the clock. */
  readonly tickMs?: number;
}

export async function lockstep(argv: readonly string[], terminal: Terminal = {}): Promise<Outcome> {
  const { env = { LANG: 'C.UTF-8' }, tty = false, interrupted = false, tickMs = 0 } = terminal;
  let out = '';
  let err = '';
  let now = 0;
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    outIsTty: tty,
    errIsTty: tty,
    env,
    onInterrupt(handler) {
      if (interrupted) setImmediate(handler);
      return () => {};
    },
    now: () => (now += tickMs),
  };
  const exit = await main(argv, io);
  return { exit, out, err };
}

/** A scenario whose interrupts keep it busy for as long as it is let. */
export function scenario(changes = ''): string {
  return `name: tiny
about: Interrupts and a thread under a spinlock.
kernel: linux-6.1
machine: { cpus: 1, hz: 100, preemption: none, costs: ideal }
until: 20ms
objects: { lock: spinlock }
actors:
  device:
    kind: irq
    arrivals: { poisson: 100us }
    steps: [delay 5us]
  worker:
    steps:
      - repeat: 10
        do: [spin_lock_irq lock, delay 20us, spin_unlock_irq lock, delay 100us]
${changes}`;
}

/** Writes a scenario file. @returns its path. */
export function write(folder: string, text = scenario(), name = 'tiny.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
