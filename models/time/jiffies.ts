/*
 * Jiffies and conversions, kernel/time/time.c and include/linux/jiffies.h.
 */
import type { Machine } from '../machine.ts';

export const NSEC_PER_SEC = 1_000_000_000;
/** schedule_timeout(MAX_SCHEDULE_TIMEOUT) sleeps without a timeout. */
export const MAX_SCHEDULE_TIMEOUT = Number.MAX_SAFE_INTEGER;

/** What an endless delay in ms is in jiffies: too long for any run, yet a number to add to. */
export const MAX_JIFFY_OFFSET = Math.floor(MAX_SCHEDULE_TIMEOUT / 2) - 1;

/** The instant of tick `n` of a clock with `hz` ticks a second, exact for every n. */
export function tickTime(hz: number, n: number): number {
  const seconds = Math.floor(n / hz);
  return seconds * NSEC_PER_SEC + Math.floor(((n - seconds * hz) * NSEC_PER_SEC) / hz);
}

/** The last tick at or before the instant `ns`. */
export function ticksUntil(hz: number, ns: number): number {
  const seconds = Math.floor(ns / NSEC_PER_SEC);
  const rest = ns - seconds * NSEC_PER_SEC;
  let n = seconds * hz + Math.floor((rest * hz) / NSEC_PER_SEC);
  if (tickTime(hz, n + 1) <= ns) n++;
  return n;
}

/** Rounds up: a sleep is never shorter than asked. Negative means without end. */
export function msecs_to_jiffies(machine: Machine, ms: number): number {
  if (ms < 0) return MAX_JIFFY_OFFSET;
  return Math.ceil((ms * machine.hz) / 1000);
}

export function jiffies_to_msecs(machine: Machine, jiffies: number): number {
  return Math.ceil((jiffies * 1000) / machine.hz);
}

/** Rounds up as timespec64_to_jiffies. */
export function nsecs_to_jiffies_up(machine: Machine, ns: number): number {
  return Math.ceil((ns * machine.hz) / NSEC_PER_SEC);
}
