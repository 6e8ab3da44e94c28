/*
 * Data races, as the memory model of the kernel defines them (tools/memory-model): two accesses of
 * one place by different contexts, one of them a write and one of them plain, that nothing orders.
 * After FastTrack (Flanagan and Freund, PLDI 2009): of each place, the accesses that no later one
 * stands for. A marked write is a release for whoever reads it, since memory is sequentially
 * consistent here. Reports read as those of kernel/kcsan/report.c.
 */
import { Interest } from '../../engine/index.ts';
import { HARDIRQ_MASK, SOFTIRQ_OFFSET } from '../cpu/preempt.ts';
import { EV } from '../events.ts';
import { HOOK } from '../hooks.ts';
import { ACCESS_MARKED, ACCESS_WRITE } from '../instrumented.ts';
import type { Machine } from '../machine.ts';
import { TASK_DEAD } from '../sched/state.ts';
import type { Clock, Held, Party } from './clocks.ts';
import { join } from './clocks.ts';
import type { Detector } from './detectors.ts';
import { HappensBefore, ORDERING } from './happens-before.ts';
import { report_race } from './race-report.ts';

/** One access, with what a report says about it. */
export interface Access {
  readonly party: number;
  readonly time: number;
  readonly how: number;
  readonly actor: string;
  readonly line: number;
  readonly cpu: number;
  readonly pid: number;
  readonly interrupt: boolean;
  readonly held: Held | null;
}

/** Accesses of one place and kind: none of them happened before another. */
type Latest = Access[];

class Place {
  readonly plainReads: Latest = [];
  readonly markedReads: Latest = [];
  readonly plainWrites: Latest = [];
  readonly markedWrites: Latest = [];
  /** What a marked read of its value makes known. */
  released: Clock | null = null;
  /** Pairs of parties that were reported. */
  reported: Set<number> | null = null;
}

export const races: Detector = {
  hears: new Interest([
    HOOK.access,
    HOOK.lock_downgrade,
    EV.lock_acquire,
    EV.lock_contended,
    EV.lock_acquired,
    EV.lock_release,
    ...ORDERING,
  ]),

  create(machine) {
    const detector = new Races(machine);
    const { order } = detector;
    return (_time, cpu, _context, pid, _comm, _flags, event, object, value, a) => {
      switch (event) {
        case HOOK.access:
          detector.access(cpu, pid, object, a);
          break;
        case EV.lock_acquire:
          order.lock(cpu, pid, object, value, a);
          break;
        case EV.lock_contended:
          order.contended(cpu, pid, object);
          break;
        case EV.lock_acquired:
          order.acquired(cpu, pid, object);
          break;
        case EV.lock_release:
          order.unlock(cpu, pid, object);
          break;
        case HOOK.lock_downgrade:
          order.downgrade(cpu, pid, object);
          break;
        default:
          if (order.awake && cpu >= 0) order.event(cpu, pid, event, object, value, a);
          if (event === EV.sched_switch && a === TASK_DEAD) order.parties.forget(pid);
      }
    };
  },
};

class Races {
  readonly order: HappensBefore;
  private readonly machine: Machine;
  /** By the text ids of their names. */
  private readonly places: (Place | undefined)[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    this.order = new HappensBefore(machine);
  }

  access(cpu: number, pid: number, object: number, how: number): void {
    const { order } = this;
    order.awake = true;
    const place = (this.places[object] ??= new Place());
    const party = order.acting(cpu, pid);
    const marked = (how & ACCESS_MARKED) !== 0;
    const writes = (how & ACCESS_WRITE) !== 0;
    const own = writes
      ? marked
        ? place.markedWrites
        : place.plainWrites
      : marked
        ? place.markedReads
        : place.plainReads;
    if (!isSame(own, party)) {
      const access = this.made(party, cpu, pid, how);
      this.check(place, access, party, object);
      remember(place, own, access, party);
    }
    if (marked) this.orderBy(place, party, writes);
  }

  private made(party: Party, cpu: number, pid: number, how: number): Access {
    const { top, preempt_count } = this.machine.cpus[cpu]!;
    const interrupt = (preempt_count & (HARDIRQ_MASK | SOFTIRQ_OFFSET)) !== 0;
    const { actor, line } = top;
    const { index, clock, held } = party;
    return { party: index, time: clock[index]!, how, actor, line, cpu, pid, interrupt, held };
  }

  /** A plain write conflicts with everything, a marked read with plain writes only. */
  private check(place: Place, access: Access, party: Party, object: number): void {
    const marked = (access.how & ACCESS_MARKED) !== 0;
    const writes = (access.how & ACCESS_WRITE) !== 0;
    this.against(place, place.plainWrites, access, party, object);
    if (!marked) this.against(place, place.markedWrites, access, party, object);
    if (writes) this.against(place, place.plainReads, access, party, object);
    if (writes && !marked) this.against(place, place.markedReads, access, party, object);
  }

  private against(
    place: Place,
    others: Latest,
    access: Access,
    party: Party,
    object: number,
  ): void {
    for (const other of others) {
      if (other.party === party.index || party.knows(other.party, other.time)) continue;
      const pair =
        Math.min(other.party, party.index) * 0x100000 + Math.max(other.party, party.index);
      place.reported ??= new Set();
      if (place.reported.has(pair)) continue;
      place.reported.add(pair);
      report_race(this.machine, this.machine.texts.text(object), other, access);
    }
  }

  /** A read makes known what came before the write that it sees; a write replaces that. */
  private orderBy(place: Place, party: Party, writes: boolean): void {
    if (!writes) {
      if (place.released !== null) join(party.clock, place.released);
      return;
    }
    place.released = [...party.clock];
    party.tick();
  }
}

/** Nothing has happened since the last access of this kind that could make a difference. */
function isSame(own: Latest, { index, clock }: Party): boolean {
  for (const { party, time } of own) if (party === index) return time === clock[index];
  return false;
}

/** What the access stands for from now on: all that whoever conflicts with them conflicts with. */
function remember(place: Place, own: Latest, access: Access, party: Party): void {
  const marked = (access.how & ACCESS_MARKED) !== 0;
  const writes = (access.how & ACCESS_WRITE) !== 0;
  forget(place.markedReads, party);
  if (!marked || writes) forget(own, party);
  if (writes && !marked) {
    forget(place.plainReads, party);
    forget(place.markedWrites, party);
  }
  own.push(access);
}

function forget(list: Latest, party: Party): void {
  let kept = 0;
  for (const access of list) {
    if (access.party !== party.index && !party.knows(access.party, access.time)) {
      list[kept++] = access;
    }
  }
  while (list.length > kept) list.pop();
}
