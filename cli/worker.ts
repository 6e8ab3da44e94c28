/*
 * lockstep worker: works for the sweeps and explorations that are asked for at a queue.
 */
import { availableParallelism } from 'node:os';
import { plural } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { Broker } from '../scenarios/queue/broker.ts';
import { work } from '../scenarios/queue/worker.ts';
import { UsageError } from './failures.ts';
import { hostTimeMs } from './host-time.ts';
import type { Io } from './io.ts';
import { version } from './package.ts';
import { workProgressOn } from './progress.ts';
import { styleOf } from './style.ts';

export interface WorkerFlags {
  readonly queue: string;
  readonly jobs: number;
  readonly idle?: string;
  readonly lease: string;
  readonly color: boolean;
}

/** More threads only take memory. */
const JOBS_PER_CPU = 4;
/** Below this a busy machine would be held for dead. */
const LEASE_MS_MIN = 500;

export async function worker(flags: WorkerFlags, io: Io): Promise<ExitCode> {
  const jobs = Math.min(flags.jobs, JOBS_PER_CPU * availableParallelism());
  const idleMs = hostTimeMs('--idle', flags.idle);
  const leaseMs = hostTimeMs('--lease', flags.lease);
  if (leaseMs < LEASE_MS_MIN) throw new UsageError(`--lease ${flags.lease}: at least 500ms`);
  const observer = workProgressOn(io);
  const broker = await Broker.at(flags.queue, observer.say);
  const threads = plural(jobs, 'thread');
  io.out(`lockstep ${version} works for ${broker.address.shown} in ${threads}\n`);
  const { made, ended } = await work(broker, { version, jobs, leaseMs, idleMs }, observer);
  io.out(`${plural(made, 'run')} made\n`);
  if (ended === 'idle') return EXIT.fine;
  io.out(`${styleOf(io, flags.color).red(`exit ${EXIT.interrupted}: interrupted`)}\n`);
  return EXIT.interrupted;
}
