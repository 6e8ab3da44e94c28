/*
 * One run of a scenario: builds its world, lets virtual time pass in slices, and sums up.
 */
import {
  LimitReached,
  type KnownTexts,
  type RunBounds,
  type Strategy,
  type TraceSink,
} from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import { eras } from '../../models/era.ts';
import { HOOK } from '../../models/hooks.ts';
import { Probe } from '../../models/kprobes.ts';
import { Machine } from '../../models/machine.ts';
import { report_hangs } from '../../models/checks/hang.ts';
import { Livelocks } from '../../models/checks/livelock.ts';
import { TASK_DEAD, TASK_NEW, Task } from '../../models/sched/task.ts';
import { EvaluationError, type LoadedScenario } from '../load/index.ts';
import { ScenarioError } from './error.ts';
import { objectTypes } from '../objects/index.ts';
import { Activation } from './activation.ts';
import { ActorFactory } from './actors.ts';
import { checkAll } from './expect.ts';
import { countEvents, deriveMetrics } from './derived.ts';
import { factsOf, type Facts } from './facts.ts';
import { Faults } from './faults.ts';
import { Injector } from './injector.ts';
import { collectMetrics } from './collect.ts';
import { ProcLooks, type ProcLook } from './proc-looks.ts';
import type { RunEnding, RunResult } from './result.ts';
import { fillTable } from './table.ts';
import { SharedVariable } from './variables.ts';
import { World } from './world.ts';

export interface RunOptions {
  readonly seed?: number | string;
  /** ns; the scenario's own if left out. */
  readonly until?: number;
  readonly sink?: TraceSink | undefined;
  readonly strategy?: Strategy;
  /** Explores: choices decide what comes next; how often each line interrupts. */
  readonly explored?: RunBounds;
  /** Jiffies at virtual time 0. */
  readonly firstJiffy?: number;
  /** Texts that are numbered already. */
  readonly texts?: KnownTexts | undefined;
  /** When somebody looks at files of /proc. */
  readonly procLooks?: readonly ProcLook[];
  /** Opens a file that the scenario names. */
  readonly readFile?: ((path: string) => Uint8Array) | undefined;
}

export class ScenarioRun {
  readonly world: World;
  readonly untilNs: number;
  private readonly loaded: LoadedScenario;
  private readonly facts: Facts;
  private readonly machine: Machine;
  private readonly looks: ProcLooks;
  private ending: RunEnding | null = null;
  private limit = '';

  constructor(loaded: LoadedScenario, options: RunOptions = {}) {
    const { scenario } = loaded;
    this.loaded = loaded;
    this.facts = factsOf(loaded);
    this.untilNs = options.until ?? scenario.until;
    this.machine = buildMachine(loaded, this.facts, options);
    this.looks = new ProcLooks(this.machine, options.procLooks ?? []);
    const variables = loaded.variables.map(
      (declared) => new SharedVariable(this.machine, declared),
    );
    const readFile = options.readFile ?? noFiles;
    const interrupts = options.explored?.interrupts ?? 0;
    this.world = new World(this.machine, variables, readFile, interrupts);
    this.machine.trace.select(scenario.trace.events);
    this.world.atEnd.push(deriveMetrics(this.machine, scenario.metrics, this.world.metrics));
    this.populate();
    if (this.machine.exploration !== null && this.facts.loops) this.watchCircles();
    countEvents(this.machine, scenario.counts, (name) =>
      variables.find((variable) => variable.name === name)!,
    );
  }

  private populate(): void {
    const { world, loaded, facts } = this;
    const { scenario } = loaded;
    const injector = new Injector(this.machine);
    world.parts.push(injector);
    world.readsTime = facts.readsTime;
    world.opaque = facts.opaque;
    for (const [name, fields] of facts.objects) {
      world.objects.set(name, objectTypes.get(fields.type)!.create(world, name, fields));
    }
    world.probed = [...world.objects.values()].some((object) => object instanceof Probe);
    const factory = new ActorFactory(world, injector);
    for (const actor of loaded.actors) factory.create(actor);
    if (scenario.faults.length === 0) return;
    const faults = new Faults(world, injector, factory);
    for (const fault of scenario.faults) {
      const hit = loaded.actors.filter(({ name, group }) => [name, group].includes(fault.target));
      faults.arm(
        fault,
        hit.map(({ name }) => name),
      );
    }
  }

  private watchCircles(): void {
    const { world, machine } = this;
    const busy = new Map<string, Task>();
    for (const { name } of this.loaded.actors) {
      const task = world.actor(name);
      if (task instanceof Task && !this.facts.daemons.has(name)) busy.set(name, task);
    }
    machine.exploration!.observer = new Livelocks(
      machine,
      () => world.fingerprint(-1),
      () => world.rounds,
      (actor) => busy.get(actor) ?? null,
    );
  }

  get timeNs(): number {
    return this.machine.sim.now;
  }

  get steps(): number {
    return this.machine.sim.steps;
  }

  /** Goes on for about `steps` steps; false when the run has ended. */
  slice(steps: number): boolean {
    if (this.ending !== null) return false;
    try {
      const { looks } = this;
      const ending = this.machine.sim.run(Math.min(this.untilNs, looks.next), steps);
      if (ending === 'slice') return true;
      if (ending === 'until' && looks.next <= this.untilNs) {
        looks.take();
        return true;
      }
      while (looks.next < Infinity) looks.take();
      this.ending = ending === 'stopped' ? 'interrupted' : ending;
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      if (this.machine.exploration !== null) {
        this.ending = 'bound';
        return false;
      }
      this.ending = 'limit';
      this.limit = error.message;
    }
    return false;
  }

