/*
 * Why tasks sleep, as far as rows say: the lock that they wait for, the system call that they are
 * in, or what they did last before they gave up their CPU.
 */
import { detailText, type TraceRow } from '../analysis/trace-row.ts';

export class Sleeps {
  private readonly calls = new Map<number, string>();
  private readonly locks = new Map<number, string>();
  private readonly last = new Map<number, string>();
  private readonly reasons = new Map<number, string>();

  see({ event, object, pid, context, detail }: TraceRow): void {
    if (pid <= 0 || context === 'hardirq' || context === 'softirq') return;
    if (event === 'sched_switch') {
      const state = detailText(detail, 'prev_state');
      this.reasons.set(pid, `${state} ${this.why(pid)}`.trim());
      return;
    }
    if (event === 'sys_enter') this.calls.set(pid, object);
    else if (event === 'sys_exit') this.calls.delete(pid);
    else if (event === 'lock_contended') this.locks.set(pid, object);
    else if (event === 'lock_acquired' || event === 'lock_release') this.locks.delete(pid);
    this.last.set(pid, object === '' ? event : `${event} ${object}`);
  }

  /** Why it went to sleep the last time: the state, and what it waits for. */
  reason(pid: number): string {
    return this.reasons.get(pid) ?? '';
  }

  private why(pid: number): string {
    const lock = this.locks.get(pid);
    if (lock !== undefined) return `waits for ${lock}`;
    const call = this.calls.get(pid);
    if (call !== undefined) return `in ${call}()`;
    const last = this.last.get(pid);
    return last === undefined ? '' : `after ${last}`;
  }
}
