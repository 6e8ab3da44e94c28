/*
 * A process of one or more threads (struct signal_struct, kernel/exit.c): they share descriptors
 * and dispositions. A thread whose function returns ends alone; when the first one does, or a
 * signal ends any of them, all end.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import type { Task } from '../sched/task.ts';
import { signals, type Disposition } from '../signal/signal.ts';
import { send_sig } from '../signal/send.ts';
import { UserProcess } from './process.ts';

export class ThreadGroup extends UserProcess {
  readonly uid: number;
  readonly dispositions = new Map<number, Disposition>();
  private readonly threads = new Set<Task>();
  private readonly returned = new Set<Task>();
  private ending = false;

  constructor(tgid: number, uid: number) {
    super(tgid);
    this.uid = uid;
  }

  override feed(into: Fingerprint): void {
    super.feed(into);
    into.add(this.threads.size * 2 + (this.ending ? 1 : 0));
    into.add(this.returned.size);
  }

  /** How many threads it has. */
  get size(): number {
    return this.threads.size;
  }

  add(task: Task): void {
    this.threads.add(task);
  }

  /** The thread's function is over; its end is not the others'. */
  noteReturn(task: Task): void {
    if (task.pid !== this.tgid) this.returned.add(task);
  }

  /** Called as each thread ends; the last one closes the files. */
  override *release(k: Context): Code {
    this.threads.delete(k.current);
    if (!this.returned.delete(k.current)) this.endAll(k);
    if (this.threads.size === 0) yield* super.release(k);
  }

  private endAll(k: Context): void {
    if (this.ending) return;
    this.ending = true;
    for (const task of this.threads) send_sig(k.cpu, signals.SIGKILL, task);
  }
}
