/*
 * What happens under a schedule, step by step: who takes it, where, what it says in the scenario,
 * what it touches, and what becomes of whoever took it.
 */
import type { Access, Move, MoveKind, Strategy } from '../../engine/index.ts';
import type { Context } from '../../models/context.ts';
import type { Finding } from '../../models/checks/findings.ts';
import type { ContextName } from '../../models/cpu/accounting.ts';
import type { Cpu } from '../../models/cpu/cpu.ts';
import type { CpuMove } from '../../models/cpu/moves.ts';
import { TASK_DEAD, TASK_RUNNING, type Task } from '../../models/sched/task.ts';
import { EV } from '../../models/events.ts';
import { followed, type NamedPlan } from './names.ts';
import type { Explorable, Place } from './explorable.ts';

/** What has become of who took a step. */
export type Fate = '' | 'spins' | 'sleeps' | 'ends' | 'buffered';

/** A step of somebody's, whether it was taken or not. */
export interface Point {
  readonly kind: MoveKind;
  readonly actor: string;
  /** In the scenario; 0: it is none of its steps. */
  readonly line: number;
  readonly text: string;
}

export interface Step extends Point {
  /** The name by which a schedule knows who it was; a timer of the kernel's own has none. */
  readonly mover: string;
  /** -1: nobody knows yet. */
  readonly cpu: number;
  readonly context: ContextName | '';
  /** It goes on with a step of the scenario that it began before. */
  readonly continues: boolean;
  /** The names of the objects that it touches, and whether it may change them. */
  readonly touches: readonly { readonly object: string; readonly writes: boolean }[];
  fate: Fate;
  /** What it waits for, if it sleeps. */
  waitsFor: string;
  /** What was found in this step. */
  readonly findings: Finding[];
}

export interface Timeline {
  readonly steps: readonly Step[];
  /** Found when everything had ended. */
  readonly atEnd: readonly Finding[];
  /** Everyone who has not ended: where they stand and why they do not go on. */
  readonly left: readonly Standing[];
}

export interface Standing extends Point {
  readonly cpu: number;
  readonly fate: Fate;
  readonly waitsFor: string;
  /** The locks that it holds. */
  readonly holds: readonly string[];
}

/** Runs the plan and notes what happens. */
export function timelineOf(program: Explorable, plan: NamedPlan): Timeline {
  const recorder = new Recorder();
  const { findings, world } = program.run(
    (current) => {
      const strategy = followed(plan, () => current().machine.texts);
      return recorder.watch(strategy, current);
    },
    (made) => recorder.listen(made),
  );
  return recorder.finish(world, findings);
}

/** The step that is being taken, until the next choice. */
interface Open {
  readonly step: Step;
  readonly cpu: Cpu | null;
  readonly k: Context | null;
  readonly task: Task | null;
  readonly found: number;
  /** How much of what its CPU has written waits in the store buffer. */
  readonly stores: number;
}

class Recorder {
  private readonly steps: Step[] = [];
  private readonly begun = new WeakMap<Context, number>();
  private readonly held = new Map<string, string[]>();
  private open: Open | null = null;

  /** Notes who holds which locks. */
  listen({ machine }: Place): void {
    machine.trace.subscribe((_time, cpu, _context, _pid, _comm, _flags, event, object) => {
      const takes = event === EV.lock_acquire || event === EV.lock_acquired;
      if (!takes && event !== EV.lock_contended && event !== EV.lock_release) return;
      this.hold(machine.cpus[cpu]!.top.actor, machine.texts.text(object), takes);
    });
  }

  /** Locks are given back by whoever has them: not always the one who took them. */
  private hold(actor: string, lock: string, takes: boolean): void {
    const { held } = this;
    const own = held.get(actor) ?? [];
    held.set(actor, own);
    if (takes) {
      own.push(lock);
    } else {
      const locks = [own, ...held.values()].find((others) => others.includes(lock));
      locks?.splice(locks.lastIndexOf(lock), 1);
    }
  }

