/*
 * The timeline as the browser has it: lanes with intervals and figures, and the rows of the trace.
 */
import {
  TEXT_COLUMNS,
  type Axis,
  type Group,
  type Kind,
  type PackedLane,
  type PackedRows,
  type PackedSteps,
  type PackedTimeline,
  type PackedTrack,
  type TextColumn,
} from '../format.ts';
import { firstAfter, firstFrom } from './sorted.ts';
import type { Unpacker } from './unpack.ts';

export class Track {
  readonly kind: Kind;
  readonly overlaps: boolean;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly label: ArrayLike<number>;
  /** The length of all intervals before each. */
  readonly before: Float64Array;

  constructor(unpacker: Unpacker, packed: PackedTrack, labels: number) {
    this.kind = packed.kind;
    this.overlaps = packed.overlaps;
    this.from = unpacker.distances(packed.from);
    this.label = unpacker.places(packed.label, labels);
    const lengths = unpacker.numbers(packed.length);
    this.to = lengths.map((length, i) => this.from[i]! + length);
    this.before = new Float64Array(lengths.length + 1);
    for (let i = 0; i < lengths.length; i++) this.before[i + 1] = this.before[i]! + lengths[i]!;
  }

  /** How much of the axis up to `at` is covered, where `begun` intervals begin before it. */
  covered(at: number, begun: number): number {
    if (begun === 0) return 0;
    const last = begun - 1;
    return this.before[last]! + Math.min(at, this.to[last]!) - this.from[last]!;
  }

  /** The interval that lasts at `at`, or -1. */
  at(at: number): number {
    const index = firstAfter(this.from, at) - 1;
    return index >= 0 && at < this.to[index]! ? index : -1;
  }

  /** All intervals that touch a range; of those that overlap, there may be earlier ones. */
  *within(from: number, to: number): Generator<number> {
    const end = firstAfter(this.from, to);
    const begin = this.overlaps ? 0 : Math.max(0, firstAfter(this.from, from) - 1);
    for (let i = begin; i < end; i++) if (this.to[i]! > from || this.from[i] === from) yield i;
  }
}

/** A figure over time. */
export class Steps {
  readonly of: string;
  readonly time: Float64Array;
  readonly value: Float64Array;
  readonly max: number;
  /** The greatest of each block. */
  private readonly tops: Float64Array;

  constructor(of: string, time: Float64Array, value: Float64Array) {
    this.of = of;
    this.time = time;
    this.value = value;
    this.tops = new Float64Array(Math.ceil(value.length / BLOCK));
    for (let i = 0; i < value.length; i++) {
      const block = Math.floor(i / BLOCK);
      if (value[i]! > this.tops[block]!) this.tops[block] = value[i]!;
    }
    this.max = this.tops.reduce((max, top) => Math.max(max, top), 0);
  }

  at(at: number): number {
    const index = firstAfter(this.time, at) - 1;
    return index < 0 ? 0 : this.value[index]!;
  }

  /** The greatest of the changes from one index to another. */
  most(from: number, to: number): number {
    let most = 0;
    for (let i = from; i < to;) {
      if (i % BLOCK === 0 && i + BLOCK <= to) {
        most = Math.max(most, this.tops[i / BLOCK]!);
        i += BLOCK;
      } else {
        most = Math.max(most, this.value[i++]!);
      }
    }
    return most;
  }
}

const BLOCK = 64;

/** How many of some intervals there are at a time. */
function countOf({ kind, from, to }: Track): Steps {
  const ends = to.slice().sort();
  const time: number[] = [];
  const value: number[] = [];
  let open = 0;
  for (let f = 0, t = 0; t < ends.length;) {
    const begins = f < from.length && from[f]! < ends[t]!;
    open += begins ? 1 : -1;
    const at = begins ? from[f++]! : ends[t++]!;
    if (time[time.length - 1] !== at) time.push(at);
    value[time.length - 1] = open;
  }
  const of = kind === 'waiting' ? 'waiters' : 'holders';
  return new Steps(of, Float64Array.from(time), Float64Array.from(value));
}

export class Lane {
  readonly group: Group;
  readonly name: string;
  readonly id: number;
  readonly tracks: readonly Track[];
  readonly figures: readonly Steps[];

