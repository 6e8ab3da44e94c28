import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { ScenarioRun } from '../../scenarios/run/run.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep, scenario, write } from './harness.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function onlyFolder(out: string, name = 'tiny'): string {
  const [folder, ...others] = readdirSync(join(out, name));
  expect(others).toEqual([]);
  return join(out, name, folder ?? '');
}

test('a run prints its summary and says where its trace is', async () => {
  const out = temporaryFolder();
  const { exit, out: text, err } = await lockstep(['run', write(out), '--out', out]);
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  const folder = onlyFolder(out);
  const trace = readFileSync(join(folder, 'trace.csv'), 'utf8');
  const rows = trace.split('\n').length - 2;
  expect(text.split('\n').slice(0, 3)).toEqual([
    'tiny  seed 1',
    'linux-6.1  1 CPU  HZ 100  preemption none',
    expect.stringMatching(/^20 ms simulated in [\d,]+ steps, to the end of the scenario$/),
  ]);
  expect(text).toMatch(/^CPU +hardirq +softirq +kernel +user +idle +switches$/m);
  expect(text).toMatch(/^ {2}✓ no other findings +none$/m);
  expect(text).toMatch(/^TASK +pid +run time .*\n {2}worker +2 .*$/m);
  expect(text).toMatch(/^ {2}lock +spinlock +10 +0 +0 ns +\d.* us$/m);
  const line = new RegExp(
    `^trace {2}${folder}/trace\\.csv {2}${rows} rows {2}sha256 [0-9a-f]{64}$`,
  );
  expect(text.trimEnd().split('\n').at(-1)).toMatch(line);
});

test('a second run is identical to the first, and says so', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), '--out', out];
  await lockstep(argv);
  const { exit, out: text } = await lockstep(argv);
  expect(exit).toBe(0);
  expect(text).toMatch(/\nidentical to the first run \(verified\)\n$/);
  onlyFolder(out);
});

test('a second run that differs exits with 5 and shows both digests', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), '--out', out];
  await lockstep(argv);
  writeFileSync(join(onlyFolder(out), 'trace.csv'), 'other\n');
  const { exit, out: text } = await lockstep(argv);
  expect(exit).toBe(5);
  expect(text).toMatch(/trace\.csv\n +first +sha256 [0-9a-f]{64}\n +now +sha256 [0-9a-f]{64}\n/);
  expect(text).toMatch(/exit 5: not the same as the first run\n$/);
});

test('an expectation that fails exits with 4, so does a finding that nobody expects', async () => {
  const out = temporaryFolder();
  const failing = write(out, scenario("expect: ['lock.acquired(lock) == 11']"));
  const { exit, out: text } = await lockstep(['run', failing, '--out', out]);
  expect(exit).toBe(4);
  expect(text).toMatch(/^ {2}✗ lock\.acquired\(lock\) == 11 +10$/m);
  expect(text).toMatch(/exit 4: 1 check failed\n$/);
  const found = write(out, scenario().replace('delay 100us]', 'delay 100us, assert 1 == 2]'));
  const second = await lockstep(['run', found, '--out', out]);
  expect(second.exit).toBe(4);
  expect(second.out).toMatch(/^FINDINGS\n {2}assertion: worker on CPU 0 at .*, 10 times\n/m);
});

test('an invalid scenario exits with 3 and tells every error with its place', async () => {
  const out = temporaryFolder();
  const file = write(
    out,
    scenario().replace('hz: 100', 'hz: no').replace('spin_lock_irq', 'spin_luck'),
  );
  const { exit, out: text, err } = await lockstep(['run', file, '--out', out]);
  expect({ exit, text }).toEqual({ exit: 3, text: '' });
  expect(err).toMatch(/^.*tiny\.yaml:4:25: machine\.hz: .*\n.*tiny\.yaml:15:14: actors\.worker/);
  expect(existsSync(join(out, 'tiny'))).toBe(false);
});

test('a metric that the run does not have exits with 3 at its place in the file', async () => {
  const out = temporaryFolder();
  const file = write(out, scenario("expect: ['lock.aquired(lock) == 10']"));
  const { exit, err } = await lockstep(['run', file, '--out', out]);
  expect(exit).toBe(3);
  expect(err).toMatch(/tiny\.yaml:16:10: .*did you mean 'lock\.acquired\(lock\)'/);
});

test('a limit of the scenario that stops the run exits with 6', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), '--out', out, '--set', 'limits.events=50'];
  const { exit, out: text } = await lockstep(argv);
  expect(exit).toBe(6);
  expect(text).toMatch(/until a limit stopped it/);
  expect(text).toMatch(/exit 6: the run took 50 steps/);
});

test('a fault of ours exits with 1 and prints what we need to find it', async () => {
  const out = temporaryFolder();
  vi.spyOn(ScenarioRun.prototype, 'slice').mockImplementation(() => {
    throw new Error('the sky fell');
  });
  const argv = ['run', write(out), '--out', out, '--seed', '77'];
  const { exit, err } = await lockstep(argv);
  expect(exit).toBe(1);
  expect(err).toContain(`command  lockstep ${argv.join(' ')}\n`);
  expect(err).toMatch(/version {2}\d+\.\d+\.\d+ on Node v/);
  expect(err).toMatch(/seed {5}77\n {2}Error: the sky fell\n +at /);
});