  /** What must hold once everything has ended; a run that was cut short says nothing about it. */
  private checkFinally(): void {
    if (this.ending === 'interrupted' || this.ending === 'circle') return;
    const all = this.allTasksEnded();
    if (this.ending !== 'quiescent' && !all) return;
    const { machine } = this;
    if (all) machine.tell(machine.cpus[0]!, HOOK.end);
    for (const check of this.world.whenAllEnded) check();
    if (this.loaded.finally.length === 0) return;
    const variables = new Activation('finally', 0, this.world.variables, null);
    for (const { text, reads, evaluate } of this.loaded.finally) {
      if (evaluated(text, () => evaluate(variables)) !== 0) continue;
      const objects = this.namesOf(reads);
      machine.findings.report(machine.cpus[0]!, 'assertion', `finally does not hold: ${text}`, {
        objects,
      });
    }
  }

  /** The shared variables in these slots. */
  private namesOf(slots: readonly number[]): string[] {
    return [...new Set(slots.map((slot) => this.loaded.variables[slot]!.name))];
  }

  /** Tasks of the scenario that have begun, may not wait for ever, and have not ended. */
  private waiters(): Task[] {
    if (this.machine.tasks.size === 0) return [];
    const patient = new Set<unknown>();
    const own = new Set<unknown>();
    for (const { name } of this.loaded.actors) {
      (this.facts.daemons.has(name) ? patient : own).add(this.world.actor(name));
    }
    return [...this.machine.tasks.values()].filter(
      (task) => hasBegun(task) && !patient.has(task) && (own.has(task) || task.kind === 'user'),
    );
  }

  private allTasksEnded(): boolean {
    for (const { name } of this.loaded.actors) {
      const task = this.world.actor(name);
      if (!(task instanceof Task) || task.state === TASK_DEAD) continue;
      if (!this.facts.daemons.has(name)) return false;
    }
    return true;
  }

  /** The user wants no more of it: `finish` sums up what there is. */
  interrupt(): void {
    this.ending ??= 'interrupted';
  }

  /** Goes on to the end and looks at what must hold there; returns what was found. */
  end(): readonly Finding[] {
    while (this.ending === null) this.slice(Number.MAX_SAFE_INTEGER);
    const { findings } = this.machine;
    findings.underWay = Math.min(findings.underWay, findings.all.length);
    if (this.ending === 'quiescent') {
      report_hangs(this.machine, this.waiters(), this.world.objects);
    }
    this.machine.lockups?.atEnd(this.untilNs);
    this.checkFinally();
    return this.machine.findings.all;
  }

  /** Ends the trace and sums up. Throws ScenarioError if `expect` names an unknown metric. */
  finish(): RunResult {
    const findings = this.end();
    const { machine, world } = this;
    machine.accountAll();
    machine.trace.flush();
    collectMetrics(world, this.untilNs);
    const { table } = this.loaded;
    const whole = this.ending !== 'interrupted';
    const checks = whole ? checkAll(this.loaded, world.metrics, findings) : [];
    return {
      ending: this.ending!,
      ...(this.limit === '' ? {} : { limit: this.limit }),
      timeNs: machine.sim.now,
      steps: machine.sim.steps,
      metrics: world.metrics.all(),
      cpus: machine.cpus.map((cpu) => ({ cpu: cpu.id, ns: cpu.times.ns, switches: cpu.switches })),
      locks: world.locks().map((lock) => ({
        name: lock.name,
        type: lock.type,
        acquired: lock.acquired,
        contended: lock.contended,
        waitMaxNs: lock.waitMax,
        holdMaxNs: lock.holdMax,
      })),
      tasks: machine.allTasks.map((task) => ({
        actor: task.actor,
        pid: task.pid,
        wakeups: task.wakeups,
        voluntary: task.nvcsw,
        involuntary: task.nivcsw,
        runNs: task.sum_exec_runtime,
        waitingFor: task.state === TASK_DEAD || task.on_rq ? '' : task.waitingFor,
      })),
      findings,
      checks,
      ...(table && whole ? { table: fillTable(table, world.metrics, findings) } : {}),
      console: machine.console,
      ...(this.looks.seen.length === 0 ? {} : { procfs: this.looks.seen }),
      choices: machine.door.choices,
    };
  }
}

/** A kernel thread sleeps from its creation on, until it is first woken. */
function hasBegun({ kind, state, wakeups }: Task): boolean {
  return kind === 'kthread' ? wakeups > 0 : state !== TASK_NEW;
}

function evaluated(text: string, evaluate: () => number): number {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new ScenarioError(null, `finally: ${text}: ${error.message}`);
  }
}

function buildMachine({ scenario }: LoadedScenario, facts: Facts, options: RunOptions): Machine {
  const { cpus, hz, preemption } = scenario.machine;
  const { preemptionModels } = eras[scenario.kernel];
  if (!preemptionModels.includes(preemption)) {
    throw new ScenarioError(
      null,
      `machine.preemption: ${scenario.kernel} has ${preemptionModels.join(', ')}, ` +
        `not '${preemption}'`,
    );
  }
  return new Machine({
    kernel: scenario.kernel,
    cpus,
    hz,
    preemption,
    memory: scenario.machine.memory,
    preset: facts.costs,
    seed: options.seed ?? scenario.seed,
    maxSteps: options.explored?.steps ?? scenario.limits.events,
    explored: options.explored !== undefined,
    anyTimeouts: options.explored?.anyTimeouts ?? false,
    texts: options.texts,
    sink: options.sink,
    strategy: options.strategy,
    firstJiffy: options.firstJiffy,
  });
}

function noFiles(path: string): Uint8Array {
  throw new ScenarioError(
    null,
    `the file '${path}' cannot be read: this run has no access to files`,
  );
}
