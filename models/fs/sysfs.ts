/*
 * Attributes of sysfs: fs/sysfs/file.c and dir.c of 2.6.24 and 2.6.32, fs/sysfs/file.c and
 * fs/kernfs of 6.1. A method has a page of the kernel to print to or to read from; while one runs,
 * it has an active reference, for which the removal of the attribute waits. Left out: directories
 * and kobjects, binary attributes, poll.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { errno } from '../errno.ts';
import { mutex_lock, mutex_unlock, Mutex } from '../locking/mutex.ts';
import { KernelBuffer } from '../mm/kernel-buffer.ts';
import { PAGE_SIZE } from '../mm/page.ts';
import { printk } from '../printk.ts';
import { might_sleep, wake_up_process } from '../sched/core.ts';
import { TASK_RUNNING, TASK_UNINTERRUPTIBLE, type Task } from '../sched/task.ts';
import { fsEras } from './era.ts';
import { FMODE_READ, FMODE_WRITE, inodesOf, type OpenedFile, type Position } from './file.ts';
import { copy_from_iter, copy_to_iter, type IovIter } from './uio.ts';

export interface AttributeOptions {
  readonly name: string;
  /** Permissions, as 0o644. */
  readonly mode: number;
  /** Prints to the page; returns the length, or a negative error number. */
  readonly show: ((k: Context, page: KernelBuffer) => Code<number>) | null;
  /** Takes `count` bytes of the page, which ends with a NUL; returns how many it took. */
  readonly store: ((k: Context, page: KernelBuffer, count: number) => Code<number>) | null;
}

/** struct attribute, with its node of the file system. */
export class Attribute {
  readonly options: AttributeOptions;
  /** Methods that run. */
  private active = 0;
  private removed = true;
  private remover: Task | null = null;

  constructor(options: AttributeOptions) {
    this.options = options;
  }

  get path(): string {
    return `/sys/${this.options.name}`;
  }

  /** sysfs_create_file(): 0, or -EEXIST. */
  *create(k: Context): Code<number> {
    yield* might_sleep(k, 'sysfs_create_file');
    yield k.step(this, k.machine.costs.call);
    const inodes = inodesOf(k.machine);
    if (inodes.has(this.path)) return -errno.EEXIST;
    const i_fop = {
      open: (context: Context, file: OpenedFile) => this.open(context, file),
      read: read_attribute,
      write: write_attribute,
    };
    inodes.set(this.path, { type: 'regular', mode: this.options.mode, i_fop });
    this.removed = false;
    return 0;
  }

  /** sysfs_remove_file(): nobody is inside of a method any more when it returns. */
  *remove(k: Context): Code {
    yield* might_sleep(k, 'sysfs_remove_file');
    yield k.step(this, k.machine.costs.call);
    inodesOf(k.machine).delete(this.path);
    this.removed = true;
    this.remover = k.current;
    k.current.waitingFor = this.path;
    for (;;) {
      k.current.state = TASK_UNINTERRUPTIBLE;
      if (this.active === 0) break;
      yield SCHEDULE;
    }
    k.current.state = TASK_RUNNING;
    this.remover = null;
  }

  private *open(k: Context, file: OpenedFile): Code<number> {
    const { mode, show, store } = this.options;
    const writes = (file.f_mode & FMODE_WRITE) !== 0;
    const reads = (file.f_mode & FMODE_READ) !== 0;
    yield k.step(this, k.machine.costs.call);
    if (this.removed) return -errno.ENODEV;
    if (writes && ((mode & 0o222) === 0 || store === null)) return -errno.EACCES;
    if (reads && ((mode & 0o444) === 0 || show === null)) return -errno.EACCES;
    file.private_data = new Opened(this);
    return 0;
  }

  /** sysfs_get_active() or kernfs_get_active() to its put: runs a method; -ENODEV if removed. */
  *inside(k: Context, method: () => Code<number>): Code<number> {
    yield k.step(this, k.machine.costs.access);
    if (this.removed) return -errno.ENODEV;
    this.active++;
    const result = yield* method();
    yield k.step(this, k.machine.costs.access);
    this.active--;
    if (this.active === 0 && this.remover !== null) wake_up_process(k.cpu, this.remover);
    return result;
  }
}

/** struct sysfs_buffer, struct kernfs_open_file: one open file. */
class Opened {
  readonly attribute: Attribute;
  readonly page: KernelBuffer;
  readonly mutex = new Mutex('&of->mutex');
  count = 0;
  filled = false;

  constructor(attribute: Attribute) {
    this.attribute = attribute;
    this.page = new KernelBuffer(attribute.path, PAGE_SIZE);
  }
}

function* locked(k: Context, file: OpenedFile, body: (of: Opened) => Code<number>): Code<number> {
  const of = file.private_data as Opened;
  yield* mutex_lock(k, of.mutex);
  const result = yield* body(of);
  yield* mutex_unlock(k, of.mutex);
  return result;
}

/** The method is called at the beginning only; what it printed is served from the page. */
function read_attribute(k: Context, file: OpenedFile, to: IovIter, pos: Position): Code<number> {
  return locked(k, file, function* (of) {
    if (!of.filled || pos.value === 0) {
      const error = yield* fill_read_buffer(k, of);
      if (error < 0) return error;
    }
    const length = Math.min(to.count, Math.max(0, of.count - pos.value));
    const copied = copy_to_iter(k, of.page.bytes(pos.value, length).slice(), to);
    if (length > 0 && copied === 0) return -errno.EFAULT;
    pos.value += copied;
    return copied;
  });
}

function* fill_read_buffer(k: Context, of: Opened): Code<number> {
  const { attribute, page } = of;
  page.bytes(0, PAGE_SIZE).fill(0);
  const count = yield* attribute.inside(k, () => attribute.options.show!(k, page));
  if (count < 0) return count;
  of.count = count;
  if (count >= PAGE_SIZE) {
    const { name } = attribute.options;
    if (fsEras[k.machine.era.name].sysfsOverflow === 'BUG' && count > PAGE_SIZE) {
      k.machine.findings.report(k.cpu, 'out-of-bounds', 'kernel BUG at fs/sysfs/file.c', name);
    }
    printk(k, `fill_read_buffer: ${name}_show returned bad count`);
    of.count = PAGE_SIZE - 1;
  }
  of.filled = true;
  return 0;
}

/** One call of the method for each write(), wherever the file's position is. */
function write_attribute(k: Context, file: OpenedFile, from: IovIter, pos: Position): Code<number> {
  return locked(k, file, function* ({ attribute, page }) {
    const size = Math.min(from.count, PAGE_SIZE - 1);
    const bytes = copy_from_iter(k, size, from);
    if (bytes.length < size) return -errno.EFAULT;
    page.bytes(0, size).set(bytes);
    page.bytes(size, 1).fill(0);
    const took = yield* attribute.inside(k, () => attribute.options.store!(k, page, size));
    if (took > 0) pos.value += took;
    return took;
  });
}