test('Ctrl+C finishes the folder under a name that says so and exits with 130', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), write(out, scenario(), 'b.yaml'), '--out', out];
  const terminal = { interrupted: true };
  const { exit, out: text } = await lockstep([...argv, '--until', '100h'], terminal);
  expect(exit).toBe(130);
  const folder = onlyFolder(out);
  expect(folder).toMatch(/-interrupted$/);
  expect(text).toContain(`trace  ${folder}/trace.csv`);
  expect(text).toMatch(/exit 130: interrupted\n$/);
  const trace = readFileSync(join(folder, 'trace.csv'), 'utf8');
  expect(trace).toMatch(/\n\d+,[^\n]*\n$/);
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({
    ending: 'interrupted',
  });
});

test('a folder that cannot be written exits with 6 and is named', async () => {
  const folder = temporaryFolder();
  const file = write(folder);
  const { exit, err } = await lockstep(['run', file, '--out', join(file, 'below')]);
  expect(exit).toBe(6);
  expect(err).toContain(
    `cannot write ${join(file, 'below', 'tiny')}: a part of the path is a file`,
  );
});

test('an output folder that is a file is wrong usage', async () => {
  const file = write(temporaryFolder());
  const { exit, err } = await lockstep(['run', file, '--out', file]);
  expect(exit).toBe(2);
  expect(err).toContain('is a file, not a folder');
});

test('of several scenarios all are run and the worst decides', async () => {
  const out = temporaryFolder();
  const good = write(out);
  const failing = write(out, scenario("expect: ['lock.acquired(lock) == 11']"), 'failing.yaml');
  const limited = write(out, scenario('limits: { events: 20 }'), 'limited.yaml');
  const invalid = write(out, 'name: x\n', 'invalid.yaml');
  const exitOf = async (...files: string[]): Promise<number> =>
    (await lockstep(['run', ...files, '--out', out])).exit;
  expect(await exitOf(good, failing)).toBe(4);
  expect(await exitOf(limited, failing, good)).toBe(6);
  expect(await exitOf(limited, invalid, failing)).toBe(3);
  expect(readdirSync(join(out, 'tiny'))).toHaveLength(3);
});

test('--json prints one object for each run and nothing else', async () => {
  const out = temporaryFolder();
  const bad = write(out, 'name: 1\n', 'bad.yaml');
  const argv = ['run', write(out), bad, '--out', out, '--json'];
  const [first = '', second = '', ...rest] = (await lockstep(argv)).out.split('\n');
  expect(rest).toEqual(['']);
  expect(JSON.parse(first)).toMatchObject({
    scenario: 'tiny',
    seed: 1,
    machine: { kernel: 'linux-6.1', cpus: 1, hz: 100, preemption: 'none' },
    cpus: [{ cpu: 0, ns: { user: 0 } }],
    exit: 0,
    outcome: 'new',
    ending: 'until',
    timeNs: 20_000_000,
    folder: onlyFolder(out),
    trace: { path: join(onlyFolder(out), 'trace.csv') },
  });
  expect(JSON.parse(second)).toMatchObject({ file: bad, exit: 3, diagnostics: expect.any(Array) });
});

test('--quiet prints only where the trace is', async () => {
  const out = temporaryFolder();
  const { out: text } = await lockstep(['run', write(out), '--out', out, '--quiet']);
  expect(text).toMatch(/^trace {2}.* rows {2}sha256 [0-9a-f]{64}\n$/);
});

test('--print-config prints a scenario that is valid and effective, and runs nothing', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), '--out', out, '--set', 'machine.hz=250', '--print-config'];
  const { exit, out: text } = await lockstep(argv);
  expect(exit).toBe(0);
  expect(text).toMatch(/^ {2}hz: 250$/m);
  expect(readdirSync(out)).toEqual(['tiny.yaml']);
  const again = await lockstep(['run', write(out, text), '--print-config']);
  expect(again.out).toBe(text);
});

test('flags change the scenario, and another scenario has another folder', async () => {
  const out = temporaryFolder();
  const file = write(out);
  const variants = [
    [],
    ['--seed', '2'],
    ['--seed', 'a b'],
    ['--until', '5ms'],
    ['--trace', 'none'],
    ['--trace', 'irq_handler_entry, irq_handler_exit'],
    ['--set', 'machine.cpus=2'],
  ];
  for (const flags of variants) {
    const { exit } = await lockstep(['run', file, '--out', out, ...flags]);
    expect(exit, flags.join(' ')).toBe(0);
  }
  const folders = readdirSync(join(out, 'tiny')).sort();
  expect(folders.map((name) => name.split('-')[0])).toEqual(['1', '1', '1', '1', '1', '2', 'a_b']);
  const events = folders.map((name) => {
    const rows = readFileSync(join(out, 'tiny', name, 'trace.csv'), 'utf8')
      .split('\n')
      .slice(1, -1);
    return [...new Set(rows.map((row) => row.split(',')[7]))].join();
  });
  expect(events).toContain('');
  expect(events).toContain('irq_handler_entry,irq_handler_exit');
});

