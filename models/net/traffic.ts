/*
 * Where frames come from: a capture that is replayed at its recorded distances, or frames that are
 * built when a random process says so.
 */
import type { Activity } from '../../engine/index.ts';
import type { Machine } from '../machine.ts';
import type { NetDevice } from './device.ts';

/** The next frame and its distance in ns from the one before (the first: from the start). */
export interface Frame {
  readonly afterNs: number;
  readonly bytes: Uint8Array;
}

export class Traffic implements Activity {
  private readonly machine: Machine;
  private readonly device: NetDevice;
  private readonly frames: Iterator<Frame>;
  private upcoming: Uint8Array | null = null;
  sent = 0;

  constructor(machine: Machine, device: NetDevice, frames: Iterator<Frame>) {
    this.machine = machine;
    this.device = device;
    this.frames = frames;
  }

  /** Begins `delay` ns after now. */
  start(delay: number): void {
    this.schedule(delay);
  }

  fire(): void {
    const bytes = this.upcoming!;
    this.sent++;
    this.device.arrive(bytes);
    this.schedule(0);
  }

  private schedule(delay: number): void {
    const next = this.frames.next();
    if (next.done === true) return;
    const { sim } = this.machine;
    this.upcoming = next.value.bytes;
    const wait = delay + next.value.afterNs;
    if (wait === 0) sim.ready(this);
    else sim.at(sim.now + wait, this);
  }
}
