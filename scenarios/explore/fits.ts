/*
 * Whether a schedule still fits a program that may have changed since it was recorded: each of its
 * switches comes, at its moment.
 */
import { ReplayDiverged, type TextTable } from '../../engine/index.ts';
import { turnOf } from './constraints.ts';
import type { Explorable } from './explorable.ts';
import { followed, onlyIfItFits, switchText, type NamedPlan } from './names.ts';
import { timelineOf } from './timeline.ts';

/** @throws ReplayDiverged saying which switch does not come, and why */
export function mustFit(program: Explorable, plan: NamedPlan): void {
  program.run((world) => {
    const texts = (): TextTable => world().machine.texts;
    return followed(plan, texts, onlyIfItFits(texts));
  });
  const { steps } = timelineOf(program, plan);
  for (const [i, at] of plan.switches.entries()) {
    if (turnOf(steps, at) >= 0) continue;
    const taken = steps.filter(({ mover }) => mover === at.after).length;
    const why =
      taken === 0
        ? `${at.after} takes no step`
        : `${at.after} takes ${taken} steps, and others go on elsewhere`;
    throw new ReplayDiverged(`switch ${i + 1}: recorded ${switchText(at)}, but ${why}`);
  }
}
