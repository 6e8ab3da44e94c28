/*
 * /proc/kmsg, fs/proc/kmsg.c: what printk() has said and nobody has read. A read waits for more if
 * there is nothing, and takes away what it gets. Left out: levels (all lines have that of a plain
 * printk) and the end of the log's memory.
 */
import type { Code, Context } from '../../context.ts';
import { errno } from '../../errno.ts';
import { bytesOfText } from '../../lib/text-bytes.ts';
import type { Machine } from '../../machine.ts';
import { TASK_INTERRUPTIBLE } from '../../sched/state.ts';
import { WaitQueueHead, __wake_up, wait_event_interruptible } from '../../sched/wait.ts';
import type { OpenedFile } from '../file.ts';
import { copy_to_iter, iov_iter_count, type IovIter } from '../uio.ts';
import type { proc_ops } from './entry.ts';

/** KERN_WARNING, the default level. */
const LEVEL = '<4>';
const O_NONBLOCK = 0o4000;

/** Since 2.6 the time stands before the text (CONFIG_PRINTK_TIME). */
function lines({ console, era }: Machine, from: number): string {
  return console
    .slice(from)
    .filter((line) => line.from === 'kernel')
    .map(({ timeNs, text }) => `${LEVEL}${era.timersInBottomHalf ? '' : stamp(timeNs)}${text}\n`)
    .join('');
}

/** `[%5lu.%06lu] `. */
function stamp(timeNs: number): string {
  const us = Math.floor(timeNs / 1000);
  const rest = String(us % 1_000_000).padStart(6, '0');
  return `[${String(Math.floor(us / 1_000_000)).padStart(5)}.${rest}] `;
}

/** The whole log: for those who look from outside. */
export function kmsg(machine: Machine): string {
  return lines(machine, 0);
}

class KernelLog {
  private readonly machine: Machine;
  private readonly log_wait = new WaitQueueHead('log_wait');
  /** Lines of the console that have been taken into `unread`. */
  private taken = 0;
  private unread = '';

  constructor(machine: Machine) {
    this.machine = machine;
    machine.onPrintk = (cpu) => __wake_up(cpu, this.log_wait, TASK_INTERRUPTIBLE, 1);
  }

  private look(): boolean {
    const { console } = this.machine;
    this.unread += lines(this.machine, this.taken);
    this.taken = console.length;
    return this.unread !== '';
  }

  *read(k: Context, file: OpenedFile, to: IovIter): Code<number> {
    yield k.machine.costs.call;
    if (!this.look()) {
      if ((file.f_flags & O_NONBLOCK) !== 0) return -errno.EAGAIN;
      const error = yield* wait_event_interruptible(k, this.log_wait, () => this.look());
      if (error < 0) return error;
    }
    const wanted = Math.min(this.unread.length, iov_iter_count(to));
    const n = copy_to_iter(k, bytesOfText(this.unread.slice(0, wanted)), to);
    if (n < wanted && n === 0) return -errno.EFAULT;
    this.unread = this.unread.slice(n);
    return n;
  }
}

export function kmsgMethods(machine: Machine): proc_ops {
  let log: KernelLog | null = null;
  return {
    *proc_open(k) {
      yield k.machine.costs.call;
      log ??= new KernelLog(machine);
      return 0;
    },
    proc_read: (k, file, to) => log!.read(k, file, to),
  };
}
