/*
 * Facts about restarted system calls (test/conformance/kernel/signals.json): a process reads from a
 * driver that sleeps until its condition holds; an interval timer sends SIGALRM every 100 ms.
 */
import type { Code, Context } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import { O_RDONLY, O_WRONLY, open } from '../../models/fs/open.ts';
import { proc_create } from '../../models/fs/proc.ts';
import { read, write } from '../../models/fs/read_write.ts';
import { UserBuffer, copy_from_iter, iov_iter_count, type IovIter } from '../../models/fs/uio.ts';
import type { Machine } from '../../models/machine.ts';
import {
  WaitQueueHead,
  wait_event_interruptible,
  wait_event_interruptible_timeout,
  wake_up_interruptible,
} from '../../models/sched/wait.ts';
import { signals } from '../../models/signal/signal.ts';
import { setitimer } from '../../models/user/itimer.ts';
import { SA_RESTART, sigaction } from '../../models/user/signals.ts';
import { close } from '../../models/user/unistd.ts';
import { factFormat, type FactRun } from './facts.ts';
import { recordedMachine, runUser } from './user-run.ts';
import { bytesOfText } from '../../models/lib/text-bytes.ts';

const ALARM_NS = 100_000_000;
/** At which run the handler makes the driver's condition true. */
const WAKING_RUN = 2;

/** What the driver's read() returns when a signal ends its sleep, or the timeout of its sleep. */
type Sleep = 'ERESTARTSYS' | 'EINTR' | { readonly timeoutNs: number };

const TIMEOUT = /wait_event_interruptible_timeout\((\d+) (s|ms)\)/;

function sleepOf(driver: unknown): Sleep {
  const text = String(driver);
  const timeout = TIMEOUT.exec(text);
  if (timeout !== null) {
    return { timeoutNs: Number(timeout[1]) * (timeout[2] === 's' ? 1_000_000_000 : 1_000_000) };
  }
  if (text === 'returns -ERESTARTSYS') return 'ERESTARTSYS';
  if (text === 'returns -EINTR') return 'EINTR';
  throw new Error(`no driver is known that '${text}'`);
}

/** `/proc/uo_z`: its read() sleeps, and returns 1 when that was not cut short. */
class SleepyDriver {
  private entered = 0;
  /** The last value that a sleep gave. */
  private last = -9999;
  private readonly queue = new WaitQueueHead('wq');
  private condition = false;
  private readonly sleep: Sleep;

  constructor(machine: Machine, sleep: Sleep) {
    this.sleep = sleep;
    proc_create(machine, 'uo_z', 0o444, { proc_read: (k) => this.read(k) });
    proc_create(machine, 'uo', 0o666, { proc_write: (k, _file, from) => this.command(k, from) });
  }

  get info(): Readonly<Record<string, number>> {
    return { entered: this.entered, lastret: this.last };
  }

  /** Whatever is written to `/proc/uo`: the condition holds from now on. */
  private *command(k: Context, from: IovIter): Code<number> {
    yield k.machine.costs.call;
    this.condition = true;
    wake_up_interruptible(k.cpu, this.queue);
    return copy_from_iter(k, iov_iter_count(from), from).length;
  }

  private *read(k: Context): Code<number> {
    this.entered++;
    const holds = (): boolean => this.condition;
    let result: number;
    if (typeof this.sleep === 'object') {
      const jiffies = Math.ceil((this.sleep.timeoutNs * k.machine.hz) / 1e9);
      result = yield* wait_event_interruptible_timeout(k, this.queue, holds, jiffies);
    } else {
      result = yield* wait_event_interruptible(k, this.queue, holds);
      if (result < 0 && this.sleep === 'EINTR') result = -errno.EINTR;
    }
    this.last = result;
    return result < 0 ? result : 1;
  }
}

/** One read() of a byte; a negative result is the error number that the C library would tell. */
function* readByte(k: Context): Code<{ returned: number; error: number }> {
  const fd = yield* open(k, '/proc/uo_z', O_RDONLY);
  const result = yield* read(k, fd, new UserBuffer(1));
  yield* setitimer(k, 0, 0);
  yield* close(k, fd);
  return { returned: Math.max(-1, result), error: Math.max(0, -result) };
}

const interrupted: FactRun = (fact) => {
  const machine = recordedMachine();
  const driver = new SleepyDriver(machine, sleepOf(fact['driver']));
  let runs = 0;
  let outcome = { returned: 0, error: 0 };
  function* handler(k: Context): Code {
    runs++;
    if (runs < WAKING_RUN) return;
    const fd = yield* open(k, '/proc/uo', O_WRONLY);
    yield* write(k, fd, UserBuffer.of(bytesOfText('zwake')));
    yield* close(k, fd);
  }
  runUser(machine, function* (k) {
    const flags = fact['SA_RESTART'] === true ? SA_RESTART : 0;
    yield* sigaction(k, signals.SIGALRM, { handler, flags });
    yield* setitimer(k, ALARM_NS, ALARM_NS);
    outcome = yield* readByte(k);
  });
  return {
    driver: fact['driver'],
    SA_RESTART: fact['SA_RESTART'],
    read_returned: outcome.returned,
    errno: outcome.error,
    handler_runs: runs,
    info: driver.info,
  };
};

/** The driver's sleep has a timeout of a second here. */
const ignored: FactRun = () => {
  const machine = recordedMachine();
  const driver = new SleepyDriver(machine, { timeoutNs: 1_000_000_000 });
  let outcome = { returned: 0, error: 0 };
  runUser(machine, function* (k) {
    yield* sigaction(k, signals.SIGALRM, { handler: 'ignore', flags: 0 });
    yield* setitimer(k, ALARM_NS, 0);
    outcome = yield* readByte(k);
  });
  return { read_returned: outcome.returned, info: driver.info };
};

export const signalsFormat = factFormat({
  'driver-sleep-interrupted-by-signal': interrupted,
  'ignored-signal-does-not-interrupt': ignored,
});
