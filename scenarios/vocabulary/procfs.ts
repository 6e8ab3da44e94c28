/*
 * Words with which modules make and remove entries of /proc. A pointer to an entry is an object of
 * type proc_dir_entry; it is NULL while the entry has not been made.
 */
import type { Code, Context } from '../../models/context.ts';
import { proc_remove, remove_proc_entry } from '../../models/fs/proc/generic.ts';
import type { ProcDirEntry } from '../../models/fs/proc/entry.ts';
import { page_fault_oops } from '../../models/mm/fault.ts';
import type { EntryObject } from '../objects/procfs.ts';
import { write } from '../../models/fs/read_write.ts';
import { UserBuffer } from '../../models/fs/uio.ts';
import { bytesOfText } from '../../models/lib/text-bytes.ts';
import { int, op, text, userMode, type Arg, type Op } from './define.ts';
import { unescaped } from './strings.ts';

const GENERIC = 'fs/proc/generic.c';
const PROC_FS = 'include/linux/proc_fs.h';

const entry: Arg<EntryObject> = { name: 'entry', kind: 'object', types: ['proc_dir_entry'] };
const callback: Arg<(k: Context) => Code<number>> = {
  name: 'method',
  kind: 'actor',
  types: ['callback'],
};

/** offsetof(struct proc_dir_entry, read_proc) on i386: where NULL->read_proc is. */
const READ_PROC = 0x38;

/** `my_proc_fs->read_proc = method`: through a NULL pointer it is an oops. */
function* assign(k: Context, object: EntryObject, set: (entry: ProcDirEntry) => void): Code {
  yield k.step(object, k.machine.costs.access);
  if (object.entry === null) yield* page_fault_oops(k, READ_PROC, 'use-before-init');
  else set(object.entry);
}

/** What programs do with such files, beside read and write. */
const programOps: readonly Op[] = [
  op(
    'writeText',
    [int('fd'), text('text')],
    'int',
    'Writes a text, as echo -n does.',
    'fs/read_write.c',
    (k, fd, written) => write(k, fd, UserBuffer.of(bytesOfText(unescaped(written)))),
  ),
];

const moduleOps: readonly Op[] = [
  op('proc_mkdir', [entry], 'int', 'Makes a directory; 0 (NULL) if it fails.', GENERIC, (k, e) =>
    e.mkdir(k),
  ),
  op(
    'create_proc_entry',
    [entry],
    'int',
    'Makes a file without methods (until 3.9); 0 (NULL) if it fails.',
    GENERIC,
    (k, e) => e.createEmpty(k),
  ),
  op(
    'assignReadProc',
    [entry, callback],
    'void',
    'entry->read_proc = method; an oops if the entry is NULL.',
    PROC_FS,
    (k, e, method) =>
      assign(k, e, (made) => {
        made.read_proc = e.readProc(method);
      }),
  ),
  op(
    'assignWriteProc',
    [entry, callback],
    'void',
    'entry->write_proc = method; an oops if the entry is NULL.',
    PROC_FS,
    (k, e, method) =>
      assign(k, e, (made) => {
        made.write_proc = e.writeProc(method);
      }),
  ),
  op(
    'assignProcFops',
    [entry],
    'void',
    'entry->proc_fops = its proc_ methods (until 3.9); an oops if the entry is NULL.',
    PROC_FS,
    (k, e) => assign(k, e, (made) => e.assignOperations(made)),
  ),
  op(
    'create_proc_read_entry',
    [entry, callback],
    'int',
    'create_proc_entry, and read_proc and data after it (until 3.9); 0 (NULL) if it fails.',
    PROC_FS,
    function* (k, e, method) {
      if ((yield* e.createEmpty(k)) === 0) return 0;
      yield* assign(k, e, (made) => {
        made.read_proc = e.readProc(method);
        made.data = e.data;
      });
      return 1;
    },
  ),
  op(
    'proc_create',
    [entry],
    'int',
    'Makes a file with its proc_ methods (since 2.6.25); 0 (NULL) if it fails.',
    GENERIC,
    (k, e) => e.create(k, e.data),
  ),
  op(
    'proc_create_data',
    [entry, int('data')],
    'int',
    'As proc_create, with its private pointer.',
    GENERIC,
    (k, e, data) => e.create(k, data),
  ),
  op(
    'remove_proc_entry',
    [entry],
    'void',
    'Takes the entry away, by its name; since 2.6.23 it waits until no method runs.',
    GENERIC,
    (k, e) => remove_proc_entry(k, e.procName, e.parent),
  ),
  op(
    'proc_remove',
    [entry],
    'void',
    'As remove_proc_entry, by the pointer (since 3.10); NULL is ignored.',
    GENERIC,
    (k, e) => proc_remove(k, e.entry),
  ),
];

export const procOps: readonly Op[] = [...moduleOps, ...programOps.map(userMode)];
