/*
 * What programs do beside communicating: sleeping, the clock, signals, output, closing files.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { errno } from '../errno.ts';
import { EV } from '../events.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING } from '../sched/task.ts';
import { signal_pending } from '../signal/signal.ts';
import { send_sig } from '../signal/send.ts';
import { schedule_hrtimeout } from '../time/sleep.ts';
import { processOf } from './file.ts';
import { ERESTART_RESTARTBLOCK, systemCall } from './signals.ts';
import { ThreadGroup } from './thread-group.ts';

/** Computes in user mode for `ns`. */
export function* compute(_k: Context, ns: number): Code {
  yield ns;
}

/** nanosleep(): at least `ns`; a signal with a handler ends it (-EINTR), others do not. */
export function* nanosleep(k: Context, ns: number): Code<number> {
  if (ns < 0) return -errno.EINVAL;
  const end = k.machine.sim.now + ns;
  return yield* systemCall(k, 'nanosleep', () => do_nanosleep(k, end));
}

function* do_nanosleep(k: Context, end: number): Code<number> {
  for (let left = end - k.machine.sim.now; left > 0;) {
    k.current.state = TASK_INTERRUPTIBLE;
    k.current.waitingFor = 'nanosleep';
    left = yield* schedule_hrtimeout(k, left);
    k.current.state = TASK_RUNNING;
    if (left > 0 && signal_pending(k.current)) return -ERESTART_RESTARTBLOCK;
  }
  return 0;
}

/** clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME): until that instant. */
export function* clock_nanosleep(k: Context, end: number): Code<number> {
  return yield* systemCall(k, 'clock_nanosleep', () => do_nanosleep(k, end));
}

/** clock_gettime(CLOCK_MONOTONIC), which the vDSO answers in user mode: ns since the beginning. */
export function* clock_gettime(k: Context): Code<number> {
  yield k.machine.costs.access;
  return k.machine.sim.now;
}

export function usleep(k: Context, us: number): Code<number> {
  return nanosleep(k, us * 1000);
}

/** Sleeps until a signal has run a handler: always -EINTR. */
export function pause(k: Context): Code<number> {
  return systemCall(k, 'pause', sys_pause);
}

function* sys_pause(k: Context): Code<number> {
  k.current.waitingFor = 'pause';
  while (!signal_pending(k.current)) {
    k.current.state = TASK_INTERRUPTIBLE;
    yield SCHEDULE;
  }
  k.current.state = TASK_RUNNING;
  return -errno.ERESTARTNOHAND;
}

/** Microseconds of virtual time, which begins with the run. */
export function gettimeofday(k: Context): Code<number> {
  return simple(k, 'gettimeofday', () => Math.floor(k.machine.sim.now / 1000));
}

/** The id of the process, which its threads share. */
export function getpid(k: Context): Code<number> {
  return simple(k, 'getpid', () => processOf(k).tgid);
}

/** kill(): 0, -ESRCH, or -EPERM for a process of another user. Signal 0 only asks. */
export function kill(k: Context, pid: number, sig: number): Code<number> {
  return simple(k, 'kill', () => {
    const task = k.machine.tasks.get(pid);
    if (task === undefined || sig < 0 || sig > 31) {
      return task === undefined ? -errno.ESRCH : -errno.EINVAL;
    }
    const { uid } = processOf(k) as ThreadGroup;
    const owner = task.process instanceof ThreadGroup ? task.process.uid : 0;
    if (uid !== 0 && uid !== owner) return -errno.EPERM;
    return sig === 0 ? 0 : send_sig(k.cpu, sig, task);
  });
}

export function close(k: Context, fd: number): Code<number> {
  return systemCall(k, 'close', () => sys_close(k, fd));
}

function* sys_close(k: Context, fd: number): Code<number> {
  const file = processOf(k).remove(fd);
  if (file === null) return -errno.EBADF;
  yield* file.release(k);
  return 0;
}

/** A line of the program's standard output; returns its length. */
export function printf(k: Context, text: string): Code<number> {
  return simple(k, 'write', () => {
    const { machine, current } = k;
    machine.console.push({ timeNs: machine.sim.now, from: current.comm, text });
    if (machine.trace.on) k.cpu.emit(EV.output, machine.texts.intern(text), NaN);
    return text.length;
  });
}

/** A system call that neither sleeps nor can be interrupted. */
function simple(k: Context, name: string, body: () => number): Code<number> {
  return systemCall(k, name, () => called(k, body));
}

function* called(k: Context, body: () => number): Code<number> {
  yield k.machine.costs.call;
  return body();
}
