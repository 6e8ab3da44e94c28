/*
 * What happens before what, from the events of a run: a lock given back before it is taken the next
 * time, a wake-up before the return of the sleep, a handler after whoever asked for it and before
 * whoever waited for its end, and what the contexts of a CPU shut out (parties.ts). A wake-up that
 * finds nobody orders nothing, nor does a context switch.
 */
import { EV } from '../events.ts';
import { HOOK } from '../hooks.ts';
import { ORDER } from '../instrumented.ts';
import { LOCKDEP_UNTRACKED, LOCK_READ } from '../locking/lock.ts';
import type { Machine } from '../machine.ts';
import { Sync, join, type Held, type Party } from './clocks.ts';
import { EVERYTHING, IRQS, Parties, SOFTIRQS } from './parties.ts';

/** What orders besides locks: all that `event` looks at. */
export const ORDERING: readonly number[] = [
  HOOK.release,
  HOOK.acquire,
  EV.sched_switch,
  EV.sched_waking,
  EV.sched_wakeup_new,
  EV.sched_process_exit,
  EV.signal_generate,
  EV.signal_deliver,
  EV.irq_handler_entry,
  EV.irq_handler_exit,
  EV.local_timer_entry,
  EV.local_timer_exit,
  EV.reschedule_entry,
  EV.reschedule_exit,
  EV.irq_work_entry,
  EV.irq_work_exit,
  EV.softirq_raise,
  EV.softirq_entry,
  EV.softirq_exit,
  EV.tasklet_entry,
  EV.tasklet_exit,
  EV.timer_expire_entry,
  EV.timer_expire_exit,
  EV.hrtimer_start,
  EV.hrtimer_expire_entry,
  EV.hrtimer_expire_exit,
  EV.workqueue_activate_work,
  EV.workqueue_execute_start,
  EV.workqueue_execute_end,
];

/** Keys of syncs: a kind, and the text of a name. Locks are the kind 0. */
const KINDS = 32;

export class HappensBefore {
  readonly parties: Parties;
  /** Something that others see was touched: what comes before the first access is no matter. */
  awake = false;
  private readonly syncs = new Map<number, Sync>();

  constructor(machine: Machine) {
    this.parties = new Parties(machine);
  }

  /** The party that acts on `cpu`, with all that it knows by now. */
  acting(cpu: number, pid: number): Party {
    const party = this.parties.on(cpu, pid);
    if (party.pending > 0) this.settle(party);
    this.parties.exclude(party, cpu);
    return party;
  }

  /** The locks that the party has got meanwhile. */
  private settle(party: Party): void {
    for (let held = party.held; held !== null; held = held.next) {
      if (!held.pending) continue;
      const sync = this.syncs.get(held.object * KINDS);
      if (sync !== undefined) {
        join(party.clock, sync.clock);
        if (!held.read && sync.readers !== null) join(party.clock, sync.readers);
      }
      if (held.waiting) continue;
      held.pending = false;
      party.pending--;
    }
  }

  /** Whoever acquires the same later, comes after this. */
  release(party: Party, kind: number, object: number): void {
    const sync = this.sync(kind, object);
    join(sync.clock, party.clock);
    sync.version++;
    party.tick();
  }

  acquire(party: Party, kind: number, object: number): void {
    const sync = this.syncs.get(object * KINDS + kind);
    if (sync !== undefined) join(party.clock, sync.clock);
  }

  private sync(kind: number, object: number): Sync {
    const key = object * KINDS + kind;
    let sync = this.syncs.get(key);
    if (sync === undefined) this.syncs.set(key, (sync = new Sync()));
    return sync;
  }

  lock(cpu: number, pid: number, object: number, value: number, a: number): void {
    const party = this.parties.on(cpu, pid);
    // A semaphore may be given back by others, or never: one entry says enough.
    const known = (a & LOCKDEP_UNTRACKED) === 0 ? null : find(party, object);
    if (known !== null) {
      if (!known.pending) party.pending++;
      known.pending = true;
      return;
    }
    const read = (value & LOCK_READ) !== 0;
    party.held = { object, read, pending: true, waiting: false, next: party.held };
    party.pending++;
  }

  contended(cpu: number, pid: number, object: number): void {
    const held = find(this.parties.on(cpu, pid), object);
    if (held !== null) held.waiting = held.pending;
  }

  /** The one who waited may be below an interrupt when it is told. */
  acquired(cpu: number, pid: number, object: number): void {
    for (const party of this.parties.all(cpu, pid)) {
      for (let held = party.held; held !== null; held = held.next) {
        if (held.object !== object || !held.waiting) continue;
        held.waiting = false;
        return;
      }
    }
  }

  unlock(cpu: number, pid: number, object: number): void {
    const party = this.parties.on(cpu, pid);
    const held = find(party, object);
    const gaveUp = held !== null && held.waiting;
    if (this.awake && !gaveUp) {
      this.acting(cpu, pid);
      if (held?.read === true) this.releaseReader(party, object);
      else this.release(party, 0, object);
    }
    if (held !== null) drop(party, held);
  }

