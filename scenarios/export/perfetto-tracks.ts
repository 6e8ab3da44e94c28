/*
 * Tracks of Perfetto and what is on them (protos/perfetto/trace/track_event/): tracks are described
 * when they are first used, and slices are closed from the top whatever the trace leaves out.
 */
import type { ProtoWriter } from './protobuf.ts';

/** Trace, TracePacket, TrackDescriptor, ThreadDescriptor, CounterDescriptor. */
const PACKET = 1;
const TIMESTAMP = 8;
const SEQUENCE = { id: 10, flags: 13 } as const;
const TRACK_EVENT = 11;
const TRACK_DESCRIPTOR = 60;
const TRACK = { uuid: 1, name: 2, thread: 4, parent: 5, counter: 8, childOrdering: 11 } as const;
const THREAD = { pid: 1, tid: 2, name: 5 } as const;
const UNIT_NAME = 6;
const CHILDREN_BY_NAME = 1;

/** TrackEvent and DebugAnnotation. */
const EVENT = { annotation: 4, type: 9, track: 11, name: 23, counter: 30, flow: 47 } as const;
const ANNOTATION = { integer: 4, text: 6, name: 10 } as const;
const [BEGIN, END, INSTANT, COUNTER] = [1, 2, 3, 4] as const;

const SEQUENCE_ID = 1;
/** The first packet of a sequence says that it needs nothing from before. */
const STATE_CLEARED = 1;

export type Annotations = Readonly<Record<string, string | number>>;

interface Thread {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
}

export class Tracks {
  private readonly proto: ProtoWriter;
  private readonly uuids = new Map<string, number>();
  /** The names of open slices by track. */
  private readonly stacks = new Map<number, string[]>();
  private first = true;

  constructor(proto: ProtoWriter) {
    this.proto = proto;
  }

  /** The track at a path of names; of several at one path, each has a number. */
  track(path: readonly string[], copy = 0): number {
    return this.describe(path, copy, () => {});
  }

  counter(path: readonly string[]): number {
    return this.describe(path, 0, (proto) => {
      proto.begin(TRACK.counter);
      proto.text(UNIT_NAME, 'entries');
      proto.end();
    });
  }

  thread({ pid, tid, name }: Thread): number {
    return this.describe([`thread ${tid}`], 0, (proto) => {
      proto.begin(TRACK.thread);
      proto.integer(THREAD.pid, pid);
      proto.integer(THREAD.tid, tid);
      proto.text(THREAD.name, name);
      proto.end();
    });
  }

  begin(track: number, timeNs: number, name: string, annotations?: Annotations): void {
    const stack = this.stacks.get(track);
    if (stack === undefined) this.stacks.set(track, [name]);
    else stack.push(name);
    this.event(track, timeNs, BEGIN, name, annotations);
  }

  /** Ends the slice of this name and all that are open on top of it; none if there is none. */
  end(track: number, timeNs: number, name: string, annotations?: Annotations): void {
    const stack = this.stacks.get(track) ?? [];
    const depth = stack.lastIndexOf(name);
    if (depth < 0) return;
    while (stack.length > depth) {
      const last = stack.length === depth + 1;
      this.event(track, timeNs, END, undefined, last ? annotations : undefined);
      stack.pop();
    }
  }

  /** @param flow joins it with all others of this number. */
  instant(
    track: number,
    timeNs: number,
    name: string,
    annotations?: Annotations,
    flow?: number,
  ): void {
    this.event(track, timeNs, INSTANT, name, annotations, ({ proto }) => {
      if (flow !== undefined) proto.fixed64(EVENT.flow, flow);
    });
  }

  count(track: number, timeNs: number, value: number): void {
    this.event(track, timeNs, COUNTER, undefined, undefined, ({ proto }) =>
      proto.integer(EVENT.counter, value),
    );
  }

  private event(
    track: number,
    timeNs: number,
    type: number,
    name?: string,
    annotations: Annotations = {},
    more: (tracks: this) => void = () => {},
  ): void {
    const { proto } = this;
    proto.begin(PACKET);
    proto.integer(TIMESTAMP, timeNs);
    this.sequence();
    proto.begin(TRACK_EVENT);
    proto.integer(EVENT.type, type);
    proto.integer(EVENT.track, track);
    if (name !== undefined) proto.text(EVENT.name, name);
    for (const [key, value] of Object.entries(annotations)) {
      proto.begin(EVENT.annotation);
      proto.text(ANNOTATION.name, key);
      if (typeof value === 'number') proto.integer(ANNOTATION.integer, value);
      else proto.text(ANNOTATION.text, value);
      proto.end();
    }
    more(this);
    proto.end();
    proto.end();
  }

  private describe(
    path: readonly string[],
    copy: number,
    kind: (proto: ProtoWriter) => void,
  ): number {
    const key = `${path.join('\n')}\n${copy}`;
    const known = this.uuids.get(key);
    if (known !== undefined) return known;
    const parent = path.length > 1 ? this.track(path.slice(0, -1)) : undefined;
    const uuid = this.uuids.size + 1;
    this.uuids.set(key, uuid);
    const { proto } = this;
    proto.begin(PACKET);
    this.sequence();
    proto.begin(TRACK_DESCRIPTOR);
    proto.integer(TRACK.uuid, uuid);
    proto.text(TRACK.name, path[path.length - 1]!);
    if (parent !== undefined) proto.integer(TRACK.parent, parent);
    proto.integer(TRACK.childOrdering, CHILDREN_BY_NAME);
    kind(proto);
    proto.end();
    proto.end();
    return uuid;
  }

  private sequence(): void {
    this.proto.integer(SEQUENCE.id, SEQUENCE_ID);
    if (this.first) this.proto.integer(SEQUENCE.flags, STATE_CLEARED);
    this.first = false;
  }
}
