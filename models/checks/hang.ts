/*
 * What waits for ever, once nothing can happen any more. Everyone is reported who is to blame: not
 * those who only wait for others that do. Whose condition holds already, or who was woken before it
 * slept, has lost its wake-up. The kernel would say so after 120 seconds, of those whom no signal
 * could end (kernel/hung_task.c).
 */
import type { Context } from '../context.ts';
import { LOCK_HOOK } from '../hooks.ts';
import type { Machine } from '../machine.ts';
import { TASK_DEAD, TASK_INTERRUPTIBLE, TASK_RUNNING, type Task } from '../sched/task.ts';
import { WaitQueueHead } from '../sched/wait.ts';
import { blocked_text } from './hung-task.ts';
import { baseOf, type Holder, type Wait } from './waits.ts';

/** @param tasks those that should have come to their end. `objects`: by name. */
export function report_hangs(
  machine: Machine,
  tasks: readonly Task[],
  objects: ReadonlyMap<string, unknown>,
): void {
  for (const wait of [...machine.waits.waiting.values()]) reportAbandoned(machine, wait);
  for (const task of tasks) {
    if (task.state === TASK_RUNNING || task.state === TASK_DEAD) continue;
    const k = baseOf(task);
    const wait = machine.waits.waiting.get(k);
    if (wait !== undefined && blamesOthers(machine, wait)) continue;
    reportHang(machine, task, k, objects);
  }
}

/** Whoever has the lock, runs the handler or is the task: they are looked at themselves. */
function blamesOthers({ waits }: Machine, { object, pid }: Wait): boolean {
  return pid !== 0 || waits.holders(object).length > 0;
}

/** Of a lock that nobody will give back. */
function reportAbandoned(machine: Machine, wait: Wait): void {
  const { waits, texts } = machine;
  if (waits.dead.has(wait.k) || wait.pid !== 0) return;
  const holders = waits.holders(wait.object);
  const gone = holders.find((holder) => waits.abandoned(holder));
  const ownerless = (wait.bits & LOCK_HOOK.ownerless) !== 0;
  if (gone === undefined && !(ownerless && nobodyLeft(machine, holders))) return;
  const name = texts.text(wait.object);
  const { k, task } = wait;
  const who = `${k.actor}/${task.pid}`;
  const text =
    gone === undefined
      ? `deadlock: ${who} waits for ${name}, which nobody gives back`
      : `deadlock: ${who} waits for ${name}, which ${gone.k.actor} took and never gave back`;
  machine.findings.report(k.cpu, 'deadlock', text, {
    actors: gone === undefined ? [k.actor] : [k.actor, gone.k.actor],
    objects: [name],
    places: [
      { actor: k.actor, line: wait.line },
      ...(gone === undefined ? [] : [{ actor: gone.k.actor, line: gone.line }]),
    ],
    lines: [blocked_text(task)],
  });
}

/** Holders that wait for something else are to blame themselves. */
function nobodyLeft(machine: Machine, holders: readonly Holder[]): boolean {
  return holders.length > 0 && holders.every(({ k }) => machine.waits.waiting.get(k) !== undefined);
}

function reportHang(
  machine: Machine,
  task: Task,
  k: Context,
  objects: ReadonlyMap<string, unknown>,
): void {
  const name = task.waitingFor;
  const lost = lostWakeup(task, objects.get(name));
  const what = name === '' ? 'sleeps' : `waits for ${name}`;
  const text = `hang: ${k.actor}/${task.pid} ${what} for ever${lost ? ': lost wake-up' : ''}`;
  machine.findings.report(task.cpu, 'hang', text, {
    actors: [k.actor],
    objects: name === '' ? [] : [name],
    places: [{ actor: k.actor, line: k.line }],
    lines: (task.state & TASK_INTERRUPTIBLE) === 0 ? [blocked_text(task)] : [],
  });
}

function lostWakeup(task: Task, object: unknown): boolean {
  if (task.condition !== null) return task.condition();
  if (task.vainWakeups > 0) return true;
  return object instanceof WaitQueueHead && object.unheard.count > 0;
}
