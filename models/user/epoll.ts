/*
 * epoll, fs/eventpoll.c: a set of watched files, and the list of those that may be ready. A file's
 * wake-up puts it on the list; epoll_wait looks at what is listed and keeps level-triggered files
 * there, so that an edge-triggered one is reported again only after its next wake-up.
 */
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { errno } from '../errno.ts';
import { EPOLLERR, EPOLLIN, EPOLLRDNORM } from '../net/netlink/uapi.ts';
import { might_sleep } from '../sched/core.ts';
import { TASK_INTERRUPTIBLE } from '../sched/task.ts';
import {
  WaitEntry,
  WaitQueueHead,
  __wake_up,
  add_wait_queue,
  autoremove_wake_function,
  finish_wait,
  prepare_to_wait_exclusive,
  remove_wait_queue,
} from '../sched/wait.ts';
import { signal_pending } from '../signal/signal.ts';
import { File, processOf, withFile, type PollTable } from './file.ts';
import { EPOLLHUP, PollTimeout } from './poll.ts';
import { systemCall } from './signals.ts';

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLONESHOT = 0x40000000;
export const EPOLLET = 0x80000000;

/** The bits that are no events: EPOLLET and EPOLLONESHOT. */
const PRIVATE_BITS = EPOLLET | EPOLLONESHOT;

/** struct epoll_event. */
export interface epoll_event {
  readonly events: number;
  readonly data: number;
}

/** struct epitem: one watched file. */
class EpItem {
  readonly file: File;
  readonly entries: WaitEntry[] = [];
  event: epoll_event;
  /** Called when the file is gone. */
  readonly forget: () => void;

  constructor(file: File, event: epoll_event, forget: () => void) {
    this.file = file;
    this.event = event;
    this.forget = forget;
  }

  /** ep_item_poll(). */
  ready(k: Context, table: PollTable | null): number {
    return this.file.poll(k, table) & this.event.events & ~PRIVATE_BITS;
  }
}

export class EventPoll extends File {
  private readonly items = new Map<number, EpItem>();
  /** rdllist. */
  private readonly listed = new Set<EpItem>();
  private readonly waiters = new WaitQueueHead('epoll_wait');
  private readonly pollers = new WaitQueueHead('epoll');

  override poll(_k: Context, table: PollTable | null): number {
    table?.wait(this.pollers);
    return this.listed.size > 0 ? EPOLLIN | EPOLLRDNORM : 0;
  }

  protected override *destroy(k: Context): Code {
    for (const fd of this.items.keys()) this.remove(fd);
    yield k.machine.costs.call;
  }

  /** ep_insert(), ep_modify() and ep_remove(): 0 or a negative error number. */
  control(k: Context, op: number, fd: number, file: File, event: epoll_event | null): number {
    const item = this.items.get(fd);
    const watched = item?.file === file ? item : undefined;
    if (op === EPOLL_CTL_DEL) {
      if (watched === undefined) return -errno.ENOENT;
      this.remove(fd);
      return 0;
    }
    if (event === null) return -errno.EFAULT;
    const full = { events: event.events | EPOLLERR | EPOLLHUP, data: event.data };
    if (op === EPOLL_CTL_ADD) {
      if (watched !== undefined) return -errno.EEXIST;
      this.insert(k, fd, new EpItem(file, full, () => this.remove(fd)));
      return 0;
    }
    if (op !== EPOLL_CTL_MOD) return -errno.EINVAL;
    if (watched === undefined) return -errno.ENOENT;
    watched.event = full;
    this.listIfReady(k, watched, null);
    return 0;
  }

  private insert(k: Context, fd: number, item: EpItem): void {
    this.items.set(fd, item);
    item.file.watchers.add(item.forget);
    const queued: PollTable = {
      wait: (queue) => {
        const entry = new WaitEntry(k.current, (_entry, waker, _mode, key) => {
          return this.callback(item, waker, key);
        });
        add_wait_queue(queue, entry);
        item.entries.push(entry);
      },
    };
    this.listIfReady(k, item, queued);
  }

  private listIfReady(k: Context, item: EpItem, table: PollTable | null): void {
    if (item.ready(k, table) !== 0) this.list(item, k.cpu);
  }

