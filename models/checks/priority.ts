/*
 * Priority inversion: a task waits for a lock whose owner could go on but for a task of a priority
 * between the two. However long that one runs, the better one waits. Where the owner inherits the
 * priority of whoever waits (rt_mutex), nobody is between.
 */
import type { Cpu } from '../cpu/cpu.ts';
import type { Machine } from '../machine.ts';
import { TASK_RUNNING, type Task } from '../sched/task.ts';
import type { Holder, Wait } from './waits.ts';

/** Shorter ones nobody minds. */
const THRESHOLD_NS = 5_000_000;

/** `middle` has run on `cpu` from `start` until now. */
export function note_ran(machine: Machine, cpu: Cpu, middle: Task, start: number): void {
  if (!middle.isRt) return;
  for (const wait of machine.waits.waiting.values()) {
    if (middle.prio <= wait.task.prio) continue;
    const owner = machine.waits
      .holders(wait.object)
      .find(({ task }) => isKeptBack(task, cpu, middle));
    if (owner === undefined) continue;
    wait.inverted += machine.sim.now - Math.max(start, wait.since);
    if (wait.inverted >= THRESHOLD_NS) report(machine, wait, owner, middle);
  }
}

function isKeptBack(owner: Task, cpu: Cpu, middle: Task): boolean {
  const waits = owner.cpu === cpu && owner.on_rq && owner.state === TASK_RUNNING;
  return waits && owner !== middle && middle.prio < owner.prio;
}

function report(machine: Machine, wait: Wait, owner: Holder, middle: Task): void {
  const name = machine.texts.text(wait.object);
  const { task } = wait;
  const text =
    `priority inversion: ${task.comm}/${task.pid} waits for ${name} of ` +
    `${owner.task.comm}/${owner.task.pid} while ${middle.comm}/${middle.pid} runs`;
  machine.findings.report(task.cpu, 'priority-inversion', text, {
    actors: [task.actor, owner.task.actor, middle.actor],
    objects: [name],
    places: [
      { actor: task.actor, line: wait.line },
      { actor: owner.task.actor, line: owner.line },
      { actor: middle.actor, line: middle.top.line },
    ],
    lines: [
      `priorities: ${task.comm} ${task.prio}, ${middle.comm} ${middle.prio}, ` +
        `${owner.task.comm} ${owner.task.prio} (the lower number wins)`,
    ],
  });
}
