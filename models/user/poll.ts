/*
 * Waiting for several files, fs/select.c: the table of wait-queue entries that select and poll hang
 * into every file they look at, their timeout, and the system call poll().
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import {
  EPOLLERR,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDBAND,
  EPOLLRDNORM,
  EPOLLWRBAND,
  EPOLLWRNORM,
} from '../net/netlink/uapi.ts';
import { cond_resched, might_sleep } from '../sched/core.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING, type Task } from '../sched/task.ts';
import {
  WaitEntry,
  add_wait_queue,
  default_wake_function,
  remove_wait_queue,
  type WaitQueueHead,
} from '../sched/wait.ts';
import { signal_pending } from '../signal/signal.ts';
import { nsecs_to_jiffies_up } from '../time/jiffies.ts';
import { schedule_hrtimeout, schedule_timeout } from '../time/sleep.ts';
import { fileOf, type PollTable } from './file.ts';
import { ERESTART_RESTARTBLOCK, systemCall } from './signals.ts';

export const EPOLLHUP = 0x010;
export const POLLNVAL = 0x020;

/** Events of poll(); those of epoll have the same values. */
export const pollEvents = {
  POLLIN: EPOLLIN,
  POLLPRI: EPOLLPRI,
  POLLOUT: EPOLLOUT,
  POLLERR: EPOLLERR,
  POLLHUP: EPOLLHUP,
  POLLNVAL,
  POLLRDNORM: EPOLLRDNORM,
  POLLRDBAND: EPOLLRDBAND,
  POLLWRNORM: EPOLLWRNORM,
  POLLWRBAND: EPOLLWRBAND,
} as const;

/** struct poll_table_entry. */
class PollEntry extends WaitEntry {
  readonly table: PollWqueues;
  readonly key: number;

  constructor(task: Task, table: PollWqueues, key: number) {
    super(task, pollwake);
    this.table = table;
    this.key = key;
  }
}

/** An event during the scan counts as well as one during the sleep. */
function pollwake(entry: WaitEntry, waker: Cpu, mode: number, key: number): boolean {
  const { table, key: wanted } = entry as PollEntry;
  if (key !== 0 && (key & wanted) === 0) return false;
  table.triggered = true;
  return default_wake_function(entry, waker, mode);
}

/** struct poll_wqueues. */
export class PollWqueues implements PollTable {
  /** Events that the entries made next shall wake for. */
  key = 0;
  /** An event came since the scan began. */
  triggered = false;
  private readonly task: Task;
  private readonly entries: PollEntry[] = [];

  constructor(task: Task) {
    this.task = task;
  }

  wait(queue: WaitQueueHead): void {
    const entry = new PollEntry(this.task, this, this.key);
    add_wait_queue(queue, entry);
    this.entries.push(entry);
  }

  /** poll_schedule_timeout(): sleeps unless it is triggered. */
  *sleep(k: Context, timeout: PollTimeout, what: string): Code {
    k.current.state = TASK_INTERRUPTIBLE;
    k.current.waitingFor = what;
    if (!this.triggered) yield* timeout.sleep(k);
    k.current.state = TASK_RUNNING;
    this.triggered = false;
  }

  /** poll_freewait(). */
  free(): void {
    for (const entry of this.entries) remove_wait_queue(entry);
  }
}

/** What is left of the time that select, poll or epoll_wait may sleep. */
export class PollTimeout {
  over: boolean;
  private readonly end: number;
  private jiffies: number;
  private readonly byTick: boolean;

  /**
   * `ns` from now on, without end if negative. Where the tick decides, poll() sleeps one jiffy more
   * than select(): `extraJiffy` (sys_poll of 2.4).
   */
  constructor(k: Context, ns: number, extraJiffy: 0 | 1) {
    const { machine } = k;
    this.byTick = !machine.era.highResolutionSleeps;
    this.end = ns < 0 ? Infinity : machine.sim.now + ns;
    this.jiffies = nsecs_to_jiffies_up(machine, ns) + extraJiffy;
    this.over = ns === 0;
  }

  /** Sleeps in the state that the caller has set. */
  *sleep(k: Context): Code {
    if (this.end === Infinity) {
      yield SCHEDULE;
    } else if (this.byTick) {
      this.jiffies = yield* schedule_timeout(k, this.jiffies);
      this.over = this.jiffies === 0;
    } else {
      this.over = (yield* schedule_hrtimeout(k, this.end - k.machine.sim.now)) === 0;
    }
  }
}

/**
 * The loop of do_select() and do_poll(): scans until something is found, the time is over or a
 * signal waits. `scan` looks at every file and queues with the table while it gets one.
 */
export function* scanUntilReady(
  k: Context,
  timeout: PollTimeout,
  what: string,
  scan: (table: PollWqueues | null) => Code<number>,
): Code<number> {
  yield* might_sleep(k, what);
  const waiting = new PollWqueues(k.current);
  let table = timeout.over ? null : waiting;
  for (;;) {
    const found = yield* scan(table);
    table = null;
    if (found > 0 || timeout.over || signal_pending(k.current)) {
      waiting.free();
      return found;
    }
    yield* waiting.sleep(k, timeout, what);
  }
}

/** The events of one descriptor, at the cost of a look at it. */
export function pollOne(k: Context, fd: number, wanted: number, table: PollWqueues | null): number {
  k.spend(k.machine.costs.poll_fd);
  if (table !== null) table.key = wanted;
  return fileOf(k, fd)?.poll(k, table) ?? POLLNVAL;
}

/** struct pollfd. */
export interface pollfd {
  readonly fd: number;
  readonly events: number;
  revents: number;
}

/** After how many descriptors interrupts and other tasks may come in between. */
export const POLL_STRIDE = 32;

/** The time of the last looks passes. */
export function* pollPoint(k: Context): Code {
  yield 0;
  yield* cond_resched(k);
}

/** poll(): how many descriptors have events, 0 after `timeout` ns (negative: none), -EINTR. */
export function* poll(k: Context, fds: readonly pollfd[], timeout: number): Code<number> {
  const left = new PollTimeout(k, timeout, 1);
  return yield* systemCall(k, 'poll', () => do_sys_poll(k, fds, left));
}

function* do_sys_poll(k: Context, fds: readonly pollfd[], left: PollTimeout): Code<number> {
  const found = yield* scanUntilReady(k, left, 'poll', (table) => scanPollfds(k, fds, table));
  return found === 0 && signal_pending(k.current) ? -ERESTART_RESTARTBLOCK : found;
}

function* scanPollfds(k: Context, fds: readonly pollfd[], table: PollWqueues | null): Code<number> {
  let found = 0;
  let queueing = table;
  for (const [i, entry] of fds.entries()) {
    entry.revents = 0;
    if (entry.fd >= 0) {
      const filter = entry.events | EPOLLERR | EPOLLHUP;
      entry.revents = pollOne(k, entry.fd, filter, queueing) & (filter | POLLNVAL);
    }
    if (entry.revents !== 0) {
      found++;
      queueing = null;
    }
    if (i % POLL_STRIDE === POLL_STRIDE - 1) yield* pollPoint(k);
  }
  yield* pollPoint(k);
  return found;
}
