/*
 * The real-time interval timer of a process, kernel/time/itimer.c: SIGALRM after a time, again at
 * intervals. Since 2.6.21 it starts anew only when the signal is taken, so a signal that is ignored
 * comes once; the times stay multiples of the interval from the first one on. In 2.4 it counts
 * jiffies and starts anew at once.
 * Left out: ITIMER_VIRTUAL and ITIMER_PROF.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import type { Task } from '../sched/task.ts';
import { send_sig } from '../signal/send.ts';
import { signals } from '../signal/signal.ts';
import { Hrtimer } from '../time/hrtimer.ts';
import { nsecs_to_jiffies_up } from '../time/jiffies.ts';
import { TimerList, del_timer, mod_timer } from '../time/timer.ts';
import { processOf } from './file.ts';
import { systemCall } from './signals.ts';

/** signal->real_timer and it_real_incr of the process that `task` leads. */
interface RealTimer {
  /** The first signal after `value` ns, the others each `interval` ns (0: none). */
  set(k: Context, value: number, interval: number): void;
}

const timers = new WeakMap<Task, RealTimer>();

/** setitimer(ITIMER_REAL): in ns; a `value` of 0 stops the timer. */
export function setitimer(k: Context, value: number, interval: number): Code<number> {
  return systemCall(k, 'setitimer', function* () {
    yield k.machine.costs.call;
    if (value < 0 || interval < 0) return -errno.EINVAL;
    const { machine } = k;
    const leader = machine.tasks.get(processOf(k).tgid);
    if (leader === undefined) return 0;
    let timer = timers.get(leader);
    if (timer === undefined) {
      timer = machine.era.highResolutionSleeps
        ? new HrtimerOf(k, leader)
        : new JiffyTimerOf(k, leader);
      timers.set(leader, timer);
    }
    timer.set(k, value, interval);
    return 0;
  });
}

class HrtimerOf implements RealTimer {
  private expires = 0;
  private interval = 0;
  private readonly leader: Task;
  private readonly timer: Hrtimer;

  constructor({ machine }: Context, leader: Task) {
    this.leader = leader;
    this.timer = new Hrtimer('it_real_fn', false, function* (on) {
      send_sig(on.cpu, signals.SIGALRM, leader);
      yield 0;
    });
    leader.signals!.onDequeue = (sig) => {
      if (sig === signals.SIGALRM) this.restart(machine.sim.now);
    };
    leader.onExit.push(() => void this.timer.cancel());
  }

  set(k: Context, value: number, interval: number): void {
    this.timer.cancel();
    this.interval = value === 0 ? 0 : interval;
    this.expires = k.machine.sim.now + value;
    if (value > 0) this.timer.start(k.cpu, value);
  }

  /** hrtimer_forward() and hrtimer_restart(): the next multiple after `now`. */
  private restart(now: number): void {
    const { interval, timer } = this;
    if (timer.active || interval === 0) return;
    this.expires += interval * (Math.floor((now - this.expires) / interval) + 1);
    timer.start(this.leader.cpu, this.expires - now);
  }
}

class JiffyTimerOf implements RealTimer {
  private interval = 0;
  private readonly timer: TimerList;

  constructor({ machine }: Context, leader: Task) {
    this.timer = new TimerList('it_real_fn', (on) => this.expire(on, leader));
    leader.onExit.push(() => void del_timer(machine.cpus[0]!, this.timer));
  }

  set(k: Context, value: number, interval: number): void {
    const { machine } = k;
    del_timer(k.cpu, this.timer);
    this.interval = value === 0 ? 0 : nsecs_to_jiffies_up(machine, interval);
    if (value === 0) return;
    mod_timer(k.cpu, this.timer, machine.jiffies + nsecs_to_jiffies_up(machine, value));
  }

  private *expire(on: Context, leader: Task): Code {
    send_sig(on.cpu, signals.SIGALRM, leader);
    if (this.interval > 0) mod_timer(on.cpu, this.timer, on.machine.jiffies + this.interval);
    yield 0;
  }
}
