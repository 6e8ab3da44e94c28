/*
 * The load averages, in fixed point with 11 bits: every 5 seconds those who run, may run or sleep
 * uninterruptibly are counted. Sources: kernel/timer.c of 2.4.27 and 2.6.24 (calc_load),
 * kernel/sched.c of 2.6.32 (calc_global_load), kernel/sched/loadavg.c of 6.1.
 * Left out: the counters by which CPUs report to each other; here the sum is taken at once.
 */
import type { KernelName } from '../era.ts';
import type { Machine } from '../machine.ts';
import { TASK_IDLE, TASK_NEW, TASK_UNINTERRUPTIBLE } from './state.ts';

export const FSHIFT = 11;
export const FIXED_1 = 1 << FSHIFT;
/** 1/exp(5sec/1min), 1/exp(5sec/5min) and 1/exp(5sec/15min). */
const EXPONENTS = [1884, 2014, 2037] as const;

interface LoadEra {
  /** Ticks between samples beyond 5 seconds: one, so that no task keeps in step (2.6.31). */
  readonly extraTick: 0 | 1;
  /** A load that grows is rounded up. */
  readonly roundsUp: boolean;
  /** Ticks after the sample at which the averages change: all CPUs have reported then (2.6.31). */
  readonly foldDelay: number;
  /** Samples that were missed while all CPUs slept: none are, one a tick, or all by a formula. */
  readonly missed: 'repeated' | 'oneATick' | 'power';
}

const linux24: LoadEra = { extraTick: 0, roundsUp: false, foldDelay: 0, missed: 'repeated' };
const linux2632: LoadEra = { extraTick: 1, roundsUp: false, foldDelay: 10, missed: 'oneATick' };
const linux61: LoadEra = { extraTick: 1, roundsUp: true, foldDelay: 10, missed: 'power' };

const loadEras: Readonly<Record<KernelName, LoadEra>> = {
  'linux-2.4.27': linux24,
  'linux-2.6.24': linux24,
  'linux-2.6.32': linux2632,
  'linux-6.1': linux61,
  'linux-6.12': linux61,
};

/** a1 = a0 * e + a * (1 - e); `active` in fixed point. */
export function calc_load(load: number, exp: number, active: number, roundsUp: boolean): number {
  const rounding = roundsUp && active >= load ? FIXED_1 - 1 : 0;
  return Math.floor((load * exp + active * (FIXED_1 - exp) + rounding) / FIXED_1);
}

/** x^n, for x in fixed point. */
function fixed_power_int(base: number, power: number): number {
  let result = FIXED_1;
  let x = base;
  for (let n = power; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = Math.floor((result * x + FIXED_1 / 2) / FIXED_1);
    x = Math.floor((x * x + FIXED_1 / 2) / FIXED_1);
  }
  return result;
}

export class LoadAverage {
  /** In fixed point, over 1, 5 and 15 minutes. */
  readonly avenrun = [0, 0, 0];
  private readonly machine: Machine;
  private readonly era: LoadEra;
  private readonly period: number;
  /** The jiffy of the next sample. */
  private update: number;
  /** What it found, while the averages do not know yet; -1: not taken. */
  private sample = -1;

  constructor(machine: Machine) {
    this.machine = machine;
    this.era = loadEras[machine.era.name];
    this.period = 5 * machine.hz + this.era.extraTick;
    // A counter that must fall below 0 the first time: 2.4 and 2.6.24 begin a tick later.
    this.update = machine.firstJiffy + this.period + 1 - this.era.extraTick;
  }

  /** The averages at this jiffy, as a tick would find them; nothing changes. */
  peek(jiffies: number): readonly number[] {
    const copy = new LoadAverage(this.machine);
    copy.avenrun.splice(0, 3, ...this.avenrun);
    copy.update = this.update;
    copy.sample = this.sample;
    copy.advance(jiffies);
    return copy.avenrun;
  }

  /** The time is this jiffy now. */
  advance(jiffies: number): void {
    if (jiffies < this.update) return;
    if (this.sample < 0) this.sample = nr_active(this.machine);
    const { foldDelay, missed } = this.era;
    if (jiffies < this.update + foldDelay) return;
    this.fold(1);
    const late = jiffies - this.update - foldDelay;
    if (late >= 0 && missed !== 'oneATick') {
      const n = 1 + Math.floor(late / this.period);
      if (missed === 'power') this.fold(n);
      else for (let i = 0; i < n; i++) this.fold(1);
    }
    this.sample = -1;
  }

  /** `n` periods with as many active tasks as the sample found. */
  private fold(n: number): void {
    const active = this.sample * FIXED_1;
    const { roundsUp } = this.era;
    EXPONENTS.forEach((exp, i) => {
      const factor = n === 1 ? exp : fixed_power_int(exp, n);
      this.avenrun[i] = calc_load(this.avenrun[i]!, factor, active, roundsUp);
    });
    this.update += n * this.period;
  }
}

/** Tasks that run or may run, on all CPUs. */
export function nr_running({ cpus }: Machine): number {
  return cpus.reduce((sum, { rq }) => sum + rq.nr_running, 0);
}

/** Those, and the uninterruptible. */
function nr_active(machine: Machine): number {
  let sum = nr_running(machine);
  for (const { state, on_rq } of machine.tasks.values()) {
    const sleeps = (state & TASK_UNINTERRUPTIBLE) !== 0 && (state & TASK_IDLE) !== TASK_IDLE;
    if (sleeps && !on_rq) sum++;
  }
  return sum;
}

/** Tasks that exist: a process that has not been started is not there yet. */
export function nr_threads(machine: Machine): number {
  let sum = 0;
  for (const { state, kind } of machine.tasks.values()) {
    if (state !== TASK_NEW || kind === 'kthread') sum++;
  }
  return sum;
}
