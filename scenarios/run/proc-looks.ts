/*
 * Files of /proc as somebody outside of the machine sees them at given instants. Looking changes
 * nothing: the run is the same with and without.
 */
import { procNames, procText } from '../../models/fs/proc/root.ts';
import type { Machine } from '../../models/machine.ts';
import { ScenarioError } from './error.ts';

/** At `timeNs` somebody looks at this file of /proc, or at all. */
export interface ProcLook {
  readonly timeNs: number;
  readonly path?: string;
}

/** What a file held. */
export interface ProcSight {
  readonly timeNs: number;
  readonly path: string;
  readonly text: string;
}

const PROC = '/proc/';

export class ProcLooks {
  readonly seen: ProcSight[] = [];
  private readonly machine: Machine;
  private readonly looks: ProcLook[];

  /** @throws ScenarioError if the kernel has no such file. */
  constructor(machine: Machine, looks: readonly ProcLook[]) {
    this.machine = machine;
    this.looks = [...looks].sort((a, b) => a.timeNs - b.timeNs);
    for (const { path } of looks) if (path !== undefined) this.nameOf(path);
  }

  /** The instant of the next look; Infinity: there is none. */
  get next(): number {
    return this.looks[0]?.timeNs ?? Infinity;
  }

  /** Looks now: the time has come, or nothing can happen any more. */
  take(): void {
    const { path } = this.looks.shift()!;
    const { machine, seen } = this;
    const names = path === undefined ? procNames(machine) : [this.nameOf(path)];
    for (const name of names) {
      const text = procText(machine, name)!;
      seen.push({ timeNs: machine.sim.now, path: `${PROC}${name}`, text });
    }
  }

  private nameOf(path: string): string {
    const name = path.startsWith(PROC) ? path.slice(PROC.length) : path;
    const names = procNames(this.machine);
    if (names.includes(name)) return name;
    const { name: kernel } = this.machine.era;
    throw new ScenarioError(null, `${kernel} has no ${PROC}${name} here, but ${names.join(', ')}`);
  }
}
