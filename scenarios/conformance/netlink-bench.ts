/*
 * The machine on which a netlink recording is repeated: one process that makes the calls of the
 * recorder and says at its end what it saw.
 */
import type { Code, Context } from '../../models/context.ts';
import type { KernelName } from '../../models/era.ts';
import { Machine } from '../../models/machine.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { spawnUser } from '../../models/user/spawn.ts';

/** No experiment takes as long. */
const limitNs = 60_000_000_000;

export class NetlinkBench {
  readonly machine: Machine;

  /** As the module's recorder ran Debian's kernel: 250 Hz, `preempt=full`. */
  constructor(kernel: KernelName, cpus = 1) {
    this.machine = new Machine({
      kernel,
      cpus,
      hz: 250,
      preemption: 'full',
      seed: 1,
      maxSteps: 10_000_000,
    });
  }

  /** Runs the process to its end; returns what `main` returns. Throws if it does not get there. */
  observe<T>(main: (k: Context) => Code<T>, comm = 'utest', uid = 0): T {
    const { machine } = this;
    const seen: T[] = [];
    const task = spawnUser(machine, { name: comm, uid }, function* (k) {
      seen.push(yield* main(k));
      return 0;
    });
    wake_up_process(machine.cpus[0]!, task);
    machine.sim.run(limitNs);
    const [finding] = machine.findings.all;
    if (finding !== undefined) throw new Error(`a finding: ${finding.text}`);
    if (seen.length === 0) throw new Error(`${comm} waits for ${task.waitingFor} at the end`);
    return seen[0]!;
  }
}
