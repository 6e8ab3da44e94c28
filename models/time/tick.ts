/*
 * The tick of a CPU: HZ interrupts a second that advance jiffies, charge the running task and let
 * timers run. On an idle CPU of the later eras it stops until the next timer (kernel/time/
 * tick-sched.c). All CPUs tick at the same instants.
 */
import type { Activity, Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { cpuName } from '../cpu/names.ts';
import { EV } from '../events.ts';
import { IrqLine } from '../irq/line.ts';
import { raise_softirq } from '../irq/softirq.ts';
import { tasklet_hi_schedule } from '../irq/tasklet.ts';
import { task_tick } from '../sched/core.ts';
import { ticksUntil, tickTime } from './jiffies.ts';

/** LOCAL_TIMER_VECTOR: after the devices, which have lower numbers here. */
export const LOCAL_TIMER = 0xec;

export class Tick implements Activity {
  private readonly cpu: Cpu;
  /** Made when it is first raised: most runs are over before. */
  private line: IrqLine | null = null;
  /** The tick that is scheduled, and its calendar handle; -1: none. */
  private next = -1;
  private handle = -1;
  /** In an explored run: whose the next tick is. */
  readonly actor: number;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
    this.actor = cpu.explores ? cpu.machine.texts.intern(cpuName('timers of CPU ', cpu.id)) : 0;
  }

  /** Ticks again from the next boundary on. */
  restart(): void {
    const { machine } = this.cpu;
    if (this.cpu.explores) return;
    this.schedule(ticksUntil(machine.hz, machine.sim.now) + 1);
  }

  /** Called when the idle task takes over or goes on: sleeps until the next timer of this CPU. */
  stopWhenIdle(): void {
    const { machine, timers } = this.cpu;
    if (!machine.era.nohzIdle && !this.cpu.explores) return;
    const expiry = timers.nextExpiry();
    const soonest = ticksUntil(machine.hz, machine.sim.now) + 1;
    this.schedule(expiry === null ? Number.MAX_SAFE_INTEGER : Math.max(expiry, soonest));
  }

  /** The timers of this CPU have changed. */
  timersChanged(): void {
    if (this.cpu.isIdle || this.cpu.explores) this.stopWhenIdle();
  }

  /** In an explored run: whether the next tick can come. */
  get enabled(): boolean {
    return this.cpu.admits;
  }

  feed(into: Fingerprint): void {
    into.add(this.cpu.id);
  }

  /** Brings jiffies up to date: the tick may have been stopped or late. */
  updateJiffies(): void {
    const { machine } = this.cpu;
    const now = machine.firstJiffy + ticksUntil(machine.hz, machine.sim.now);
    if (now === machine.jiffies) return;
    machine.jiffies = now;
    machine.loadavg.advance(now);
  }

  fire(): void {
    this.handle = -1;
    if (!this.cpu.explores) this.schedule(this.next + 1);
    this.line ??= new IrqLine({
      name: 'local_timer',
      number: LOCAL_TIMER,
      handler: (k) => this.interrupt(k),
      entryEvent: EV.local_timer_entry,
      exitEvent: EV.local_timer_exit,
      disabled: true,
    });
    this.cpu.raise(this.line);
  }

  private *interrupt(k: Context): Code {
    const { cpu } = k;
    this.updateJiffies();
    k.spend(k.machine.costs.tick);
    run_local_timers(cpu);
    task_tick(cpu);
    yield 0;
  }

  /** A tick that is due at this very instant is not put off; one past the end of time is none. */
  private schedule(tick: number): void {
    const { sim, hz } = this.cpu.machine;
    if (this.handle >= 0) {
      if (this.next === tick || tickTime(hz, this.next) <= sim.now) return;
      sim.cancel(this.handle);
      this.handle = -1;
    }
    const time = tickTime(hz, tick);
    if (time > Number.MAX_SAFE_INTEGER) return;
    this.next = tick;
    this.handle = sim.at(time, this);
  }
}

/** At each tick: lets the TIMER softirq look, in 2.4 the timer bottom half. */
function run_local_timers(cpu: Cpu): void {
  const { machine } = cpu;
  if (machine.era.timersInBottomHalf) {
    if (cpu.id === 0) tasklet_hi_schedule(cpu, machine.timerBottomHalf);
  } else if (machine.era.timerWheel === 'exact' || cpu.timers.isDue()) {
    raise_softirq(cpu, 'TIMER');
  }
}