  /** ep_poll_callback(): a wake-up of the file. */
  private callback(item: EpItem, waker: Cpu, key: number): boolean {
    const { events } = item.event;
    const disabled = (events & ~PRIVATE_BITS) === 0;
    if (disabled || (key !== 0 && (key & events) === 0)) return false;
    this.list(item, waker);
    return true;
  }

  private list(item: EpItem, waker: Cpu): void {
    this.listed.add(item);
    __wake_up(waker, this.waiters, TASK_INTERRUPTIBLE, 1);
    __wake_up(waker, this.pollers, TASK_INTERRUPTIBLE, 1, EPOLLIN);
  }

  private remove(fd: number): void {
    const item = this.items.get(fd);
    if (item === undefined) return;
    for (const entry of item.entries) remove_wait_queue(entry);
    item.file.watchers.delete(item.forget);
    this.listed.delete(item);
    this.items.delete(fd);
  }

  /** ep_poll(): waits until something is listed that is ready; 0, a count or -EINTR. */
  *wait(k: Context, into: epoll_event[], max: number, timeout: PollTimeout): Code<number> {
    if (max <= 0) return -errno.EINVAL;
    yield* might_sleep(k, 'epoll_wait');
    const entry = new WaitEntry(k.current, autoremove_wake_function);
    for (;;) {
      const sent = this.send(k, into, max);
      yield 0;
      if (sent > 0 || timeout.over) return sent;
      if (signal_pending(k.current)) return -errno.EINTR;
      prepare_to_wait_exclusive(k, this.waiters, entry, TASK_INTERRUPTIBLE);
      if (this.listed.size === 0) yield* timeout.sleep(k);
      finish_wait(k, entry);
    }
  }

  /** ep_send_events(). */
  private send(k: Context, into: epoll_event[], max: number): number {
    into.length = 0;
    const listed = [...this.listed];
    this.listed.clear();
    for (const [i, item] of listed.entries()) {
      if (into.length === max) {
        this.keepFirst(listed.slice(i));
        break;
      }
      k.spend(k.machine.costs.poll_fd);
      const events = item.ready(k, null);
      if (events === 0) continue;
      into.push({ events, data: item.event.data });
      const { events: asked, data } = item.event;
      if ((asked & EPOLLONESHOT) !== 0) item.event = { events: asked & PRIVATE_BITS, data };
      else if ((asked & EPOLLET) === 0) this.listed.add(item);
    }
    return into.length;
  }

  /** What did not fit comes before the level-triggered files that were put back. */
  private keepFirst(rest: readonly EpItem[]): void {
    const back = [...this.listed];
    this.listed.clear();
    for (const item of [...rest, ...back]) this.listed.add(item);
  }
}

export function epoll_create(k: Context): Code<number> {
  return systemCall(k, 'epoll_create', do_epoll_create);
}

function* do_epoll_create(k: Context): Code<number> {
  yield k.machine.costs.call;
  return processOf(k).install(new EventPoll());
}

function withEventPoll(
  k: Context,
  epfd: number,
  body: (ep: EventPoll) => Code<number>,
): Code<number> {
  return withFile(k, epfd, (file) => (file instanceof EventPoll ? body(file) : -errno.EINVAL));
}

/** Adds, changes (`event`) or removes the watch of `fd`. */
export function epoll_ctl(
  k: Context,
  epfd: number,
  op: number,
  fd: number,
  event: epoll_event | null,
): Code<number> {
  return systemCall(k, 'epoll_ctl', () =>
    withEventPoll(k, epfd, (ep) =>
      withFile(k, fd, (file) => do_epoll_ctl(k, ep, op, fd, file, event)),
    ),
  );
}

function* do_epoll_ctl(
  k: Context,
  ep: EventPoll,
  op: number,
  fd: number,
  file: File,
  event: epoll_event | null,
): Code<number> {
  yield k.step(ep, k.machine.costs.call);
  return file === ep ? -errno.EINVAL : ep.control(k, op, fd, file, event);
}

/**
 * Fills `into` with at most `max` events; 0 after `timeout` ns (negative: without end), or -EINTR,
 * which no SA_RESTART turns into a restart.
 */
export function* epoll_wait(
  k: Context,
  epfd: number,
  into: epoll_event[],
  max: number,
  timeout: number,
): Code<number> {
  const left = new PollTimeout(k, timeout, 1);
  return yield* systemCall(k, 'epoll_wait', () =>
    withEventPoll(k, epfd, (ep) => ep.wait(k, into, max, left)),
  );
}
