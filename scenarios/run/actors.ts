/*
 * The actors of a scenario as things of the machine: interrupt lines, softirq handlers, tasklets,
 * timers, threads and processes, each running its steps or a built-in program.
 */
import { withoutResult, type Code, type Context } from '../../models/context.ts';
import type { Cpu } from '../../models/cpu/cpu.ts';
import { ArrivalMove } from '../../models/cpu/moves.ts';
import { EV } from '../../models/events.ts';
import { IrqWork, start_irq_work } from '../../models/irq/irq_work.ts';
import { IrqLine } from '../../models/irq/line.ts';
import { raise_softirq } from '../../models/irq/softirq.ts';
import { Tasklet, tasklet_schedule } from '../../models/irq/tasklet.ts';
import { kthread_create } from '../../models/kthread.ts';
import { Napi, napi_complete_done } from '../../models/net/napi.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import type { Scheduling, Task } from '../../models/sched/task.ts';
import { Hrtimer } from '../../models/time/hrtimer.ts';
import { TimerList, mod_timer } from '../../models/time/timer.ts';
import { spawnUser } from '../../models/user/spawn.ts';
import { DelayedWork, Work } from '../../models/workqueue/work.ts';
import { start_work } from '../../models/workqueue/workqueue.ts';
import type { Actor, Arrivals, LoadedActor } from '../load/index.ts';
import type { BuiltIn } from '../programs/define.ts';
import type { Op } from '../vocabulary/define.ts';
import { Schedule, instants } from './arrivals.ts';
import { ScenarioError } from './error.ts';
import type { Injector } from './injector.ts';
import { runSteps } from './interpreter.ts';
import { inModule } from './module-text.ts';
import { probedCallback } from './probes.ts';
import { withInstants } from './recorded-arrivals.ts';
import type { World } from './world.ts';

/** What an actor does each time it runs. */
type Body = (k: Context) => Code<number>;

/** Vectors of interrupt lines that a scenario does not number: from here on. */
const FIRST_IRQ = 32;

export class ActorFactory {
  private readonly world: World;
  private readonly injector: Injector;
  private readonly loaded = new Map<string, LoadedActor>();
  private irqs = 0;

  constructor(world: World, injector: Injector) {
    this.world = world;
    this.injector = injector;
  }

  /** @throws ScenarioError if the actor cannot be what the scenario wants it to be */
  create(loaded: LoadedActor): void {
    checkMode(loaded);
    // Numbered now, so that runs that order things differently give it the same number.
    this.world.machine.texts.intern(loaded.name);
    this.loaded.set(loaded.name, loaded);
    this.world.actors.set(loaded.name, this.make(loaded.name, loaded.spec, this.bodyOf(loaded)));
  }

  /** Makes the task anew and starts it: a process that somebody starts again. */
  restart(cpu: Cpu, name: string): void {
    const loaded = this.loaded.get(name)!;
    const { pid: _, ...spec } = { pid: undefined, ...loaded.spec };
    const task = this.make(name, { ...spec, start: false } as Actor, this.bodyOf(loaded)) as Task;
    this.world.actors.set(name, task);
    wake_up_process(cpu, task);
  }

  private bodyOf({ name, index, spec, body }: LoadedActor): Body {
    const { world } = this;
    if (body.kind === 'steps') {
      const role = isOfProcess(spec.kind) ? 'process' : 'called';
      const mod = world.textOf.get(name);
      const steps: Body = (k) => runSteps(k, world, body.code, name, role, mod);
      return mod === undefined ? steps : inModule(name, mod, steps);
    }
    return (body.program as BuiltIn).create(world, spec.with, { name, index });
  }

