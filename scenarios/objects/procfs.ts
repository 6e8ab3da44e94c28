/*
 * Objects of procfs: entries, whose methods are actors of kind callback, and arrays of characters
 * that such a driver keeps.
 */
import { z } from 'zod';
import type { Fingerprint, Stateful } from '../../engine/index.ts';
import type { Code, Context } from '../../models/context.ts';
import type { OpenedFile, Position } from '../../models/fs/file.ts';
import { makeEntry } from '../../models/fs/proc.ts';
import { proc_create_data, create_proc_entry, proc_mkdir } from '../../models/fs/proc/generic.ts';
import type {
  ProcDirEntry,
  proc_ops,
  read_proc_t,
  write_proc_t,
} from '../../models/fs/proc/entry.ts';
import { procEras } from '../../models/fs/proc/era.ts';
import { default_llseek } from '../../models/fs/read_write.ts';
import { singleMethods } from '../../models/fs/seq_methods.ts';
import type { IovIter } from '../../models/fs/uio.ts';
import { CharArray } from '../../models/lib/string.ts';
import { bytesOfText } from '../../models/lib/text-bytes.ts';
import { SlabObject, deref } from '../../models/mm/slab.ts';
import { ScenarioError } from '../run/error.ts';
import { serveFileCall, type FileCall } from '../run/file-calls.ts';
import type { World } from '../run/world.ts';
import { objectType, type ObjectType } from './object-type.ts';

const method = (what: string) =>
  z.string().optional().describe(`The actor of kind callback that is its ${what}.`);

const fields = z.strictObject({
  name: z
    .string()
    .regex(/^[^/\s]+(\/[^/\s]+)*$/)
    .optional()
    .describe('Its name below its parent (default: that of the object).'),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/)
    .default('0444')
    .describe('Its permissions, in octal and quotes: "0666".'),
  parent: z.string().optional().describe('The entry that is its directory (default: /proc).'),
  directory: z.boolean().default(false).describe('It is a directory.'),
  exists: z
    .boolean()
    .default(true)
    .describe('It is there with its methods from the beginning; otherwise the steps make it.'),
  read_proc: method('read_proc() (until 3.9)'),
  write_proc: method('write_proc() (until 3.9)'),
  proc_open: method('open()'),
  proc_read: method('read()'),
  proc_write: method('write()'),
  proc_release: method('release()'),
  show: method('show(), which makes the one record of a seq_file'),
  data: z.int().default(0).describe('Its private pointer, a number here.'),
  owner: z
    .string()
    .optional()
    .describe('The mem object that holds the code of its methods, as a module does.'),
});

type Fields = z.output<typeof fields>;

/** What a scenario calls an entry: the pointer, and what it points to once that is made. */
export class EntryObject implements Stateful {
  entry: ProcDirEntry | null = null;
  private readonly world: World;
  private readonly name: string;
  private readonly fields: Fields;

  constructor(world: World, name: string, given: Fields) {
    this.world = world;
    this.name = name;
    this.fields = given;
    if (given.exists) this.makeNow();
  }

  feed(into: Fingerprint): void {
    if (this.entry === null) into.add(-1);
    else this.entry.feed(into);
  }

  get data(): number {
    return this.fields.data;
  }

  get parent(): ProcDirEntry | null {
    const { parent } = this.fields;
    return parent === undefined ? null : entryObject(this.world, this.name, parent).entry;
  }

  /** Its name below its parent. */
  get procName(): string {
    return this.fields.name ?? this.name;
  }

  *mkdir(k: Context): Code<number> {
    this.entry = yield* proc_mkdir(k, this.wanted());
    return this.entry === null ? 0 : 1;
  }

  *createEmpty(k: Context): Code<number> {
    this.entry = yield* create_proc_entry(k, this.wanted());
    return this.entry === null ? 0 : 1;
  }

  /** entry->proc_fops = &fops, while struct proc_dir_entry can be seen. */
  assignOperations(entry: ProcDirEntry): void {
    entry.proc_ops = this.operations() ?? {};
  }

  *create(k: Context, data: number): Code<number> {
    this.entry = yield* proc_create_data(k, this.wanted(), this.operations() ?? {}, data);
    return this.entry === null ? 0 : 1;
  }

  readProc(code: (k: Context) => Code<number>): read_proc_t {
    return (k, call) => this.call(k, { readProc: call }, code);
  }

  writeProc(code: (k: Context) => Code<number>): write_proc_t {
    return (k, file, iter, _count, data) => this.call(k, { file, iter, data }, code);
  }

