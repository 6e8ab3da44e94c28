/*
 * Runs a recorded program in the model and notes of every labelled step what the recorder noted of
 * it (evt of the recorder).
 */
import type { Finding } from '../../models/checks/findings.ts';
import type { Context } from '../../models/context.ts';
import type { Cpu } from '../../models/cpu/cpu.ts';
import {
  PREEMPT_MASK,
  SOFTIRQ_MASK,
  SOFTIRQ_OFFSET,
  in_hardirq,
  in_serving_softirq,
} from '../../models/cpu/preempt.ts';
import { TASK_DEAD, type Task } from '../../models/sched/task.ts';
import type { LoadedScenario } from '../load/index.ts';
import { ScenarioRun } from '../run/run.ts';
import type { World } from '../run/world.ts';
import type { KernelCase, KernelEvent, KernelOutcome } from './kernel-case.ts';
import { CONTROLLER, controllerName, startRecording, type Recording } from './kernel-harness.ts';

const NMI_MASK = 0xf00000;
/** The recorder keeps so many events. */
const CAPACITY = 2000;
/** Steps of the model between two looks at whether the case is over. */
const SLICE = 200;

export interface Observed extends KernelOutcome {
  /**
   * Events whose preempt_count says nothing: the interrupt hit a `udelay`, which turns preemption
   * off and on all the time.
   */
  readonly uncertain: ReadonlySet<KernelEvent>;
  /** What the checks of the kernel had to say until the end of the case. */
  readonly findings: readonly Finding[];
}

/** A counter below zero looks like a non-maskable interrupt. */
function contextOf(cpu: Cpu): KernelEvent['ctx'] {
  if ((cpu.preempt_count & NMI_MASK) !== 0) return 'nmi';
  return in_hardirq(cpu) ? 'hardirq' : in_serving_softirq(cpu) ? 'softirq' : 'task';
}

class Observer {
  readonly events: KernelEvent[] = [];
  readonly uncertain = new Set<KernelEvent>();
  private readonly recorded: KernelCase;
  private readonly loaded: LoadedScenario;
  private readonly world: World;
  private readonly recording: Recording;
  private readonly controller: string;

  constructor(recorded: KernelCase, loaded: LoadedScenario, world: World) {
    this.recorded = recorded;
    this.loaded = loaded;
    this.world = world;
    this.recording = startRecording(world, recorded);
    this.controller = controllerName(recorded);
    world.onLog = (k, label, result, actor) => this.note(k, label, result, actor);
  }

  get over(): boolean {
    return this.recording.over;
  }

  private note(k: Context, log: string, result: number, by: string): void {
    if (this.over || this.events.length >= CAPACITY) return;
    const { cpu } = k;
    const ctx = contextOf(cpu);
    const current = this.nameOf(cpu.current);
    const preempt_count = cpu.preempt_count & PREEMPT_MASK;
    const event: KernelEvent = {
      log,
      by,
      ctx,
      ...(current === by ? {} : { current }),
      ...(this.recorded.machine.cpus > 1 ? { cpu: cpu.id } : {}),
      ...(cpu.irqs_disabled ? { irqs_off: true } : {}),
      ...((cpu.preempt_count & SOFTIRQ_MASK & ~SOFTIRQ_OFFSET) === 0 ? {} : { bh_off: true }),
      ...(preempt_count === 0 ? {} : { preempt_count }),
      ...(Number.isNaN(result) ? {} : { ret: result }),
      ...(this.recorded.jiffies_recorded
        ? { j: k.machine.jiffies - this.recording.alignedAt }
        : {}),
    };
    this.events.push(event);
    if (this.hitDelay(k)) this.uncertain.add(event);
  }

  private hitDelay(k: Context): boolean {
    for (let hit = k.below; hit !== null; hit = hit.below) if (this.delays(hit.actor)) return true;
    return false;
  }

  private nameOf(task: Task): string {
    if (task.comm === this.controller) return CONTROLLER;
    return task.comm.startsWith('kworker/') ? 'kworker' : task.comm;
  }

  private delays(actor: string): boolean {
    const step = this.step(actor);
    return step?.kind === 'call' && step.op.name === 'busy_us';
  }

  /** The step at which an actor stands. */
  private step(actor: string) {
    const activation = this.world.activations.get(actor);
    return activation && this.codeOf(actor)[activation.pc - 1];
  }

  private codeOf(actor: string) {
    const body = this.loaded.actors.find(({ name }) => name === actor)?.body;
    return body?.kind === 'steps' ? body.code.code : [];
  }

  /** Tasks that ran and did not end, with the number of the step at which they stand. */
  stuck(): string[] {
    return this.tasks()
      .filter((task) => this.world.activations.has(task.actor) && task.state !== TASK_DEAD)
      .map(({ actor }) => {
        const line = this.step(actor)!.at.line - this.codeOf(actor)[0]!.at.line;
        return `${actor} step ${line}`;
      })
      .sort();
  }

  neverRan(): string[] {
    return this.tasks()
      .map(({ actor }) => actor)
      .filter((actor) => !this.world.activations.has(actor))
      .sort();
  }

  private tasks(): Task[] {
    return this.recording.tasks.map(({ name }) => this.world.actor(name) as Task);
  }
}

/** One run of the case; jiffies are `firstJiffy` when the machine boots. */
export function observe(
  recorded: KernelCase,
  loaded: LoadedScenario,
  firstJiffy: number,
): Observed {
  const run = new ScenarioRun(loaded, { firstJiffy });
  const observer = new Observer(recorded, loaded, run.world);
  while (!observer.over && run.slice(SLICE));
  const stuck = observer.stuck();
  const neverRan = observer.neverRan();
  return {
    events: observer.events,
    uncertain: observer.uncertain,
    findings: [...run.world.machine.findings.all],
    ...(neverRan.length === 0 ? {} : { never_ran: neverRan }),
    ...(stuck.length === 0 ? {} : { stuck }),
  };
}
