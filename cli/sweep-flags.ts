/*
 * The flags of the verbs sweep and merge.
 */
import type { Command } from 'commander';
import type { ExitCode } from '../scenarios/output/verdict.ts';
import { collect, count, shardOf } from './flags.ts';
import type { Io } from './io.ts';
import { queueOption } from './queue-flags.ts';
import type { SweepFlags } from './sweep.ts';

type Done = (exit: ExitCode) => void;

const SWEEP_EXAMPLES = `
Values are separated by commas; from..to:step and from..to*factor count up to the last that fits.
Axes and seeds that are left out here are those of the scenario's section 'sweep'.

Examples:
  lockstep sweep netlink-pool-10 --sweep machine.hz=100,250,1000 --seeds 1..20 --jobs 4
  lockstep sweep my.yaml --sweep params.buffer=64..1024*2 --sweep params.pause=1ms..5ms:1ms
  lockstep sweep my.yaml --seeds 1..1000 --shard 2/3 --resume
  lockstep sweep my.yaml --seeds 1..1000 --queue redis://10.0.0.1:6379
Exit 4: a run came out otherwise than the scenario expects.
`;

export function addSweep(program: Command, io: Io, argv: readonly string[], done: Done): void {
  program
    .command('sweep <scenario>')
    .description('run a scenario at every combination of values and seeds, into one table')
    .option('--sweep <path=values>', 'an axis: what a path takes (repeatable)', collect, [])
    .option('--set <path=value>', 'override a value of the scenario (repeatable)', collect, [])
    .option('--seeds <values>', "seeds of each point, such as 1..100 (the scenario's)")
    .option('--jobs <n>', 'threads that run', count(1), 1)
    .addOption(queueOption())
    .option('--shard <i/n>', 'make only the i-th of n parts; lockstep merge joins them', shardOf)
    .option('--resume', 'go on where a sweep was killed or interrupted', false)
    .option('--out <folder>', 'where the folders of results go', 'output')
    .option('--quiet', 'print only where the results are')
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', SWEEP_EXAMPLES)
    .action(async (name: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<SweepFlags>();
      done(await (await import('./sweep.ts')).sweep(name, flags, io, argv));
    });
}

const MERGE_EXAMPLE = `
Example:
  lockstep merge output/netlink-pool-10/sweep-1c9f03aa-shard-*
`;

export function addMerge(program: Command, io: Io, done: Done): void {
  program
    .command('merge <folder...>')
    .description('join the shards of a sweep, whoever has made them')
    .option('--out <folder>', 'where the folders of results go', 'output')
    .option('--quiet', 'print only where the results are')
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', MERGE_EXAMPLE)
    .action(async (folders: string[], _flags, command: Command) => {
      const flags = command.optsWithGlobals<{ out: string; quiet?: true; color: boolean }>();
      done((await import('./merge.ts')).merge(folders, flags, io));
    });
}