test('what a scenario reads is kept, so that its run can be made again without it', async () => {
  const out = temporaryFolder();
  const argv = ['run', 'netlink-icmp', '--out', out, '--until', '300ms', '--trace', 'all'];
  expect((await lockstep([...argv, '--set', 'expect.that=[]'])).exit).toBe(0);
  const folder = onlyFolder(out, 'netlink-icmp');
  expect(readdirSync(folder)).toContain('icmp-echo.pcap');
  const { exit, out: text, err } = await lockstep(['verify', folder]);
  expect(exit, text + err).toBe(0);
});

test('a random seed is printed and makes the same run when it is given', async () => {
  const out = temporaryFolder();
  const file = write(out);
  const { err } = await lockstep(['run', file, '--out', out, '--seed', 'random', '--quiet']);
  const seed = /^seed (\d+)\n$/.exec(err)?.[1] ?? '';
  const { out: text } = await lockstep(['run', file, '--out', out, '--seed', seed]);
  expect(text).toContain('identical to the first run');
});

test('an override of what the scenario does not have is an invalid scenario', async () => {
  const out = temporaryFolder();
  const { exit, err } = await lockstep(['run', write(out), '--out', out, '--set', 'machine.hx=1']);
  expect(exit).toBe(3);
  expect(err).toMatch(/--set machine\.hx=1: .*did you mean 'machine\.hz'/);
});

test('marks are ASCII unless the locale is UTF-8, and colours are for terminals', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), '--out', out];
  const plain = await lockstep(argv, { env: { LANG: 'C' }, tty: true });
  expect(plain.out).toMatch(/^ {2}\u001b\[32mok {2}\u001b\[39m no other findings/m);
  const colourless = [
    await lockstep(argv),
    await lockstep(argv, { env: { NO_COLOR: '1' }, tty: true }),
    await lockstep([...argv, '--no-color'], { tty: true }),
  ];
  for (const { out: text } of colourless) expect(text).not.toContain('\u001b');
});

test('a long run shows its progress on stderr and erases it at the end', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), '--out', out, '--until', '20s', '--trace', 'none', '--quiet'];
  const { err } = await lockstep(argv, { tty: true, tickMs: 600 });
  expect(err).toMatch(/^(\r\u001b\[Ksimulated [\d.]+\/20 s {2}[\d.]+[kM]? steps\/s)+\r\u001b\[K$/);
  const lines = await lockstep(argv, { tickMs: 6000 });
  expect(lines.err).toMatch(/^(simulated [\d.]+\/20 s {2}[\d.]+[kM]? steps\/s\n)+$/);
  expect((await lockstep(argv, { tty: true })).err).toBe('');
});

test('a recorded kernel case runs as a scenario of its own', async () => {
  const out = temporaryFolder();
  const name = 'user-spin-timer';
  const file = `test/conformance/kernel/cases/${name}.json`;
  const argv = ['run', file, '--out', out, '--set', 'machine.preemption=full', '--set', 'until=1s'];
  const { exit, out: text, err } = await lockstep(argv);
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(text).toMatch(/^linux-6\.1 {2}1 CPU {2}HZ 250 {2}preemption full$/m);
  expect(text).toMatch(/^ {2}userspin +\d+ +/m);
  const trace = readFileSync(join(onlyFolder(out, name), 'trace.csv'), 'utf8');
  expect(trace).toMatch(/,softirq,\d+,userspin,.*,log,fired,/);
});

test('--procfs-at prints files of /proc as they are then and does not change the run', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), '--out', out, '--quiet'];
  const { out: plain } = await lockstep(argv);
  const looking = ['--procfs-at', '10ms=/proc/uptime', '--procfs-at', '5ms'];
  const { exit, out: text } = await lockstep([...argv, ...looking]);
  expect(exit).toBe(0);
  expect(text.split('\n')[0]).toBe(plain.split('\n')[0]);
  expect(text).toContain('\n==> /proc/loadavg at 5ms <==\n0.00 0.00 0.00 ');
  expect(text).toMatch(/\n==> \/proc\/uptime at 10ms <==\n0\.01 \d\.\d\d\n$/);
});

test('--procfs-at wants a time, and a file that the kernel has', async () => {
  const out = temporaryFolder();
  const argv = ['run', write(out), '--out', out];
  const time = await lockstep([...argv, '--procfs-at', 'soon']);
  expect(time.exit).toBe(2);
  expect(time.err).toContain('--procfs-at soon');
  const file = await lockstep([...argv, '--procfs-at', '1ms=/proc/meminfo']);
  expect(file.exit).toBe(3);
  expect(file.err).toContain('linux-6.1 has no /proc/meminfo here, but cmdline, ');
});
