/*
 * Objects that processes open: character devices whose methods are actors, and files of records in
 * /proc.
 */
import { z } from 'zod';
import type { Context } from '../../models/context.ts';
import { register_chrdev } from '../../models/fs/char_dev.ts';
import type { file_operations } from '../../models/fs/file.ts';
import { seq_puts } from '../../models/fs/seq_file.ts';
import { EPOLLIN, EPOLLRDNORM } from '../../models/net/netlink/uapi.ts';
import { WaitQueueHead } from '../../models/sched/wait.ts';
import type { Module } from '../../models/module.ts';
import { moduleOf } from './modules.ts';
import { fd_set } from '../../models/user/select.ts';
import { objectType, type ObjectType } from './object-type.ts';
import { createRecordFile, recordText } from './record-file.ts';
import { ScenarioError } from '../run/error.ts';
import { serveFileCall, type FileCall } from '../run/file-calls.ts';
import type { SharedVariable } from '../run/variables.ts';
import type { World } from '../run/world.ts';

const method = (what: string) =>
  z.string().optional().describe(`The actor of kind callback that is its ${what}().`);

/** The value of a shared variable, by its name in a field. */
function variableOf(world: World, path: string, name: string): () => number {
  const variable: SharedVariable | undefined = world.variables.find((one) => one.name === name);
  if (variable === undefined) throw new ScenarioError(null, `${path}: no variable '${name}'`);
  return () => variable.values[0]!;
}

const chardev = objectType(
  {
    name: 'chardev',
    fields: z.strictObject({
      open: method('open'),
      read: method('read'),
      write: method('write'),
      release: method('release'),
      mmap: method('mmap'),
      unlocked_ioctl: method('unlocked_ioctl'),
      queue: z.string().optional().describe('The wait queue on which poll() of it waits.'),
      readable: z
        .string()
        .optional()
        .describe('The shared variable that tells poll() whether there is something to read.'),
      owner: z.string().optional().describe('The module of the driver: an open file holds it.'),
      registered: z
        .boolean()
        .default(true)
        .describe('There from the beginning; false: register_chrdev makes it.'),
    }),
    about:
      'A character device, `/dev/NAME`: what its methods `exit` with, the system call returns.',
    source: 'fs/char_dev.c',
  },
  (world, name, fields) => {
    const { owner } = fields;
    const device: CharDevice = {
      name,
      fops: { ...methodsOf(world, fields), ...pollOf(world, name, fields) },
      owner: owner === undefined ? null : moduleOf(world, owner, `objects.${name}.owner`),
    };
    if (fields.registered) register_chrdev(world.machine, name, device.fops, device.owner);
    return device;
  },
);

/** What register_chrdev() gets. */
export interface CharDevice {
  readonly name: string;
  readonly fops: file_operations;
  readonly owner: Module | null;
}

type Method = 'open' | 'read' | 'write' | 'release' | 'mmap' | 'unlocked_ioctl';
type Methods = { readonly [M in Method]?: string | undefined };

/** Methods that are actors, each with what its call has. */
function methodsOf(world: World, fields: Methods): file_operations {
  const { open, read, write, release, mmap, unlocked_ioctl } = fields;
  const serve = (k: Context, call: FileCall, actor: string) =>
    serveFileCall(k, call, world.callback(actor));
  const transfer = (actor: string): NonNullable<file_operations['read']> => {
    return (k, file, iter) => {
      const args = new Map([['count', iter.count]]);
      if (iter.buffer.address !== null) args.set('buf', iter.buffer.address);
      return serve(k, { file, iter, args }, actor);
    };
  };
  const other = (actor: string): NonNullable<file_operations['open']> => {
    return (k, file) => serve(k, { file }, actor);
  };
  return {
    ...(open === undefined ? {} : { open: other(open) }),
    ...(read === undefined ? {} : { read: transfer(read) }),
    ...(write === undefined ? {} : { write: transfer(write) }),
    ...(release === undefined ? {} : { release: other(release) }),
    ...(mmap === undefined ? {} : { mmap: (k, file, vma) => serve(k, { file, vma }, mmap) }),
    ...(unlocked_ioctl === undefined
      ? {}
      : {
          unlocked_ioctl: (k, file, cmd, arg) =>
            serve(k, { file, args: new Map(Object.entries({ cmd, arg })) }, unlocked_ioctl),
        }),
  };
}

interface PollFields {
  readonly queue?: string | undefined;
  readonly readable?: string | undefined;
}

function pollOf(world: World, name: string, { queue, readable }: PollFields): file_operations {
  return readable === undefined ? {} : { poll: pollMethod(world, name, queue, readable) };
}

/** Readable while the variable is not 0; who waits does so on the queue. */
function pollMethod(
  world: World,
  name: string,
  queue: string | undefined,
  readable: string,
): NonNullable<file_operations['poll']> {
  const value = variableOf(world, `objects.${name}.readable`, readable);
  const head = queue === undefined ? null : world.object(queue);
  if (head !== null && !(head instanceof WaitQueueHead)) {
    const text = `objects.${name}.queue: no wait_queue_head '${queue}' stands before it`;
    throw new ScenarioError(null, text);
  }
  return (_k, _file, table) => {
    if (head !== null) table?.wait(head);
    return value() === 0 ? 0 : EPOLLIN | EPOLLRDNORM;
  };
}

const seqFile = objectType(
  {
    name: 'seq_file',
    fields: z.strictObject({
      records: z
        .union([z.int().min(0), z.string()], { error: 'expected a number or a variable' })
        .describe('How many records it has, or the shared variable that says so.'),
      record_bytes: z.int().min(5).max(65_536).default(20).describe('The length of each.'),
    }),
    about: 'A file of numbered records that a driver shows one by one, `/proc/NAME`.',
    source: 'fs/seq_file.c',
  },
  (world, name, { records, record_bytes }) => {
    const count =
      typeof records === 'number'
        ? () => records
        : variableOf(world, `objects.${name}.records`, records);
    createRecordFile(world.machine, name, {
      count,
      show: (m, place) => {
        seq_puts(m, recordText(place, record_bytes));
        return 0;
      },
    });
    return name;
  },
);

const fdSet = objectType(
  {
    name: 'fd_set',
    fields: z.strictObject({}),
    about: 'A set of descriptors of a program, for select().',
    source: 'fs/select.c',
  },
  () => new fd_set(),
);

export const fileTypes: readonly ObjectType[] = [chardev, seqFile, fdSet];