  private releaseReader(party: Party, object: number): void {
    const sync = this.sync(0, object);
    join((sync.readers ??= []), party.clock);
    party.tick();
  }

  /** A writer goes on as a reader: other readers may follow. */
  downgrade(cpu: number, pid: number, object: number): void {
    const party = this.parties.on(cpu, pid);
    const held = find(party, object);
    if (held === null) return;
    if (this.awake) this.release(this.acting(cpu, pid), 0, object);
    held.read = true;
  }

  /** Everything else; nothing of it matters before the first access. */
  event(cpu: number, pid: number, event: number, object: number, value: number, a: number): void {
    switch (event) {
      case HOOK.release:
        this.release(this.acting(cpu, pid), a, object);
        break;
      case HOOK.acquire:
        this.acquire(this.acting(cpu, pid), a, object);
        break;
      case EV.sched_switch:
        this.switched(cpu, pid);
        break;
      case EV.sched_waking:
      case EV.sched_wakeup_new:
        this.wakes(cpu, pid, value);
        break;
      case EV.sched_process_exit:
        this.release(this.acting(cpu, pid), ORDER.exit, object);
        break;
      case EV.signal_generate:
        this.release(this.acting(cpu, pid), ORDER.signal, object);
        break;
      case EV.signal_deliver:
        this.acquire(this.acting(cpu, pid), ORDER.signal, object);
        break;
      default:
        this.handlers(cpu, pid, event, object);
    }
  }

  private handlers(cpu: number, pid: number, event: number, object: number): void {
    switch (event) {
      case EV.irq_handler_entry:
      case EV.local_timer_entry:
      case EV.reschedule_entry:
      case EV.irq_work_entry:
        this.interrupted(cpu, pid);
        this.acquire(this.acting(cpu, pid), ORDER.irq, object);
        break;
      case EV.irq_handler_exit:
      case EV.local_timer_exit:
      case EV.reschedule_exit:
      case EV.irq_work_exit:
        this.leaves(cpu, pid, object);
        break;
      case EV.softirq_raise:
        this.release(this.acting(cpu, pid), ORDER.softirq, local(cpu, object));
        break;
      case EV.softirq_entry:
        this.parties.admit(this.parties.task(cpu, pid), cpu, IRQS | SOFTIRQS);
        this.acquire(this.acting(cpu, pid), ORDER.softirq, local(cpu, object));
        break;
      case EV.softirq_exit:
        this.parties.admit(this.acting(cpu, pid), cpu, EVERYTHING);
        break;
      case EV.tasklet_entry:
        this.acquire(this.acting(cpu, pid), ORDER.tasklet, object);
        break;
      case EV.tasklet_exit:
        this.release(this.acting(cpu, pid), ORDER.tasklet, object);
        break;
      case EV.timer_expire_entry:
        this.acquire(this.acting(cpu, pid), ORDER.timer, object);
        break;
      case EV.timer_expire_exit:
        this.release(this.acting(cpu, pid), ORDER.timer, object);
        break;
      case EV.hrtimer_start:
      case EV.hrtimer_expire_exit:
        this.release(this.acting(cpu, pid), ORDER.hrtimer, object);
        break;
      case EV.hrtimer_expire_entry:
        this.acquire(this.acting(cpu, pid), ORDER.hrtimer, object);
        break;
      case EV.workqueue_execute_start:
        this.acquire(this.acting(cpu, pid), ORDER.work, object);
        break;
      case EV.workqueue_activate_work:
      case EV.workqueue_execute_end:
        this.release(this.acting(cpu, pid), ORDER.work, object);
    }
  }

  /** What the hard interrupt has interrupted had interrupts on. */
  private interrupted(cpu: number, pid: number): void {
    const [, below] = this.parties.all(cpu, pid);
    if (below !== undefined) this.parties.admit(below, cpu, IRQS);
  }

  /** The end of a hard interrupt, whose line is served by one CPU at a time. */
  private leaves(cpu: number, pid: number, object: number): void {
    const party = this.acting(cpu, pid);
    this.release(party, ORDER.irq, object);
    this.parties.admit(party, cpu, EVERYTHING);
  }

  private switched(cpu: number, pid: number): void {
    this.parties.admit(this.parties.task(cpu, pid), cpu, EVERYTHING);
  }

  private wakes(cpu: number, pid: number, woken: number): void {
    const party = this.acting(cpu, pid);
    join(this.parties.task(cpu, woken).clock, party.clock);
    party.tick();
  }
}

/** A softirq is raised for the CPU that raises it. */
function local(cpu: number, object: number): number {
  return -1 - (object * 1024 + cpu);
}

function find(party: Party, object: number): Held | null {
  for (let held = party.held; held !== null; held = held.next) {
    if (held.object === object) return held;
  }
  return null;
}

function drop(party: Party, gone: Held): void {
  if (gone.pending) party.pending--;
  if (party.held === gone) {
    party.held = gone.next;
    return;
  }
  party.held = without(party.held, gone);
}

/** Lists that accesses have noted stay as they are. */
function without(list: Held | null, gone: Held): Held | null {
  if (list === null || list === gone) return gone.next;
  return { ...list, next: without(list.next, gone) };
}