  private make(name: string, actor: Actor, body: Body): unknown {
    switch (actor.kind) {
      case 'irq':
        return this.irq(name, actor, body);
      case 'softirq':
        return this.softirq(name, actor, body);
      case 'tasklet': {
        const tasklet = new Tasklet(name, handler(body));
        this.start(actor.start, actor.cpu, (cpu) => tasklet_schedule(cpu, tasklet));
        return tasklet;
      }
      case 'timer': {
        const timer = new TimerList(name, handler(body));
        this.start(actor.start, actor.cpu, (cpu) => {
          mod_timer(cpu, timer, cpu.machine.jiffies);
        });
        return timer;
      }
      case 'hrtimer': {
        const hrtimer = new Hrtimer(name, actor.soft, handler(body));
        this.start(actor.start, actor.cpu, (cpu) => hrtimer.start(cpu, 0));
        return hrtimer;
      }
      case 'kthread':
        return this.kthread(name, actor, body);
      case 'user':
      case 'sys':
        return this.process(name, actor, body);
      case 'callback':
        return asActor(name, probedCallback(name, body));
      case 'handler':
        return asActor(name, body);
      case 'irq_work': {
        const { era } = this.world.machine;
        if (!era.irqWork) {
          throw new ScenarioError(null, `actors.${name}.kind: ${era.name} has no irq_work`);
        }
        const work = new IrqWork(name, handler(body));
        this.start(actor.start, actor.cpu, (cpu) => start_irq_work(cpu, work));
        return work;
      }
      case 'napi':
        return this.napi(name, actor, body);
      case 'work': {
        const work = new Work(name, handler(body));
        this.start(actor.start, actor.cpu, (cpu) => void start_work(cpu, work));
        return work;
      }
      case 'delayed_work': {
        const dwork = new DelayedWork(name, handler(body));
        this.start(actor.start, actor.cpu, (cpu) => void start_work(cpu, dwork.work));
        return dwork;
      }
    }
  }

  private irq(name: string, actor: Extract<Actor, { kind: 'irq' }>, body: Body): IrqLine {
    const { machine } = this.world;
    const number = typeof actor.line === 'number' ? actor.line : FIRST_IRQ + this.irqs++;
    const line = new IrqLine({
      name,
      number,
      handler: asActor(name, handler(body)),
      entryEvent: EV.irq_handler_entry,
      exitEvent: EV.irq_handler_exit,
    });
    machine.irqLines.push(line);
    if (actor.arrivals !== undefined) {
      const cpu = machine.cpus[actor.cpu ?? 0]!;
      this.arrive(cpu, line, withInstants(actor.arrivals, this.world.readFile));
    }
    return line;
  }

  /** Where order is open, an interrupt may come at any step, as often as is looked at. */
  private arrive(cpu: Cpu, line: IrqLine, arrivals: Arrivals): void {
    const { machine } = this.world;
    const raise = (): void => void cpu.raise(line);
    if (machine.exploration === null) {
      const times = instants(arrivals, machine.random.stream(`${line.name}/arrivals`));
      new Schedule(machine, times, raise);
    } else {
      const bound = arrivals.count ?? arrivals.at?.length ?? Infinity;
      const left = Math.min(bound, this.world.interrupts);
      machine.exploration.curbed ||= bound > left;
      machine.exploration.offer(new ArrivalMove(cpu, line, left, raise));
    }
  }

  private softirq(name: string, actor: Extract<Actor, { kind: 'softirq' }>, body: Body): string {
    const { machine } = this.world;
    if (!machine.era.softirqs.includes(actor.vector)) {
      const { name: kernel, softirqs } = machine.era;
      const text = `${kernel} has ${softirqs.join(', ')}, not '${actor.vector}'`;
      throw new ScenarioError(null, `actors.${name}.vector: ${text}`);
    }
    machine.softirqActions.set(actor.vector, asActor(name, handler(body)));
    this.start(actor.start, actor.cpu, (cpu) => raise_softirq(cpu, actor.vector));
    return actor.vector;
  }

  private napi(name: string, actor: Extract<Actor, { kind: 'napi' }>, body: Body): Napi {
    const { rx } = this.world.net;
    const poll = asActor(name, body);
    const napi = new Napi(rx, name, (k) => {
      if (actor.complete) napi_complete_done(k.cpu, napi);
      return poll(k);
    });
    this.start(actor.start, actor.cpu, (cpu) => void rx.napi_schedule(cpu, napi));
    return napi;
  }

  private kthread(name: string, actor: Extract<Actor, { kind: 'kthread' }>, body: Body): Task {
    const task = kthread_create(this.world.machine, body, taskOptions(name, actor));
    this.startTask(task, actor.start);
    return task;
  }