  watch(strategy: Strategy, world: () => Place): Strategy {
    return {
      name: strategy.name,
      choose: (kind, count) => strategy.choose(kind, count),
      pick: (moves) => {
        this.close(world());
        const index = strategy.pick!(moves);
        const move = moves[index];
        if (move !== undefined) this.begin(move, world());
        return index;
      },
    };
  }

  private begin(move: Move, { machine }: Place): void {
    const cpu = 'cpu' in move ? (move as CpuMove).cpu : null;
    const k = move.kind === 'step' ? (cpu?.top ?? null) : null;
    const mover = machine.texts.text(move.actor);
    const name = mover || move.kind;
    const preempted = move.kind === 'preemption' ? cpu!.current.actor : null;
    const continues = k !== null && this.begun.get(k) === k.begun;
    if (k !== null) this.begun.set(k, k.begun);
    const step: Step = {
      kind: move.kind,
      mover,
      actor: k?.actor ?? preempted ?? name,
      cpu: cpu?.id ?? -1,
      context: cpu?.contextName() ?? '',
      line: k?.line ?? 0,
      text: k?.doing ?? '',
      continues,
      touches: touched(move.footprint),
      fate: '',
      waitsFor: '',
      findings: [],
    };
    const found = machine.findings.all.length;
    const task = k?.kind === 'task' ? cpu!.current : null;
    this.open = { step, cpu, k, task, found, stores: cpu?.stores?.length ?? 0 };
    this.steps.push(step);
  }

  private close({ machine }: Place): void {
    const { open } = this;
    if (open === null) return;
    this.open = null;
    const { step, k, task, found } = open;
    step.findings.push(...machine.findings.all.slice(found));
    if (k === null) return;
    step.fate = fateOf(k, task);
    if (step.fate === '' && (k.cpu.stores?.length ?? 0) > open.stores) step.fate = 'buffered';
    if (task !== null && step.fate === 'sleeps') step.waitsFor = task.waitingFor;
  }

  finish(world: Place, findings: readonly Finding[]): Timeline {
    const { steps } = this;
    const known = steps.flatMap((step) => step.findings).length;
    const { underWay } = world.machine.findings;
    this.close(world);
    const last = steps.at(-1);
    last?.findings.splice(0, last.findings.length, ...findings.slice(known, underWay));
    const atEnd = findings.slice(Math.max(known, underWay));
    return { steps, atEnd, left: leftIn(world, this.held) };
  }
}

function touched(footprint: readonly Access[]): Step['touches'] {
  return footprint.flatMap(({ object, writes }) => {
    const { name } = object as { name?: unknown };
    return typeof name === 'string' ? [{ object: name, writes }] : [];
  });
}

function fateOf(k: Context, task: Task | null): Fate {
  if (k.spinning) return 'spins';
  if (task === null) return '';
  if (task.state === TASK_DEAD) return 'ends';
  return task.state !== TASK_RUNNING && !task.on_rq ? 'sleeps' : '';
}

/** Whoever is in the middle of a step of the scenario, CPU by CPU, then those off the CPUs. */
function leftIn({ machine }: Place, held: ReadonlyMap<string, readonly string[]>): Standing[] {
  const left: Standing[] = [];
  const note = (k: Context, cpu: number, fate: Fate, waitsFor: string): void => {
    const { actor, line, doing: text } = k;
    if (line === 0 && text === '' && fate === '') return;
    const holds = held.get(actor) ?? [];
    left.push({ kind: 'step', actor, cpu, line, text, fate, waitsFor, holds });
  };
  for (const { id, top } of machine.cpus) {
    for (let k: Context | null = top; k !== null; k = k.below) {
      note(k, id, k.spinning ? 'spins' : '', '');
    }
  }
  const current = machine.cpus.map((cpu) => cpu.current);
  for (const task of machine.tasks.values()) {
    if (current.includes(task)) continue;
    const sleeps = task.state !== TASK_RUNNING && !task.on_rq;
    note(task.top, task.cpu.id, sleeps ? 'sleeps' : '', sleeps ? task.waitingFor : '');
  }
  return left;
}
