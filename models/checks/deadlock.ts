/*
 * The reports of waits that close to a circle. Where all of it stands on one CPU, a context waits
 * for what it has itself, or an interrupt for what it has interrupted: the kernel calls that
 * recursion (spin_bug() of kernel/locking/spinlock_debug.c). For other circles it has no words,
 * other than those of its hung-task and lockup detectors much later.
 */
import type { Context } from '../context.ts';
import { LOCK_HOOK } from '../hooks.ts';
import type { Machine } from '../machine.ts';
import type { Edge } from './waits.ts';

export function report_cycle(machine: Machine, cycle: readonly Edge[]): void {
  const first = cycle[0]!;
  const { from, wait } = first;
  const own = cycle.every((edge) => isOnStack(edge.from, from.cpu));
  const objects = cycle.flatMap((edge) =>
    edge.wait === null ? [] : [machine.texts.text(edge.wait.object)],
  );
  const kind = own ? 'self-deadlock' : 'deadlock';
  const text =
    own && ((wait?.bits ?? 0) & LOCK_HOOK.spins) !== 0 && wait?.pid === 0
      ? recursion(from, wait.bits)
      : `${kind}: ${described(machine, cycle).join('; ')}`;
  machine.findings.report(from.cpu, kind, text, {
    actors: [...new Set(cycle.map((edge) => edge.from.actor))],
    objects: [...new Set(objects)],
    places: cycle.map((edge) => ({ actor: edge.from.actor, line: edge.from.line })),
    lines: described(machine, cycle),
  });
}

function isOnStack(k: Context, cpu: Context['cpu']): boolean {
  for (let own: Context | null = cpu.top; own !== null; own = own.below) if (own === k) return true;
  return false;
}

function recursion({ cpu, current }: Context, bits: number): string {
  const what = (bits & LOCK_HOOK.rw) !== 0 ? 'rwlock' : 'spinlock';
  return `BUG: ${what} recursion on CPU#${cpu.id}, ${current.comm}/${current.pid}`;
}

function described(machine: Machine, cycle: readonly Edge[]): string[] {
  return cycle.map(({ from, wait, to }) => {
    if (wait === null) return `${from.actor} cannot go on while ${to.actor} has CPU#${from.cpu.id}`;
    const what = machine.texts.text(wait.object);
    if (wait.pid !== 0) return `${from.actor} waits for the end of ${to.actor}`;
    const stands = machine.waits.holders(wait.object).some(({ k }) => k === to);
    return stands
      ? `${from.actor} waits for ${what}, which ${to.actor} has`
      : `${from.actor} waits for ${what} behind ${to.actor}`;
  });
}
