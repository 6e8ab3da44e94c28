/*
 * /proc/version, cmdline and cpuinfo: what is fixed when a machine boots. Sources: init/version.c,
 * fs/proc/cmdline.c, arch/i386/kernel/setup.c of 2.4 and arch/x86/kernel/cpu/proc.c. The machine's
 * CPUs are imaginary; nothing here is of the host.
 */
import type { KernelName } from '../../era.ts';
import type { Machine } from '../../machine.ts';

interface Build {
  readonly release: string;
  readonly compiler: string;
}

const builds: Readonly<Record<KernelName, Build>> = {
  'linux-2.4.27': { release: '2.4.27', compiler: 'gcc version 3.3.4' },
  'linux-2.6.24': { release: '2.6.24', compiler: 'gcc version 4.2.3' },
  'linux-2.6.32': { release: '2.6.32.67', compiler: 'gcc version 4.4.5' },
  'linux-6.1': {
    release: '6.1.192',
    compiler: 'gcc-12 (GCC) 12.2.0, GNU ld (GNU Binutils) 2.40',
  },
  'linux-6.12': {
    release: '6.12.0',
    compiler: 'gcc-14 (GCC) 14.2.0, GNU ld (GNU Binutils) 2.44',
  },
};

/** uname -r. */
export function release({ era }: Machine): string {
  return builds[era.name].release;
}

/** uname -v: the clock of the machine, and so of its builder, begins at 0. */
export function utsVersion({ cpus, preemption }: Machine): string {
  const smp = cpus.length > 1 ? ' SMP' : '';
  const models: Readonly<Record<string, string>> = {
    full: ' PREEMPT',
    lazy: ' PREEMPT_LAZY',
    rt: ' PREEMPT_RT',
  };
  return `#1${smp}${models[preemption] ?? ''} Thu Jan 1 00:00:00 UTC 1970`;
}

export function version(machine: Machine): string {
  const { compiler } = builds[machine.era.name];
  return (
    `Linux version ${release(machine)} (lockstep@lockstep) (${compiler}) ` +
    `${utsVersion(machine)}\n`
  );
}

export function cmdline({ cpus, preemption, era }: Machine): string {
  const dynamic = era.irqWork ? ` preempt=${preemption}` : '';
  const smp = era.irqWork ? 'nr_cpus' : 'maxcpus';
  return `root=/dev/hda1 ro console=ttyS0 ${smp}=${cpus.length}${dynamic}\n`;
}

export function cpuinfo({ cpus, era }: Machine): string {
  const old = era.timersInBottomHalf;
  return cpus
    .map(({ id }) => {
      const fields: [string, string][] = [
        ['processor', String(id)],
        ['vendor_id', 'Lockstep'],
        ['cpu family', '6'],
        ['model', '1'],
        ['model name', 'Lockstep virtual CPU'],
        ['stepping', '0'],
        ['cpu MHz', '1000.000'],
        ['cache size', old ? '0 KB' : '512 KB'],
      ];
      return `${fields.map(([name, value]) => `${tabbed(name)}: ${value}\n`).join('')}\n`;
    })
    .join('');
}

/** The colon stands in the third column of tabs. */
function tabbed(name: string): string {
  return `${name}${name.length < 8 ? '\t\t' : '\t'}`;
}