  private wanted(): Parameters<typeof proc_mkdir>[1] {
    const mode = Number.parseInt(this.fields.mode, 8);
    return { name: this.procName, mode, parent: this.parent, footprint: this };
  }

  /** As if its module had been loaded long ago. */
  private makeNow(): void {
    const { world, fields: given } = this;
    const { mode, parent } = this.wanted();
    const path = parent === null ? this.procName : `${parent.path}/${this.procName}`;
    const isDirectory = given.directory;
    this.entry = makeEntry(world.machine, path, { mode, isDirectory, footprint: this });
    this.entry.data = given.data;
    if (isDirectory) return;
    const { read_proc, write_proc } = given;
    if (read_proc === undefined && write_proc === undefined) {
      this.entry.proc_ops = this.operations();
      return;
    }
    if (!procEras[world.machine.era.name].readProc) {
      const text = `${world.machine.era.name} has no read_proc and write_proc (until 3.9)`;
      throw new ScenarioError(null, `objects.${this.name}: ${text}`);
    }
    if (read_proc !== undefined) this.entry.read_proc = this.readProc(this.later(read_proc));
    if (write_proc !== undefined) this.entry.write_proc = this.writeProc(this.later(write_proc));
  }

  /** Actors are made after objects. */
  private later(actor: string): (k: Context) => Code<number> {
    return (k) => this.world.callback(actor)(k);
  }

  private operations(): proc_ops | null {
    const { proc_open, proc_read, proc_write, proc_release, show } = this.fields;
    if (show !== undefined) return this.seqOperations(show);
    const transfer = (actor: string) => {
      return (k: Context, file: OpenedFile, iter: IovIter, pos: Position): Code<number> =>
        this.call(k, { file, iter, pos }, this.later(actor));
    };
    const other = (actor: string) => {
      return (k: Context, file: OpenedFile): Code<number> =>
        this.call(k, { file }, this.later(actor));
    };
    return {
      proc_lseek: default_llseek,
      ...(proc_open === undefined ? {} : { proc_open: other(proc_open) }),
      ...(proc_read === undefined ? {} : { proc_read: transfer(proc_read) }),
      ...(proc_write === undefined ? {} : { proc_write: transfer(proc_write) }),
      ...(proc_release === undefined ? {} : { proc_release: other(proc_release) }),
    };
  }

  private seqOperations(show: string): proc_ops {
    const { proc_write } = this.fields;
    const methods = singleMethods((k, seq) =>
      this.call(k, { file: seq.file, seq }, this.later(show)),
    );
    if (proc_write === undefined) return methods;
    return {
      ...methods,
      proc_write: (k, file, iter, pos) => this.call(k, { file, iter, pos }, this.later(proc_write)),
    };
  }

  /** Calls a method, whose code is in its module's memory when it begins and when it returns. */
  private *call(k: Context, call: FileCall, code: (k: Context) => Code<number>): Code<number> {
    const owner = this.owner();
    if (owner !== null) yield* deref(k, owner);
    const result = yield* serveFileCall(k, { data: this.entry?.data ?? 0, ...call }, code);
    if (owner !== null) yield* deref(k, owner);
    return result;
  }

  private owner(): SlabObject | null {
    const { owner } = this.fields;
    if (owner === undefined) return null;
    const object = this.world.object(owner);
    if (object instanceof SlabObject) return object;
    throw new ScenarioError(null, `objects.${this.name}.owner: no mem object '${owner}'`);
  }
}

function entryObject(world: World, name: string, of: string): EntryObject {
  const object = world.object(of);
  if (object instanceof EntryObject) return object;
  const text = `no proc_dir_entry '${of}' stands before it`;
  throw new ScenarioError(null, `objects.${name}.parent: ${text}`);
}

const procDirEntry = objectType(
  {
    name: 'proc_dir_entry',
    fields,
    about: 'An entry of /proc: what its methods `exit` with, the system call returns.',
    source: 'fs/proc/generic.c',
  },
  (world, name, given) => new EntryObject(world, name, given),
);

const charArray = objectType(
  {
    name: 'char_array',
    short: 'size',
    fields: z.strictObject({
      size: z.int().min(1).max(65_536).default(128).describe('How many bytes it has.'),
      text: z.string().default('').describe('What it holds at first; zeros follow.'),
    }),
    about: 'An array of characters in the memory of the kernel: `static char NAME[size]`.',
    source: 'lib/string.c',
  },
  (_world, name, { size, text }) => {
    if (text.length > size) {
      throw new ScenarioError(null, `objects.${name}.text: has more than ${size} characters`);
    }
    return new CharArray(name, size, bytesOfText(text));
  },
);

export const procTypes: readonly ObjectType[] = [procDirEntry, charArray];
