/*
 * Experiments inside a system call of a user process, as the recording module did them.
 */
import type { Code, Context } from '../../models/context.ts';
import type { KernelName } from '../../models/era.ts';
import { Machine } from '../../models/machine.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { syscall } from '../../models/syscall.ts';
import { spawnUser } from '../../models/user/spawn.ts';

const LONGEST_NS = 60_000_000_000;
const SLICE = 100;

/** Runs `body` in a write() of a process on a machine of its own; returns what it returned. */
export function inSyscall<T>(body: (k: Context) => Code<T>, kernel: KernelName = 'linux-6.1'): T {
  const machine = new Machine({ kernel, cpus: 1, hz: 250, preemption: 'full', seed: 1 });
  const results: T[] = [];
  const task = spawnUser(machine, { name: 'utest' }, (k) =>
    syscall(k, 'write', function* () {
      results.push(yield* body(k));
      return 0;
    }),
  );
  wake_up_process(machine.cpus[0]!, task);
  // The tick of the old kernels never ends, so the run ends with the system call.
  while (results.length === 0 && machine.sim.run(LONGEST_NS, SLICE) === 'slice');
  if (results.length === 0) throw new Error('the system call did not return');
  return results[0]!;
}
