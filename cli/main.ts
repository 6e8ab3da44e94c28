/*
 * The verbs and flags of the command line. Each verb is a file of its own, loaded when it is used.
 */
import { Command, CommanderError, Option } from 'commander';
import { strategyNames } from '../scenarios/load/strategy-names.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { ExploreFlags } from './explore.ts';
import { addExport } from './export.ts';
import { collect, count } from './flags.ts';
import type { Io } from './io.ts';
import { addAnalysis } from './analysis.ts';
import { addImport } from './import-flags.ts';
import { version } from './package.ts';
import { addPlot } from './plot-flags.ts';
import { addWorker, queueOption } from './queue-flags.ts';
import type { ReplayFlags } from './replay.ts';
import type { ReportFlags } from './report.ts';
import type { RunFlags } from './run.ts';
import { addMerge, addSweep } from './sweep-flags.ts';

const EXIT_CODES = `
Exit codes:
  0    all as expected
  1    an internal fault of lockstep
  2    wrong usage
  3    an invalid scenario
  4    an expectation failed, something was found that nobody expects, or two runs differ
  5    not reproducible
  6    a limit stopped the run: one of the scenario's, or the disk
  130  interrupted
Of several scenarios the worst decides, in the order 130, 1, 3, 5, 6, 4, 0.
`;

/** Does what the arguments ask for. @returns the exit code. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  let exit: ExitCode = EXIT.fine;
  const program = build(io, argv, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) {
      return ASKED_FOR.includes(error.code) ? EXIT.fine : EXIT.usage;
    }
    const { explain } = await import('./failures.ts');
    const failure = explain(error, { argv });
    io.err(failure.text);
    return failure.exit;
  }
}

/** What commander calls an error though it is what the user wanted. */
const ASKED_FOR = ['commander.helpDisplayed', 'commander.version'];

function build(io: Io, argv: readonly string[], done: (exit: ExitCode) => void): Command {
  const program = new Command('lockstep')
    .description('A deterministic discrete-event simulator of Linux kernel execution contexts.')
    .version(version)
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', EXIT_CODES)
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError("('lockstep --help' shows what there is)")
    .exitOverride();
  addRun(program, io, argv, done);
  addExplore(program, io, argv, done);
  addReplay(program, io, argv, done);
  addSweep(program, io, argv, done);
  addMerge(program, io, done);
  addWorker(program, io, done);
  addAnalysis(program, io, done);
  addImport(program, io, done);
  addPlot(program, io, done);
  addExport(program, io, done);
  const verb = (usage: string, about: string, example: string): Command =>
    program.command(usage).description(about).addHelpText('after', `\nExample:\n  ${example}\n`);
  verb('check <scenario...>', 'validate scenarios', 'lockstep check my.yaml netlink-icmp').action(
    async (names: string[]) => done((await import('./check.ts')).check(names, io)),
  );
  verb('list [folder]', 'show the scenarios that come with lockstep', 'lockstep list').action(
    async (folder: string | undefined, _flags, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      done((await import('./list.ts')).list(folder, io, color));
    },
  );
  verb(
    'verify <folder>',
    'make the run of a folder again and compare',
    'lockstep verify output/netlink-icmp/42-1c9f03aa',
  ).action(async (folder: string) =>
    done(await (await import('./verify.ts')).verify(folder, io, argv)),
  );
  verb(
    'report <folder>',
    'show a run, a sweep or an exploration as one HTML file',
    'lockstep report output/netlink-icmp/1-7eba26dd',
  )
    .option('--out <file>', 'the file to write', 'report.html')
    .action(async (folder: string, flags: ReportFlags) =>
      done((await import('./report.ts')).report(folder, flags, io)),
    );
  verb(
    'schema',
    'print the JSON Schema of scenarios',
    'lockstep schema > scenario.schema.json',
  ).action(async () => done((await import('./schema.ts')).schema(io)));
  verb('init [file]', 'write a scenario to begin with', 'lockstep init my.yaml')
    .option('--force', 'replace the file if it exists', false)
    .action(async (file: string | undefined, { force }: { force: boolean }) =>
      done((await import('./init.ts')).init(file ?? 'scenario.yaml', force, io)),
    );
  verb(
    'conformance [path...]',
    'replay recordings of a real kernel (default: test/conformance)',
    'lockstep conformance test/conformance/netlink/cases',
  ).action(async (paths: string[]) => {
    const given = paths.length > 0 ? paths : ['test/conformance'];
    done((await import('./conformance.ts')).conformance(given, io));
  });
  return program;
}

