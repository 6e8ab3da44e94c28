/*
 * /proc/filesystems (fs/filesystems.c), mounts (fs/namespace.c, fs/proc_namespace.c), partitions
 * (drivers/block/genhd.c, block/genhd.c), locks (fs/locks.c) and modules (kernel/module.c). The
 * machine has the file systems that its models need and a disk that only pages come from; nobody
 * can lock a file.
 */
import type { Machine } from '../../machine.ts';

export interface LoadedModule {
  readonly name: string;
  readonly size: number;
  readonly users: number;
  readonly state: 'Live' | 'Loading' | 'Unloading';
}

const loaded = new WeakMap<Machine, () => readonly LoadedModule[]>();

/** Whoever loads modules says which there are, the newest first. */
export function provideModules(machine: Machine, list: () => readonly LoadedModule[]): void {
  loaded.set(machine, list);
}

export function modules(machine: Machine): string {
  const list = loaded.get(machine)?.() ?? [];
  const old = machine.era.timersInBottomHalf;
  return list
    .map(({ name, size, users, state }) =>
      old
        ? `${name.padEnd(20)}${String(size).padStart(8)}${String(users).padStart(4)}\n`
        : `${name} ${size} ${users} - ${state} 0x${'0'.repeat(machine.era.irqWork ? 16 : 8)}\n`,
    )
    .join('');
}

export function filesystems({ era }: Machine): string {
  const sysfs = era.timersInBottomHalf ? [] : ['sysfs'];
  const later = era.irqWork ? ['tmpfs', 'devtmpfs'] : ['tmpfs'];
  const nodev = [...sysfs, 'rootfs', 'bdev', 'proc', ...later, 'sockfs', 'pipefs'];
  return `${nodev.map((name) => `nodev\t${name}\n`).join('')}\text2\n`;
}

export function mounts({ era }: Machine): string {
  if (era.timersInBottomHalf)
    return 'rootfs / rootfs rw 0 0\n/dev/root / ext2 ro 0 0\nproc /proc proc rw 0 0\n';
  const options = era.softirqStatistics ? 'rw,relatime' : 'rw';
  return [
    'rootfs / rootfs rw 0 0',
    `/dev/root / ext2 ${options.replace('rw', 'ro')} 0 0`,
    `proc /proc proc ${options} 0 0`,
    `sysfs /sys sysfs ${options} 0 0`,
    '',
  ].join('\n');
}

export function partitions(): string {
  return 'major minor  #blocks  name\n\n   3     0    1048576 hda\n   3     1    1048576 hda1\n';
}

/** drivers/mtd/mtdcore.c: the machine has no such devices. */
export function mtd(): string {
  return 'dev:    size   erasesize  name\n';
}

export function locks(): string {
  return '';
}
