/*
 * What the scenario of a workload needs beside its actors: objects and variables, each made when a
 * step first names it.
 */
import { countForks } from './forks.ts';
import type { Issues } from './issues.ts';
import { Names } from './names.ts';
import { isAbsolute, sharedTimers, type SharedTimer } from './timers.ts';
import { defaultPriority, type Task, type Workload } from './workload.ts';

export interface Barrier {
  readonly mutex: string;
  readonly cond: string;
  /** The variable that counts those who still have to come before the last one. */
  readonly missing: string;
}

export class Plan {
  readonly workload: Workload;
  readonly issues: Issues;
  /** `NAME: TYPE`, in the order in which they were first named. */
  readonly objects = new Map<string, string>();
  readonly vars = new Map<string, number>();
  readonly defaultPriority = defaultPriority;
  private readonly names = new Names();
  private readonly locals = new Names();
  private readonly timers: ReadonlyMap<string, SharedTimer>;
  private readonly forks: ReadonlyMap<string, number>;

  constructor(workload: Workload, issues: Issues) {
    this.workload = workload;
    this.issues = issues;
    this.timers = sharedTimers(workload.tasks);
    this.forks = countForks(workload, issues);
    // Actors have their own names; the rest may get another one.
    for (const { name } of workload.tasks) this.actor(name);
    for (const name of ['now', 'begin', 'device', 'nth', 'index']) this.locals.of('ours', name);
  }

  actor(task: string): string {
    return this.names.of('task', task);
  }

  local(ref: string): string {
    return this.locals.of('timer', ref);
  }

  mutex(ref: string): string {
    const name = this.names.of('mutex', ref, '_mutex');
    this.objects.set(name, this.workload.inherit ? 'pthread_mutex:inherit' : 'pthread_mutex');
    return name;
  }

  cond(ref: string): string {
    const name = this.names.of('cond', ref, '_cond');
    this.objects.set(name, 'pthread_cond');
    return name;
  }

  barrier(ref: string): Barrier {
    const missing = this.names.of('barrier', ref, '_missing');
    if (!this.vars.has(missing)) this.vars.set(missing, this.usersOf(ref) - 1);
    return { mutex: this.mutex(`${ref}_mutex`), cond: this.cond(`${ref}_cond`), missing };
  }

  /** The variable that says when it is next due. */
  sharedTimer(ref: string): string {
    const name = this.names.of('timer', ref, '_timer');
    const [delayUs = 0, ...others] = this.timers.get(ref)!.delaysUs;
    this.vars.set(name, others.length === 0 ? delayUs * 1000 : -1);
    return name;
  }

  /** Whoever is first to use the timer says when it starts. */
  setsTimer(ref: string): boolean {
    return (this.timers.get(ref)?.delaysUs.size ?? 0) > 1;
  }

  isAbsolute(ref: string, task: Task): boolean {
    return isAbsolute(ref, task, this.workload.tasks);
  }

  forkCount(task: string): number {
    return this.forks.get(task) ?? 0;
  }

  /** The name of the actor whose copies are forked. */
  forkedActor(task: string): string {
    return this.names.of('fork', task, '_fork');
  }

  forked(task: string): { readonly actors: readonly string[]; readonly counter: string } {
    const actor = this.forkedActor(task);
    const count = this.forkCount(task);
    const counter = this.names.of('forks', task, '_forks');
    if (count === 1) return { actors: [actor], counter };
    this.vars.set(counter, 0);
    return { actors: Array.from({ length: count }, (_, i) => `${actor}-${i}`), counter };
  }

  /** rt-app counts each event that names the barrier, once for each instance of its task. */
  private usersOf(ref: string): number {
    let users = 0;
    for (const { phases, instance } of this.workload.tasks) {
      for (const { events } of phases) {
        for (const event of events) {
          if (event.kind === 'barrier' && event.ref === ref) users += instance;
        }
      }
    }
    return users;
  }
}
