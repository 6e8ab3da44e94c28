/* The files of /proc: what they say of a machine, by version, and what writing to them does. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../../models/context.ts';
import { kernelNames, type KernelName } from '../../../../models/era.ts';
import { errno } from '../../../../models/errno.ts';
import { O_NONBLOCK, O_RDONLY, O_WRONLY, open } from '../../../../models/fs/open.ts';
import { procNames, procText } from '../../../../models/fs/proc/root.ts';
import { read, write } from '../../../../models/fs/read_write.ts';
import { UserBuffer } from '../../../../models/fs/uio.ts';
import { bytesOfText } from '../../../../models/lib/text-bytes.ts';
import { bind, socket } from '../../../../models/net/netlink/syscalls.ts';
import { AF_NETLINK, NETLINK_USERSOCK, SOCK_RAW } from '../../../../models/net/netlink/uapi.ts';
import { printk } from '../../../../models/printk.ts';
import { compute, nanosleep } from '../../../../models/user/unistd.ts';
import { Bench, ms } from '../../user/bench.ts';
import { openReader } from '../files.ts';

function seenBy<T>(kernel: KernelName, main: (k: Context) => Code<T>): T {
  const bench = new Bench(kernel);
  const results: T[] = [];
  bench.run('usr', function* (k) {
    results.push(yield* main(k));
  });
  bench.until(10_000 * ms);
  return results[0]!;
}

function* cat(k: Context, name: string, size = 512): Code<string | number> {
  return yield* (yield* openReader(k, `/proc/${name}`)).readAll([size]);
}

function* echo(k: Context, name: string, text: string): Code<number> {
  const fd = yield* open(k, `/proc/${name}`, O_WRONLY);
  return fd < 0 ? fd : yield* write(k, fd, UserBuffer.of(bytesOfText(text)));
}

describe.each(kernelNames)('on %s', (kernel) => {
  it('a process reads what somebody outside sees, a byte or a page at a time', () => {
    const fixed = ['version', 'cmdline', 'cpuinfo', 'filesystems', 'ioports', 'mounts'];
    const seen = seenBy(kernel, function* (k) {
      const texts: unknown[] = [];
      for (const name of fixed) {
        texts.push([yield* cat(k, name), yield* cat(k, name, 1), procText(k.machine, name)]);
      }
      return texts as [unknown, unknown, unknown][];
    });
    for (const [page, byte, outside] of seen) expect([page, byte]).toEqual([outside, outside]);
  });

  it('every file has a text, and none is that of the host', () => {
    const { machine } = new Bench(kernel);
    for (const name of procNames(machine)) expect(typeof procText(machine, name)).toBe('string');
    expect(procText(machine, 'version')).toContain(`Linux version ${kernel.slice(6)}`);
    expect(procText(machine, 'nothing')).toBeNull();
  });
});

describe('/proc/stat and uptime', () => {
  it('count in hundredths of a second what each CPU did', () => {
    const bench = new Bench('linux-6.1', { cpus: 2 });
    bench.run('plain', (k) => compute(k, 300 * ms), { cpu: 0, allowed: [0] });
    bench.run('nice', (k) => compute(k, 200 * ms), {
      cpu: 1,
      allowed: [1],
      scheduling: { policy: 'SCHED_NORMAL', nice: 10 },
    });
    bench.until(250 * ms);
    const lines = procText(bench.machine, 'stat')!.split('\n');
    expect(lines[1]).toBe('cpu0 25 0 0 0 0 0 0 0 0 0');
    expect(lines[2]).toBe('cpu1 0 20 0 5 0 0 0 0 0 0');
    expect(lines).toContain('processes 2');
    expect(lines).toContain('procs_running 1');
    expect(procText(bench.machine, 'uptime')).toBe('0.25 0.05\n');
  });

  it('2.4 has four times for a CPU, later kernels more', () => {
    const fields = (kernel: KernelName): number => {
      const text = procText(new Bench(kernel).machine, 'stat')!;
      return text.split('\n')[1]!.split(' ').length - 1;
    };
    expect(kernelNames.map(fields)).toEqual([4, 9, 9, 10, 10]);
  });
});

describe('/proc/interrupts and softirqs', () => {
  it('count by CPU, as the trace does', () => {
    const bench = new Bench('linux-2.6.32', { cpus: 2 });
    const ticks = bench.watch('local_timer_entry');
    const softirqs = bench.watch('softirq_entry');
    bench.run('busy', (k) => compute(k, 50 * ms));
    bench.until(100 * ms);
    const row = (text: string, label: string): number[] =>
      (new RegExp(`^ *${label}: +(\\d+) +(\\d+)`, 'm').exec(text) ?? []).slice(1).map(Number);
    const loc = row(procText(bench.machine, 'interrupts')!, 'LOC');
    expect(loc.reduce((a, b) => a + b, 0)).toBe(ticks.length);
    const timer = row(procText(bench.machine, 'softirqs')!, 'TIMER');
    expect(timer.reduce((a, b) => a + b, 0)).toBe(softirqs.length);
    expect(ticks.length).toBeGreaterThan(40);
  });
});

describe('/proc/kmsg', () => {
  it('gives each line once, and waits for more', () => {
    const bench = new Bench('linux-2.6.24');
    const seen: unknown[] = [];
    bench.run('klogd', function* (k) {
      printk(k, 'first');
      const reader = yield* openReader(k, '/proc/kmsg');
      seen.push(yield* reader.read(100), yield* reader.read(100));
      const fd = yield* open(k, '/proc/kmsg', O_RDONLY | O_NONBLOCK);
      seen.push(yield* read(k, fd, new UserBuffer(10)));
    });
    bench.run('driver', function* (k) {
      yield* nanosleep(k, 20 * ms);
      printk(k, 'second');
    });
    bench.until(100 * ms);
    expect(seen).toEqual([
      expect.stringMatching(/^<4>\[ {4}0\.00\d{4}\] first\n$/),
      expect.stringMatching(/^<4>\[ {4}0\.02\d{4}\] second\n$/),
      -errno.EAGAIN,
    ]);
  });
});

describe('/proc/sys', () => {
  it('takes a number with blanks around it, in any base, and nothing else', () => {
    const seen = seenBy('linux-6.1', function* (k) {
      const results: unknown[] = [];
      for (const text of ['400\n', ' 0x200 \n', '0600', '12a\n', 'x', '', '300', '5000000']) {
        results.push(yield* echo(k, 'sys/kernel/pid_max', text));
        results.push(k.machine.sysctl.pid_max);
      }
      return results;
    });
    const invalid = -errno.EINVAL;
    expect(seen).toEqual([
      ...[4, 400, 8, 512, 4, 384],
      ...[invalid, 384, invalid, 384, 0, 384, invalid, 384, invalid, 384],
    ]);
  });

  it('a number that is read byte by byte is lost after the first, a text is not', () => {
    const seen = seenBy('linux-6.1', function* (k) {
      return [
        yield* cat(k, 'sys/kernel/pid_max', 1),
        yield* cat(k, 'sys/kernel/ostype', 1),
        yield* cat(k, 'sys/kernel/pid_max'),
      ];
    });
    expect(seen).toEqual(['3', 'Linux\n', '32768\n']);
  });

  it('not even root may write what nobody may', () => {
    expect(seenBy('linux-6.1', (k) => echo(k, 'sys/kernel/osrelease', '7.0'))).toBe(-errno.EACCES);
  });

  it('pid_max makes pids start again after the reserved ones', () => {
    const bench = new Bench('linux-6.1');
    const pids: number[] = [];
    bench.run('usr', function* (k) {
      yield* echo(k, 'sys/kernel/pid_max', '302');
      for (let i = 0; i < 303; i++) {
        const task = k.machine.newTask('user', 'x', 0);
        pids.push(task.pid);
        k.machine.forget(task);
      }
    });
    bench.until(10 * ms);
    expect([pids[0], ...pids.slice(-5)]).toEqual([3, 301, 300, 301, 300, 301]);
  });

  it.each([
    ['linux-2.4.27', []],
    ['linux-2.6.24', ['sched_latency_ns']],
    ['linux-2.6.32', ['hung_task_timeout_secs', 'sched_latency_ns', 'softlockup_thresh']],
    ['linux-6.1', ['hung_task_timeout_secs', 'watchdog_thresh']],
  ] as const)('has what the kernel has (%s)', (kernel, expected) => {
    const names = procNames(new Bench(kernel).machine);
    const asked = ['hung_task_timeout_secs', 'sched_latency_ns', 'softlockup_thresh'];
    const there = [...asked, 'watchdog_thresh'].filter((name) =>
      names.includes(`sys/kernel/${name}`),
    );
    expect(there).toEqual(expected);
  });
});

describe('/proc/net/netlink', () => {
  it.each([
    [
      'linux-2.4.27',
      'sk       Eth Pid    Groups   Rmem     Wmem     Dump     Locks\n' +
        'c0100000 2   7      00000000 0        0        00000000 2\n',
    ],
    [
      'linux-2.6.32',
      'sk       Eth Pid    Groups   Rmem     Wmem     Dump     Locks     Drops\n' +
        'c0100000 2   7      00000000 0        0        00000000 2        0       \n',
    ],
    [
      'linux-6.1',
      'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n' +
        '00000000c0100000 2   7          00000000 0        0        ' +
        '0     2        0        1       \n',
    ],
  ] as const)('has a row for each bound socket (%s)', (kernel, expected) => {
    const seen = seenBy(kernel, function* (k) {
      const fd = yield* socket(k, AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
      yield* bind(k, fd, { nl_pid: 7, nl_groups: 0 });
      return yield* cat(k, 'net/netlink');
    });
    expect(seen).toBe(expected);
  });
});
