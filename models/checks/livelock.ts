/*
 * Livelock: tasks that are busy for ever and get nothing done. In an explored run, a fair circle
 * of states in which only tasks take part that should come to an end. A loop without a condition
 * is a service: each round of it counts as something done. And starvation: a fair circle in which
 * somebody waits all the time for a lock that others get.
 */
import { Cycles, type Move, type Observer } from '../../engine/index.ts';
import type { Machine } from '../machine.ts';
import type { Task } from '../sched/task.ts';
import { report_starving, starvingSince } from './starvation.ts';

export class Livelocks implements Observer {
  private readonly machine: Machine;
  private readonly state: () => number;
  /** Rounds of services so far. */
  private readonly progress: () => number;
  /** The task of that actor if it should end; null: something else, or a daemon. */
  private readonly taskOf: (actor: string) => Task | null;
  private readonly cycles = new Cycles();

  constructor(
    machine: Machine,
    state: () => number,
    progress: () => number,
    taskOf: (actor: string) => Task | null,
  ) {
    this.machine = machine;
    this.state = state;
    this.progress = progress;
    this.taskOf = taskOf;
  }

  sees(moves: readonly Move[]): boolean {
    const round = this.cycles.sees(this.state(), moves, this.progress());
    if (round === null) return false;
    const starving = starvingSince(this.machine, round.start);
    if (starving !== null) report_starving(this.machine, starving);
    // Services that go round: nothing else is going to happen.
    if (starving !== null || round.progressed) return true;
    const tasks = round.actors.map((actor) => this.taskOf(this.machine.texts.text(actor)));
    return tasks.every((task) => task !== null) && this.report(tasks);
  }

  takes(move: Move): void {
    this.cycles.takes(move);
  }

  private report(tasks: readonly Task[]): boolean {
    const sorted = [...tasks].sort((a, b) => a.pid - b.pid);
    const names = sorted.map(({ comm, pid }) => `${comm}/${pid}`).join(' and ');
    const text = `livelock: ${names} ${sorted.length > 1 ? 'go' : 'goes'} round without progress`;
    const [first] = sorted;
    this.machine.findings.report(first!.cpu, 'livelock', text, {
      actors: sorted.map(({ actor }) => actor),
      places: sorted.map((task) => {
        const { line } = task.cpu.current === task ? task.cpu.top : task.top;
        return { actor: task.actor, line };
      }),
    });
    return true;
  }
}
