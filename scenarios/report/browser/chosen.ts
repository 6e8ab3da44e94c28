/*
 * What is chosen in a timeline: a lane, a place on the axis, and there an interval or a row.
 */
import type { Kind } from '../format.ts';
import type { Layout } from './layout.ts';
import { figurePlace, PLACES, type Place } from './looks.ts';
import type { Lane, Timeline, Track } from './model.ts';
import type { Marked } from './paint.ts';
import type { View } from './view.ts';
import { firstAfter } from './sorted.ts';

export interface Chosen {
  readonly lane: Lane;
  readonly at: number;
  readonly track: Track | null;
  /** In the track. */
  readonly index: number;
  /** The row that is chosen itself, or -1. */
  readonly row: number;
}

/** Fingers and mice may miss by this. */
const REACH = 4;

/** What is at a point of the canvas, `y` counted from the top of the lane. */
export function chosenAt(view: View, lane: Lane, x: number, y: number): Chosen {
  const at = Math.min(view.to, Math.max(view.from, view.at(x)));
  const from = view.at(x - REACH);
  const to = view.at(x + REACH);
  let best: { track: Track; index: number; far: number } | null = null;
  for (const track of drawn(lane)) {
    const place = PLACES[lane.group][track.kind]!;
    const off = Math.max(place.y - y, y - place.y - place.height, 0);
    for (const index of nearest(track, at, from, to)) {
      const beside = Math.max(track.from[index]! - at, at - track.to[index]!, 0);
      const far = off * 10 + beside * view.scale;
      if (best === null || far < best.far) best = { track, index, far };
    }
  }
  return { lane, at, track: best?.track ?? null, index: best?.index ?? -1, row: -1 };
}

/** The tracks that are drawn as intervals; those on top come first. */
export function drawn(lane: Lane): Track[] {
  const kinds = Object.keys(PLACES[lane.group]) as Kind[];
  return kinds.flatMap((kind) => {
    const track = lane.track(kind);
    return track === undefined || lane.isCounted(track) ? [] : [track];
  });
}

/** The interval at a place, or the ones beside it that are near. */
function nearest(track: Track, at: number, from: number, to: number): number[] {
  const before = firstAfter(track.from, at) - 1;
  return [before, before + 1].filter(
    (i) => i >= 0 && i < track.from.length && track.to[i]! >= from && track.from[i]! <= to,
  );
}

/** The interval of a lane that begins next after (or before) what is chosen. */
export function neighbour(chosen: Chosen, direction: 1 | -1): Chosen | null {
  const { lane, track, index, at } = chosen;
  const here = track === null ? at : track.from[index]!;
  let best: Chosen | null = null;
  for (const other of drawn(lane)) {
    const after = firstAfter(other.from, here);
    let i = direction === 1 ? after : after - 1;
    if (direction === -1) while (i >= 0 && other.from[i]! >= here) i--;
    if (i < 0 || i >= other.from.length) continue;
    const from = other.from[i]!;
    if (best === null || (from - best.at) * direction < 0) {
      best = { lane, at: from, track: other, index: i, row: -1 };
    }
  }
  return best;
}

/** What lasts in a lane at a place. */
export function lasting(lane: Lane, at: number): Chosen {
  for (const track of drawn(lane)) {
    const index = track.at(at);
    if (index >= 0 && track.kind !== 'idle') return { lane, at, track, index, row: -1 };
  }
  const idle = lane.track('idle');
  const index = idle?.at(at) ?? -1;
  return { lane, at, track: index < 0 ? null : idle!, index, row: -1 };
}

/** A row of the trace, in the lane of its CPU. */
export function chosenRow(timeline: Timeline, lanes: readonly Lane[], row: number): Chosen | null {
  const cpu = timeline.rows.cpu[row];
  const lane = lanes.find(({ group, id }) => group === 'cpu' && id === cpu) ?? lanes[0];
  if (lane === undefined) return null;
  return { ...lasting(lane, timeline.place(row)), row };
}

export function markOf(chosen: Chosen | null, layout: Layout): Marked {
  if (chosen === null) return { lane: -1, from: 0, to: 0, place: null, at: NaN };
  const { lane, at, track, index } = chosen;
  const place = track === null ? figureOf(lane) : PLACES[lane.group][track.kind]!;
  const from = track?.from[index] ?? at;
  const to = track?.to[index] ?? at;
  return { lane: layout.lanes.indexOf(lane), from, to, place, at };
}

function figureOf(lane: Lane): Place | null {
  return lane.figures.length === 0 ? null : figurePlace(lane, 0);
}
