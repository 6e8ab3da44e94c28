/*
 * The machine on which the facts of a user process were recorded, and a process on it.
 */
import type { Code, Context } from '../../models/context.ts';
import { Machine } from '../../models/machine.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { spawnUser } from '../../models/user/spawn.ts';
import type { Fact } from './facts.ts';

/** Debian's 6.1: HZ 250, preempt=full, one CPU. */
export function recordedMachine(): Machine {
  return new Machine({
    kernel: 'linux-6.1',
    cpus: 1,
    hz: 250,
    preemption: 'full',
    seed: 1,
    maxSteps: 5_000_000,
  });
}

/** Runs `program` as a user process to its end; throws if it does not come to it. */
export function runUser(machine: Machine, program: (k: Context) => Code): void {
  let ended = false;
  const task = spawnUser(machine, { name: 'utest' }, function* (k) {
    yield* program(k);
    ended = true;
    return 0;
  });
  wake_up_process(machine.cpus[0]!, task);
  machine.sim.run();
  if (!ended) throw new Error('the process did not come to its end');
}

/** A field that must be a number; `otherwise` where the recording leaves it out. */
export function numberOf(fact: Fact, field: string, otherwise?: number): number {
  const value = fact[field] ?? otherwise;
  if (typeof value === 'number') return value;
  throw new Error(`expected a number as '${field}'`);
}