function addRun(
  program: Command,
  io: Io,
  argv: readonly string[],
  done: (exit: ExitCode) => void,
): void {
  program
    .command('run <scenario...>')
    .description('run scenarios, by path or by the name of one that comes with lockstep')
    .option('--seed <n>', "fixes every random choice; 'random' draws one and prints it")
    .option('--set <path=value>', 'override a value of the scenario (repeatable)', collect, [])
    .option('--out <folder>', 'where the folders of runs go', 'output')
    .option('--trace <events>', "what the trace records: 'all', 'none', or names with commas")
    .option('--until <time>', 'the virtual time to end at, such as 10ms')
    .option(
      '--procfs-at <time>',
      "print all files of /proc as they are then, or one: '5s=/proc/stat' (repeatable)",
      collect,
      [],
    )
    .addOption(new Option('--json', 'print one JSON object for each run').conflicts('quiet'))
    .option('--print-config', 'print the effective scenario and run nothing')
    .option('--quiet', 'print only where the trace is')
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', '\nExample:\n  lockstep run netlink-icmp --seed 7 --set machine.hz=250\n')
    .action(async (names: string[], _flags, command: Command) => {
      const flags = command.optsWithGlobals<RunFlags>();
      done(await (await import('./run.ts')).run(names, flags, io, argv));
    });
}

const EXPLORE_EXAMPLES = `
Examples:
  lockstep explore driver.yaml
  lockstep explore driver.yaml --keep-going --runs 20000 --time 1min --jobs 4
  lockstep explore driver.yaml --strategy dfs --preemptions 2 --interrupts 1
  lockstep explore driver.yaml --timeouts any --set machine.cpus=4
What is left out here is as the scenario's section 'explore' says, else as in brackets.
Exit 4: something was found that the scenario does not expect.
`;

function addExplore(
  program: Command,
  io: Io,
  argv: readonly string[],
  done: (exit: ExitCode) => void,
): void {
  program
    .command('explore <scenario>')
    .description('search the interleavings of a scenario for one that goes wrong')
    .addOption(
      new Option('--strategy <name>', 'how schedules are chosen (portfolio)').choices(
        strategyNames,
      ),
    )
    .option('--runs <n>', 'schedules at most (2000)', count(1))
    .option('--time <duration>', 'time on the clock at most, such as 10s')
    .option('--preemptions <k>', 'of dfs: preemptions in a schedule at most (2)', count(0))
    .option('--interrupts <i>', 'arrivals of a line that does not say how many (2)', count(0))
    .option('--depth <d>', 'of pct: how many orders make the bug (3)', count(1))
    .option('--seed <n>', "what the sampled schedules are drawn from (the scenario's)")
    .option('--steps <n>', 'steps after which a schedule is given up', count(1), 20_000)
    .addOption(
      new Option('--timeouts <when>', 'when the timeout of a sleep may end it')
        .choices(['patient', 'any'])
        .default('patient'),
    )
    .option('--jobs <n>', 'threads that search', count(1), 1)
    .addOption(queueOption())
    .option('--keep-going', 'go on after the first finding', false)
    .option('--set <path=value>', 'override a value of the scenario (repeatable)', collect, [])
    .option('--out <folder>', 'where the folders of results go', 'output')
    .option('--quiet', 'print only where the results are')
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', EXPLORE_EXAMPLES)
    .action(async (name: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<ExploreFlags>();
      done(await (await import('./explore.ts')).explore(name, flags, io, argv));
    });
}

const REPLAY_EXAMPLES = `
Examples:
  lockstep replay driver.yaml 'ls1.1c9f03aa.i2s20000.AgEB'
  lockstep replay fixed.yaml 'ls1.1c9f03aa.i2s20000.AgEB' --continue
`;

function addReplay(
  program: Command,
  io: Io,
  argv: readonly string[],
  done: (exit: ExitCode) => void,
): void {
  program
    .command('replay <scenario> <schedule>')
    .description('run a scenario under a schedule that explore has printed')
    .option('--continue', 'where the schedule does not fit any more, go on without it', false)
    .option('--set <path=value>', 'override a value of the scenario (repeatable)', collect, [])
    .option('--out <folder>', 'where the folders of runs go', 'output')
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', REPLAY_EXAMPLES)
    .action(async (name: string, schedule: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<ReplayFlags>();
      done(await (await import('./replay.ts')).replay(name, schedule, flags, io, argv));
    });
}
