/*
 * The lanes of a timeline while they grow: intervals by kind, and figures over time.
 */
import type { Group, Kind, PackedLane, PackedSteps, PackedTrack } from './format.ts';
import { Numbers } from '../analysis/numbers.ts';
import type { Packer } from './packer.ts';

/** Intervals of one kind, as they come: not always in order. */
class Track {
  readonly kind: Kind;
  private readonly from = new Numbers();
  private readonly to = new Numbers();
  private readonly label = new Numbers();

  constructor(kind: Kind) {
    this.kind = kind;
  }

  add(from: number, to: number, label: number): void {
    this.from.push(from);
    this.to.push(to);
    this.label.push(label);
  }

  pack(packer: Packer): PackedTrack {
    const from = this.from.all;
    const to = this.to.all;
    const label = this.label.all;
    const order = Uint32Array.from(from.keys());
    const apart = (): boolean => order.every((at, i) => i === 0 || from[at]! >= to[order[i - 1]!]!);
    if (!apart()) order.sort((a, b) => from[a]! - from[b]! || a - b);
    const pick = (value: (i: number) => number): Float64Array => Float64Array.from(order, value);
    return {
      kind: this.kind,
      overlaps: !apart(),
      from: packer.distances(pick((i) => from[i]!)),
      length: packer.numbers(pick((i) => to[i]! - from[i]!)),
      label: packer.numbers(pick((i) => label[i]!)),
    };
  }
}

/** A figure over time; of several changes at one moment the last one counts. */
class StepList {
  readonly of: string;
  private readonly time = new Numbers();
  private readonly value = new Numbers();

  constructor(of: string) {
    this.of = of;
  }

  add(time: number, value: number): void {
    this.time.push(time);
    this.value.push(value);
  }

  pack(packer: Packer): PackedSteps {
    const time = this.time.all;
    const value = this.value.all;
    const last = Uint32Array.from(time.keys()).filter((i) => time[i] !== time[i + 1]);
    return {
      of: this.of,
      time: packer.distances(Float64Array.from(last, (i) => time[i]!)),
      value: packer.numbers(Float64Array.from(last, (i) => value[i]!)),
    };
  }
}

export class LaneTracks {
  private readonly tracks = new Map<Kind, Track>();
  readonly group: Group;
  readonly id: number;
  readonly name: string;
  private steps: StepList | null = null;

  constructor(group: Group, name: string, id: number) {
    this.group = group;
    this.name = name;
    this.id = id;
  }

  add(kind: Kind, from: number, to: number, label: number): void {
    let track = this.tracks.get(kind);
    if (track === undefined) {
      track = new Track(kind);
      this.tracks.set(kind, track);
    }
    track.add(from, to, label);
  }

  /** The figure of this lane becomes another. */
  becomes(of: string, time: number, value: number): void {
    this.steps ??= new StepList(of);
    this.steps.add(time, value);
  }

  pack(packer: Packer): PackedLane {
    const { group, name, id } = this;
    const tracks = [...this.tracks.values()].map((track) => track.pack(packer));
    return { group, name, id, tracks, steps: this.steps?.pack(packer) ?? null };
  }
}
