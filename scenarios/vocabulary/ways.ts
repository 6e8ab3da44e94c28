/*
 * Words for further ways into the kernel: a system call of the scenario's own, attributes of sysfs,
 * probes.
 */
import type { Code, Context } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import { register_chrdev, unregister_chrdev } from '../../models/fs/char_dev.ts';
import type { Attribute } from '../../models/fs/sysfs.ts';
import type { Probe } from '../../models/kprobes.ts';
import type { KernelBuffer } from '../../models/mm/kernel-buffer.ts';
import { bytesOfText } from '../../models/lib/text-bytes.ts';
import { PAGE_SIZE } from '../../models/mm/page.ts';
import { systemCall } from '../../models/user/signals.ts';
import type { CharDevice } from '../objects/files.ts';
import { currentFileCall, serveFileCall } from '../run/file-calls.ts';
import { kprobesOf } from '../run/probes.ts';
import { int, op, optional, text, userMode, type Arg, type Op } from './define.ts';
import { oops } from './files.ts';

const SYSFS = 'fs/sysfs/file.c';
const KPROBES = 'kernel/kprobes.c';

const callback: Arg<(k: Context) => Code<number>> = {
  name: 'function',
  kind: 'actor',
  types: ['callback'],
};

const callOps: readonly Op[] = [
  op(
    'syscall',
    [callback, optional(int('arg0')), optional(int('arg1')), optional(int('arg2'))],
    'int',
    'A system call that the kernel was given: its arguments are arg0 to arg2.',
    'kernel/sys_ni.c',
    (k, body, arg0, arg1, arg2) => {
      const args = new Map(Object.entries({ arg0, arg1, arg2 }).map(([n, v]) => [n, v ?? 0]));
      return systemCall(k, 'syscall', () => serveFileCall(k, { args }, body));
    },
  ),
];

const device: Arg<CharDevice> = { name: 'device', kind: 'object', types: ['chardev'] };

const deviceOps: readonly Op[] = [
  op(
    'register_chrdev',
    [device],
    'int',
    'The device can be opened from now on: 0, or -EBUSY.',
    'fs/char_dev.c',
    (k, { name, fops, owner }) => register_chrdev(k.machine, name, fops, owner),
  ),
  op(
    'unregister_chrdev',
    [device],
    'void',
    'It cannot be opened any more; who has it open keeps it.',
    'fs/char_dev.c',
    (k, { name }) => unregister_chrdev(k.machine, name),
  ),
];

const attribute: Arg<Attribute> = { name: 'attribute', kind: 'object', types: ['attribute'] };

function withPage(k: Context, where: string, act: (page: KernelBuffer) => number): number {
  const page = currentFileCall(k)?.page;
  return page === undefined ? oops(k, where) : act(page);
}

/** Prints at an offset of the page, as far as it goes. */
function emit(k: Context, at: number, value: number, format: string): number {
  return withPage(k, 'sysfs_emit', (page) => {
    const text = format.replace('%d', String(value)).replaceAll('\\n', '\n');
    const bytes = bytesOfText(text).subarray(0, Math.max(0, PAGE_SIZE - 1 - at));
    page.bytes(at, bytes.length).set(bytes);
    return bytes.length;
  });
}

const sysfsOps: readonly Op[] = [
  op(
    'sysfs_create_file',
    [attribute],
    'int',
    'The attribute can be opened from now on: 0, or -EEXIST.',
    SYSFS,
    (k, a) => a.create(k),
  ),
  op(
    'sysfs_remove_file',
    [attribute],
    'void',
    'It is gone, and so are all who were inside of its methods: waits for these.',
    SYSFS,
    (k, a) => a.remove(k),
  ),
  op(
    'sysfs_emit',
    [int('value'), text('format')],
    'int',
    "Prints to show()'s page a text in which the value stands for %d; its length.",
    SYSFS,
    (k, value, format) => emit(k, 0, value, format),
  ),
  op(
    'sysfs_emit_at',
    [int('at'), int('value'), text('format')],
    'int',
    'As sysfs_emit, from an offset of the page on.',
    SYSFS,
    emit,
  ),
  op(
    'kstrtoint',
    [{ name: 'value', kind: 'out' } as Arg<(value: number) => void>],
    'int',
    "The number that stands in store()'s page: 0, or -EINVAL.",
    'lib/kstrtox.c',
    (k, set) =>
      withPage(k, 'kstrtoint', (page) => {
        const all = page.bytes(0, PAGE_SIZE);
        const written = String.fromCharCode(...all.subarray(0, all.indexOf(0)));
        const found = /^([+-]?\d{1,10})\n?$/.exec(written);
        const value = Number(found?.[1] ?? NaN);
        if (found === null || value !== (value | 0)) return -errno.EINVAL;
        set(value);
        return 0;
      }),
  ),
];

const probe = (type: string): Arg<Probe> => ({ name: type, kind: 'object', types: [type] });

const probeOps: readonly Op[] = ['kprobe', 'jprobe', 'kretprobe'].flatMap((type) => [
  op(
    `register_${type}`,
    [probe(type)],
    'int',
    'From now on its handlers run: 0, or -EBUSY if it is registered.',
    KPROBES,
    (k, p) => kprobesOf(k.machine).register(k, p),
  ),
  op(
    `unregister_${type}`,
    [probe(type)],
    'void',
    'Its handlers no longer run when it returns.',
    KPROBES,
    (k, p) => kprobesOf(k.machine).unregister(k, p),
  ),
]);

export const wayOps: readonly Op[] = [
  ...callOps.map(userMode),
  ...deviceOps,
  ...sysfsOps,
  ...probeOps,
];
