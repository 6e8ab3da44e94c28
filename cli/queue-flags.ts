/*
 * The flag --queue and the verb worker.
 */
import { Option, type Command } from 'commander';
import type { ExitCode } from '../scenarios/output/verdict.ts';
import { count } from './flags.ts';
import type { Io } from './io.ts';
import type { WorkerFlags } from './worker.ts';

/** Where the work goes, for verbs that would else do it in threads. */
export function queueOption(): Option {
  const about = 'have it done by lockstep worker, through Redis at redis://host:port[/prefix]';
  return new Option('--queue <url>', about).conflicts('jobs');
}

const WORKER_EXAMPLES = `
Examples:
  lockstep worker --queue redis://10.0.0.1:6379 --jobs 8
  lockstep worker --queue redis://10.0.0.1:6379/team --idle 1min
It needs BullMQ and a client of Redis, which come apart: npm install bullmq ioredis
Whoever asks needs them too: lockstep sweep my.yaml --seeds 1..1000 --queue redis://10.0.0.1:6379
`;

export function addWorker(program: Command, io: Io, done: (exit: ExitCode) => void): void {
  program
    .command('worker')
    .description('make the runs of sweeps and explorations that are asked for with --queue')
    .requiredOption('--queue <url>', 'where they are asked for: redis://host:port[/prefix]')
    .option('--jobs <n>', 'threads that run', count(1), 1)
    .option('--idle <time>', 'end when there was nothing to do for so long, such as 1min')
    .option('--lease <time>', 'silent for so long, its work goes to another worker', '30s')
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', WORKER_EXAMPLES)
    .action(async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<WorkerFlags>();
      done(await (await import('./worker.ts')).worker(flags, io));
    });
}