  constructor(unpacker: Unpacker, packed: PackedLane, labels: number) {
    this.group = packed.group;
    this.name = packed.name;
    this.id = packed.id;
    this.tracks = packed.tracks.map((track) => new Track(unpacker, track, labels));
    const steps = (of: PackedSteps): Steps =>
      new Steps(of.of, unpacker.distances(of.time), unpacker.numbers(of.value));
    this.figures = [
      ...(packed.steps === null ? [] : [steps(packed.steps)]),
      ...this.tracks.filter((track) => this.isCounted(track)).map(countOf),
    ];
  }

  /** Drawn as a figure, since several may last at a time. */
  isCounted({ overlaps, kind }: Track): boolean {
    return this.group === 'lock' && (overlaps || kind === 'waiting');
  }

  track(kind: Kind): Track | undefined {
    return this.tracks.find((track) => track.kind === kind);
  }
}

/** A row of trace.csv. */
export type Row = Readonly<Record<TextColumn, string>> & {
  readonly seq: number;
  readonly timeNs: number;
  readonly cpu: number;
  readonly pid: number;
  readonly value: number;
};

export class Rows {
  readonly seq: Float64Array;
  readonly timeNs: Float64Array;
  readonly cpu: Float64Array;
  readonly pid: Float64Array;
  readonly value: Float64Array;
  readonly texts: Readonly<Record<TextColumn, ArrayLike<number>>>;
  readonly lists: Readonly<Record<TextColumn, readonly string[]>>;

  constructor(unpacker: Unpacker, packed: PackedRows) {
    this.seq = unpacker.distances(packed.seq);
    this.timeNs = unpacker.distances(packed.timeNs);
    this.cpu = unpacker.numbers(packed.cpu);
    this.pid = unpacker.numbers(packed.pid);
    this.value = unpacker.numbers(packed.value);
    this.lists = packed.lists;
    const texts = TEXT_COLUMNS.map((name) => [
      name,
      unpacker.places(packed.texts[name], packed.lists[name].length),
    ]);
    this.texts = Object.fromEntries(texts) as typeof this.texts;
  }

  get count(): number {
    return this.seq.length;
  }

  text(column: TextColumn, index: number): string {
    return this.lists[column][this.texts[column][index]!]!;
  }

  row(index: number): Row {
    const texts = TEXT_COLUMNS.map((name) => [name, this.text(name, index)]);
    return {
      ...(Object.fromEntries(texts) as Record<TextColumn, string>),
      seq: this.seq[index]!,
      timeNs: this.timeNs[index]!,
      cpu: this.cpu[index]!,
      pid: this.pid[index]!,
      value: this.value[index]!,
    };
  }

  /** The index of the row of a number; -1 without one. */
  indexOf(seq: number): number {
    const index = firstFrom(this.seq, seq);
    return this.seq[index] === seq ? index : -1;
  }

  /** The number of a text in the list of its column; -1: no row has it. */
  numberOf(column: TextColumn, text: string): number {
    return this.lists[column].indexOf(text);
  }
}

export class Timeline {
  readonly axis: Axis;
  readonly end: number;
  readonly labels: readonly string[];
  readonly lanes: readonly Lane[];
  readonly rows: Rows;

  constructor(packed: PackedTimeline, unpacker: Unpacker) {
    this.axis = packed.axis;
    this.end = Math.max(1, packed.end);
    this.labels = packed.labels;
    this.lanes = packed.lanes.map((lane) => new Lane(unpacker, lane, packed.labels.length));
    this.rows = new Rows(unpacker, packed.rows);
  }

  /** Where a row stands on the axis. */
  place(index: number): number {
    return this.axis === 'time' ? this.rows.timeNs[index]! : index;
  }

  /** The rows from one place on the axis to another, as the first index and the one behind. */
  rowsIn(from: number, to: number): readonly [number, number] {
    if (this.axis === 'rows') {
      return [Math.ceil(from), Math.min(this.rows.count, Math.floor(to) + 1)];
    }
    return [firstFrom(this.rows.timeNs, from), firstAfter(this.rows.timeNs, to)];
  }
}
