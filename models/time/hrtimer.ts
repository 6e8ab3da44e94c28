/*
 * High-resolution timers, after kernel/time/hrtimer.c: exact to the ns, per CPU. A hard-mode timer
 * runs its function in the hard interrupt, a soft-mode one in the HRTIMER softirq.
 */
import { hashOf, type Activity, type Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { EV } from '../events.ts';
import { IrqLine } from '../irq/line.ts';
import { raise_softirq } from '../irq/softirq.ts';

/** The one-shot interrupt shares its vector with the tick on real hardware. */
export const HRTIMER_INTERRUPT = 0xeb;

export class Hrtimer implements Activity {
  readonly name: string;
  readonly soft: boolean;
  readonly func: (k: Context) => Code;
  /** The pid of the task that it wakes; 0: it does something else. */
  whose = 0;
  private cpu: Cpu | null = null;
  private handle = -1;

  constructor(name: string, soft: boolean, func: (k: Context) => Code) {
    this.name = name;
    this.soft = soft;
    this.func = func;
  }

  feed(into: Fingerprint): void {
    into.add(hashOf(this.name));
    into.add(this.whose);
    into.add(this.cpu === null ? -1 : this.cpu.id);
  }

  get active(): boolean {
    return this.cpu !== null;
  }

  /** Fires `ns` from now on `cpu`; an armed timer is moved. A delay of 0 fires after 1 ns. */
  start(cpu: Cpu, ns: number): void {
    this.cancel();
    this.cpu = cpu;
    const { machine } = cpu;
    this.handle = machine.sim.at(machine.sim.now + Math.max(1, ns), this);
    if (machine.trace.on) cpu.emit(EV.hrtimer_start, machine.texts.intern(this.name), ns);
    cpu.preemptPoint();
  }

  /** Returns 1 if it was armed. */
  cancel(): number {
    if (this.cpu === null) return 0;
    if (this.handle >= 0) this.cpu.machine.sim.cancel(this.handle);
    else this.cpu.hrtimers.forget(this);
    const { machine } = this.cpu;
    if (machine.trace.on) this.cpu.emit(EV.hrtimer_cancel, machine.texts.intern(this.name), NaN);
    this.cpu = null;
    this.handle = -1;
    return 1;
  }

  fire(): void {
    this.handle = -1;
    this.cpu!.hrtimers.expire(this);
  }

  /** The queue hands it over to be run: no longer armed. */
  detach(): void {
    this.cpu = null;
  }
}

/** hrtimers of a CPU that have expired and wait for the interrupt or the softirq. */
export class HrtimerQueue {
  private readonly cpu: Cpu;
  /** Made when it is first raised. */
  private line: IrqLine | null = null;
  private readonly hard: Hrtimer[] = [];
  private readonly soft: Hrtimer[] = [];

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  expire(timer: Hrtimer): void {
    (timer.soft ? this.soft : this.hard).push(timer);
    this.line ??= new IrqLine({
      name: 'hrtimer',
      number: HRTIMER_INTERRUPT,
      handler: (k) => this.interrupt(k),
      entryEvent: EV.local_timer_entry,
      exitEvent: EV.local_timer_exit,
      disabled: true,
    });
    this.cpu.raise(this.line);
  }

  forget(timer: Hrtimer): void {
    const list = timer.soft ? this.soft : this.hard;
    list.splice(list.indexOf(timer), 1);
  }

  feed(into: Fingerprint): void {
    for (const list of [this.hard, this.soft]) {
      into.add(list.length);
      for (const timer of list) timer.feed(into);
    }
  }

  private *interrupt(k: Context): Code {
    if (this.soft.length > 0) raise_softirq(k.cpu, 'HRTIMER');
    yield* runAll(k, this.hard);
  }

  /** The action of HRTIMER_SOFTIRQ. */
  *runSoft(k: Context): Code {
    yield* runAll(k, this.soft);
  }
}

function* runAll(k: Context, list: Hrtimer[]): Code {
  const { machine } = k;
  for (let timer = list.shift(); timer !== undefined; timer = list.shift()) {
    const { cpu, actor } = k;
    const name = machine.texts.intern(timer.name);
    timer.detach();
    k.actor = timer.name;
    if (machine.trace.on) cpu.emit(EV.hrtimer_expire_entry, name, NaN);
    yield* timer.func(k);
    if (machine.trace.on) cpu.emit(EV.hrtimer_expire_exit, name, NaN);
    k.actor = actor;
  }
}
