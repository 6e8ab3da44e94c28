/*
 * Which steps of a run happen before which, as vector clocks by place, and who could begin what
 * would come first if a race went the other way.
 */
import type { Frame } from './frame.ts';

/** By place, the latest step that happens before the one at `last` because of its own place. */
export function clockOf(frames: readonly Frame[], last: number): Map<number, number> {
  const { place } = frames[last]!;
  const previous = frames.findLastIndex((frame, i) => i < last && frame.place === place);
  const clock = new Map(previous < 0 ? [] : frames[previous]!.clock);
  if (previous >= 0) clock.set(place, previous);
  return clock;
}

/**
 * Of the steps after `first` that do not happen after it, and then `last`: the places of those that
 * nothing among them comes before.
 * @param clock what happens before `last`
 */
export function initials(
  frames: readonly Frame[],
  first: number,
  last: number,
  clock: ReadonlyMap<number, number>,
): number[] {
  const { place: firstPlace } = frames[first]!;
  const free: number[] = [];
  const begun = new Map<number, number[]>();
  for (let i = first + 1; i <= last; i++) {
    const { place } = frames[i]!;
    const before = i === last ? clock : frames[i]!.clock;
    if (i < last && (place === firstPlace || (before.get(firstPlace) ?? -1) >= first)) continue;
    const follows = [...begun].some(([other, steps]) =>
      steps.some((step) => step <= (before.get(other) ?? -1)),
    );
    if (!follows && !begun.has(place)) free.push(place);
    const steps = begun.get(place);
    if (steps === undefined) begun.set(place, [i]);
    else steps.push(i);
  }
  return free;
}
