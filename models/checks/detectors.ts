/*
 * The detectors, all of which watch every run: each is a listener of the machine's trace, made anew
 * for each machine.
 */
import type { TraceListener } from '../../engine/index.ts';
import type { Machine } from '../machine.ts';
import { leaks } from './leaks.ts';
import { lifetime } from './lifetime.ts';
import { lockdep } from './lockdep/lockdep.ts';
import { races } from './races.ts';
import { toctou } from './toctou.ts';

const detectors: readonly ((machine: Machine) => TraceListener)[] = [
  lockdep,
  races,
  lifetime,
  leaks,
  toctou,
];

export function installDetectors(machine: Machine): void {
  for (const detector of detectors) machine.trace.subscribe(detector(machine));
}