  private process(name: string, actor: Extract<Actor, { kind: 'user' | 'sys' }>, body: Body): Task {
    const { pid } = actor;
    if (pid !== undefined && this.world.machine.tasks.has(pid)) {
      throw new ScenarioError(null, `actors.${name}.pid: another task has the id ${pid}`);
    }
    const task = spawnUser(this.world.machine, taskOptions(name, actor), body);
    this.startTask(task, actor.start);
    return task;
  }

  /** At an instant CPU 0 wakes it, wherever it then runs. */
  private startTask(task: Task, start: boolean | number): void {
    const waker = start === true ? task.cpu.id : 0;
    this.start(start, waker, (cpu) => void wake_up_process(cpu, task));
  }

  /** At once (true), at an instant, or not at all: then somebody else does it. */
  private start(start: boolean | number, cpu = 0, act: (cpu: Cpu) => void): void {
    if (start === true) act(this.world.machine.cpus[cpu]!);
    else if (start !== false) this.injector.at(start, (k) => act(k.cpu), cpu);
  }
}

/** What a process itself does, and its signal handlers. */
function isOfProcess(kind: Actor['kind']): boolean {
  return kind === 'user' || kind === 'sys' || kind === 'handler';
}

/** System calls are for processes: a word or program of user mode needs one. */
function checkMode({ name, spec, body }: LoadedActor): void {
  if (isOfProcess(spec.kind)) return;
  if (body.kind === 'program') {
    if (body.program.kind !== 'user') return;
    const text = `the program ${body.program.name} is for actors of kind user`;
    throw new ScenarioError(null, `actors.${name}.kind: ${text}, not ${spec.kind}`);
  }
  for (const at of body.code.code) {
    if (at.kind !== 'call' || (at.op as Op).mode === 'kernel') continue;
    const text = `'${at.op.name}' is for user processes; ${name} is of kind ${spec.kind}`;
    throw new ScenarioError(at.at, text);
  }
}

function handler(body: Body): (k: Context) => Code {
  return (k) => withoutResult(body(k));
}

/** Runs `body` in the name of the actor, on whatever context serves it. */
function asActor<T>(name: string, body: (k: Context) => Code<T>): (k: Context) => Code<T> {
  return (k) => inNameOf(k, name, body);
}

function* inNameOf<T>(k: Context, name: string, body: (k: Context) => Code<T>): Code<T> {
  const { actor } = k;
  k.actor = name;
  const result = yield* body(k);
  k.actor = actor;
  return result;
}

type Scheduled = Extract<Actor, { kind: 'kthread' | 'user' | 'sys' }>;

interface TaskOptions {
  readonly name: string;
  readonly scheduling: Scheduling;
  readonly cpu?: number;
  readonly allowed?: readonly number[];
  readonly pid?: number;
  readonly uid?: number;
}

/** By actor, and by name, since copies are one actor: they are the same in every run. */
const options = new WeakMap<Scheduled, Map<string, TaskOptions>>();

function taskOptions(name: string, actor: Scheduled): TaskOptions {
  let copies = options.get(actor);
  if (copies === undefined) options.set(actor, (copies = new Map()));
  let known = copies.get(name);
  if (known === undefined) {
    const pid = 'pid' in actor && actor.pid !== undefined ? { pid: actor.pid } : {};
    const uid = 'uid' in actor && actor.uid !== undefined ? { uid: actor.uid } : {};
    known = { name, scheduling: scheduling(actor), ...placement(actor), ...pid, ...uid };
    copies.set(name, known);
  }
  return known;
}

function scheduling(actor: Scheduled): Scheduling {
  switch (actor.policy) {
    case 'fifo':
      return { policy: 'SCHED_FIFO', rtPriority: actor.prio! };
    case 'rr':
      return { policy: 'SCHED_RR', rtPriority: actor.prio! };
    case 'idle':
      return { policy: 'SCHED_IDLE' };
    case 'normal':
      return { policy: 'SCHED_NORMAL', nice: actor.nice };
  }
}

function placement(actor: Scheduled): { cpu?: number; allowed?: readonly number[] } {
  const allowed = actor.cpu === undefined ? actor.cpus : [actor.cpu];
  if (allowed === undefined) return {};
  return { cpu: allowed[0]!, allowed };
}
