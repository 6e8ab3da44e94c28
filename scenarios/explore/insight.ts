/*
 * The state of a scenario's run in parts, for searches that want to know what a step depends on:
 * each CPU with its tasks, the rest of the machine, each variable, each object. Objects that are no
 * more than what they feed stand for themselves in a footprint; with others more is meant.
 */
import { Fingerprint, type Insight, type Move } from '../../engine/index.ts';
import type { CpuMove } from '../../models/cpu/moves.ts';
import { Lock } from '../../models/locking/lock.ts';
import type { Machine } from '../../models/machine.ts';
import { Completion } from '../../models/sched/completion.ts';
import { Task } from '../../models/sched/task.ts';
import { WaitQueueHead } from '../../models/sched/wait.ts';
import { World } from '../run/world.ts';
import { SharedVariable } from '../run/variables.ts';
import type { Place } from './explorable.ts';

/** Asked for when the run goes on. */
export function insightOf(place: () => Place): () => Insight {
  let insight: WorldInsight | null = null;
  return () => (insight ??= new WorldInsight(place()));
}

class WorldInsight implements Insight {
  readonly places: number;
  private readonly machine: Machine;
  /** Null: what is run feeds no state. */
  private readonly world: World | null;
  private readonly objects: readonly unknown[];
  private readonly numbers = new Map<unknown, number>();
  private readonly state = new Fingerprint();

  constructor(place: Place) {
    this.machine = place.machine;
    this.world = place instanceof World ? place : null;
    this.places = this.machine.cpus.length;
    this.objects = this.world === null ? [] : partsOf(this.world);
    for (const [i, object] of this.objects.entries()) this.numbers.set(object, this.places + 1 + i);
  }

  placeOf(move: Move): number {
    return 'cpu' in move ? (move as CpuMove).cpu.id : this.places;
  }

  partOf(object: object): number {
    return isPlain(object) ? (this.numbers.get(object) ?? -1) : -1;
  }

  parts(): readonly number[] | null {
    const { world, machine } = this;
    if (world === null || world.opaque || world.readsTime || world.netIfUsed !== null) return null;
    const parts: number[] = [];
    let known = true;
    const add = (feed: (state: Fingerprint) => void): void => {
      this.state.reset();
      feed(this.state);
      known &&= this.state.known;
      parts.push(this.state.value);
    };
    for (const cpu of machine.cpus) {
      add((state) => {
        cpu.feed(state);
        for (const task of machine.allTasks) if (task.cpu === cpu) task.feed(state);
      });
    }
    add((state) => this.rest(state, world));
    for (const object of this.objects) add((state) => state.object(object));
    add((state) => machine.exploration!.feedMoves(state));
    return known ? parts : null;
  }

  private rest(state: Fingerprint, world: World): void {
    const { machine } = this;
    state.add(machine.allTasks.length);
    machine.optimisticSpinners.feed(state);
    machine.rcu?.feed(state);
    machine.timerBottomHalf.feed(state);
    machine.exploration!.feedTimes(state);
    for (const part of world.parts) part.feed(state);
  }
}

/** What has state besides the machine. */
function partsOf({ variables, objects, actors }: World): unknown[] {
  const others = [...actors.values()].filter(
    (actor) => !(actor instanceof Task) && typeof actor === 'object',
  );
  return [...variables, ...objects.values(), ...others];
}

function isPlain(object: object): boolean {
  return (
    object instanceof SharedVariable ||
    object instanceof Lock ||
    object instanceof Completion ||
    object instanceof WaitQueueHead
  );
}
