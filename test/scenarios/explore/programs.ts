/*
 * Small programs with a bug each, and their repaired twins.
 */
import { Hunt, type HuntOptions } from '../../../scenarios/explore/hunt.ts';
import { Program } from '../../../scenarios/explore/program.ts';
import { loadText } from '../../../scenarios/load/index.ts';
import { registry } from '../../../scenarios/registry.ts';

/** Two threads that count; between reading and writing somebody else may. */
export const LOST_UPDATE = `name: lost-update
about: Two threads count without a lock.
kernel: linux-6.1
machine: { cpus: 2, preemption: full }
objects: { lock: spinlock }
vars: { n: 0 }
marked: [n]
actors:
  t:
    kind: kthread
    count: 2
    steps:
      - $x = n
      - n = $x + 1
finally: [n == 2]
`;

export const COUNTED = LOST_UPDATE.replace('- $x = n', '- spin_lock lock\n      - $x = n').replace(
  '- n = $x + 1',
  '- n = $x + 1\n      - spin_unlock lock',
);

/** A lock that an interrupt takes too, held with interrupts on. */
export const IRQ_SELF = `name: irq-self
about: A spinlock that an interrupt takes too is taken with interrupts on.
kernel: linux-6.1
machine: { cpus: 1 }
objects: { A: spinlock }
vars: { n: 0 }
actors:
  eth0:
    kind: irq
    arrivals: { every: 1ms }
    steps: [spin_lock A, n = n + 1, spin_unlock A]
  reader:
    kind: kthread
    steps:
      - spin_lock A
      - n = n + 1
      - spin_unlock A
`;

export const BOUNDS = { interrupts: 2, steps: 20_000, anyTimeouts: false };

export function program(text: string, bounds = BOUNDS): Program {
  const result = loadText('program.yaml', text, registry);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return new Program(result.loaded, bounds);
}

export function hunted(text: string, options: Partial<HuntOptions> = {}): Hunt {
  const hunt = new Hunt(program(text), {
    strategy: 'portfolio',
    seed: '1',
    runs: 500,
    depth: 3,
    preemptions: 2,
    arrivals: 2,
    keepGoing: false,
    ...options,
  });
  while (!hunt.over) hunt.advance();
  return hunt;
}
