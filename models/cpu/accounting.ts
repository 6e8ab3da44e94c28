/*
 * Where a CPU's time went: ns per kind of context.
 */
export const contextNames = ['hardirq', 'softirq', 'kernel', 'user', 'idle'] as const;
export type ContextName = (typeof contextNames)[number];

export class CpuTimes {
  readonly ns: Record<ContextName, number> = {
    hardirq: 0,
    softirq: 0,
    kernel: 0,
    user: 0,
    idle: 0,
  };
  /** Of the time in user mode: that of tasks with a nice value above 0. */
  nice = 0;
  private since = 0;

  /** Adds the time since the last booking to `context`. */
  book(context: ContextName, now: number, isNice: boolean): void {
    this.ns[context] += now - this.since;
    if (isNice && context === 'user') this.nice += now - this.since;
    this.since = now;
  }

  /** The time since the last booking, which is not booked yet. */
  unbooked(now: number): number {
    return now - this.since;
  }
}
