/*
 * What must hold in every run, whatever the program: read off the trace and off the labelled steps
 * as they happen. Each function throws on the first violation.
 */
import { LENGTH_STEP } from './render.ts';
import { LOCKS } from './plan.ts';
import type { ContextName } from '../../models/cpu/accounting.ts';
import type { World } from '../../scenarios/run/world.ts';
import type { TraceRow } from '../scenarios/run/perform.ts';

const RANK: Readonly<Record<string, number>> = {
  idle: 0,
  user: 0,
  kernel: 0,
  softirq: 1,
  hardirq: 2,
} satisfies Record<ContextName, number>;

/** Entries of interrupts and softirqs, and the rank that lasts until their exit. */
const ENTRIES: Readonly<Record<string, number>> = {
  irq_handler_entry: 2,
  local_timer_entry: 2,
  reschedule_entry: 2,
  softirq_entry: 1,
};

function fail(row: TraceRow, message: string): never {
  throw new Error(`${message}: ${JSON.stringify(row)}`);
}

/** One CPU as its rows show it. */
class CpuView {
  private readonly active: { readonly event: string; readonly object: string }[] = [];
  private pid: number | undefined;

  see(row: TraceRow): void {
    const { event, object, context, pid, value } = row;
    // Interrupts come on top of softirqs and never the other way round: the last is the highest.
    const top = this.active.at(-1);
    const highest = top === undefined ? 0 : ENTRIES[top.event]!;
    const rank = RANK[context];
    if (rank === undefined || rank < highest) fail(row, 'a lower context runs');
    if (this.pid !== undefined && pid !== this.pid) fail(row, `runs without a switch to it`);
    if (ENTRIES[event] !== undefined) {
      if (ENTRIES[event] < highest || (event === 'softirq_entry' && highest > 0)) {
        fail(row, 'nests where it must not');
      }
      this.active.push({ event, object });
    } else if (event.endsWith('_exit') && ENTRIES[event.replace('exit', 'entry')] !== undefined) {
      const entry = this.active.pop();
      if (entry?.event !== event.replace('exit', 'entry') || entry.object !== object) {
        fail(row, 'leaves what it did not enter');
      }
    } else if (event === 'sched_switch') {
      if (highest > 0 || rank > 0) fail(row, 'switches in interrupt context');
      this.pid = value;
    }
    this.pid ??= pid;
  }

  /** The task that is on the CPU; undefined until a row tells. */
  get current(): number | undefined {
    return this.pid;
  }
}

/** Rows are numbered, time goes on, contexts nest as CPUs nest them, no task is in two places. */
export function checkTrace(rows: readonly TraceRow[]): void {
  const cpus = new Map<number, CpuView>();
  let time = 0;
  for (const [i, row] of rows.entries()) {
    if (row.seq !== i + 1) fail(row, `row ${i + 1} has another number`);
    if (row.time_ns < time) fail(row, `time goes back from ${time}`);
    time = row.time_ns;
    if (row.cpu === undefined) continue;
    let cpu = cpus.get(row.cpu);
    if (cpu === undefined) cpus.set(row.cpu, (cpu = new CpuView()));
    cpu.see(row);
    if (row.event === 'sched_switch' && isElsewhere(row, cpus)) fail(row, 'a task is on two CPUs');
  }
}

/** The task that a CPU switches to is on another one; every CPU has an idle task with pid 0. */
function isElsewhere({ cpu, value }: TraceRow, cpus: ReadonlyMap<number, CpuView>): boolean {
  return value !== 0 && [...cpus].some(([id, view]) => id !== cpu && view.current === value);
}

/** Hears the labelled steps of a random scenario and holds what locks and queues promise. */
export class Listener {
  /** Actors that came to their end. */
  readonly ended: string[] = [];
  private readonly writers = new Map<string, Set<string>>();
  private readonly readers = new Map<string, number>();
  private readonly entered = new Map<string, number>();
  /** Who holds what, from the outside in; an actor can run on several CPUs at once. */
  private readonly inside = new Map<string, string[]>();
  private readonly sent = new Map<string, number[]>();
  private readonly received = new Map<string, number[]>();

  constructor(world: World) {
    world.onLog = (k, label, result, actor) => {
      const [verb, ...rest] = label.split('-');
      this.hear(verb!, rest.join('-'), result, `${actor} on CPU ${k.cpu.id}`, actor);
    };
  }

  private hear(verb: string, what: string, result: number, who: string, actor: string): void {
    switch (verb) {
      case 'enters':
      case 'reads':
        this.enter(what, verb === 'reads', who);
        break;
      case 'leaves':
        this.leave(what, who);
        break;
      case 'ends':
        this.ended.push(actor);
        break;
      case 'sends':
      case 'receives':
        list(verb === 'sends' ? this.sent : this.received, what).push(result);
        break;
      case 'surplus':
        if (result !== -11) throw new Error(`${who}: one message too many: ${result}`);
    }
  }

  private enter(lock: string, reads: boolean, who: string): void {
    const count = LOCKS.find(({ name }) => name === lock)!.count;
    const readers = this.readers.get(lock) ?? 0;
    const writers = this.writers.get(lock) ?? new Set();
    this.writers.set(lock, writers);
    const full = reads ? writers.size > 0 : writers.size >= count || readers > 0;
    if (full) {
      throw new Error(`${who} enters ${lock}, which ${[...writers].join()} or readers hold`);
    }
    if (reads) this.readers.set(lock, readers + 1);
    else writers.add(who);
    if (!reads) this.entered.set(lock, (this.entered.get(lock) ?? 0) + 1);
    list(this.inside, who).push(lock);
  }

  private leave(lock: string, who: string): void {
    if (!this.inside.get(who)?.includes(lock)) throw new Error(`${who} is not in ${lock}`);
    list(this.inside, who).pop();
    if (!this.writers.get(lock)!.delete(who)) {
      this.readers.set(lock, this.readers.get(lock)! - 1);
    }
  }

  /** Every entry was counted by the program itself: none was lost to a second one inside. */
  checkCounters(world: World): void {
    for (const { name, count } of LOCKS) {
      if (count > 1) continue;
      const counter = world.variables.find((variable) => variable.name === `n_${name}`)!;
      const entered = this.entered.get(name) ?? 0;
      if (counter.values[0] !== entered) {
        throw new Error(`${name}: ${entered} entries, the counter says ${counter.values[0]}`);
      }
    }
  }

  /** What arrived is what was sent, each once, those of one sender in their order. */
  checkMessages(): void {
    for (const [channel, lengths] of this.sent) {
      const sent = [...lengths].sort((a, b) => a - b);
      const arrived = this.received.get(channel) ?? [];
      const sorted = [...arrived].sort((a, b) => a - b);
      if (JSON.stringify(sent) !== JSON.stringify(sorted)) {
        throw new Error(`channel ${channel}: sent ${sent.join()}, received ${sorted.join()}`);
      }
      const last = new Map<number, number>();
      for (const length of arrived) {
        const sender = Math.floor(length / LENGTH_STEP);
        if (length <= (last.get(sender) ?? 0)) {
          throw new Error(`channel ${channel}: ${length} comes after ${last.get(sender)}`);
        }
        last.set(sender, length);
      }
    }
  }
}

function list<T>(map: Map<string, T[]>, key: string): T[] {
  let values = map.get(key);
  if (values === undefined) map.set(key, (values = []));
  return values;
}
