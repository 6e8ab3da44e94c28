/*
 * The detectors, all of which watch every run: each is a listener of the machine's trace, made anew
 * for each machine.
 */
import type { Interest, TraceListener } from '../../engine/index.ts';
import type { Machine } from '../machine.ts';
import { leaks } from './leaks.ts';
import { lifetime } from './lifetime.ts';
import { lockdep } from './lockdep/lockdep.ts';
import { races } from './races.ts';
import { toctou } from './toctou.ts';

export interface Detector {
  /** What concerns it: of everything else it is not told. */
  readonly hears: Interest;
  create(machine: Machine): TraceListener;
}

const detectors: readonly Detector[] = [lockdep, races, lifetime, leaks, toctou];

export function installDetectors(machine: Machine): void {
  for (const { hears, create } of detectors) machine.trace.subscribe(create(machine), hears);
}
