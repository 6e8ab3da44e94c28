/*
 * The arrivals that were selected from a recording as a small table of their own.
 */
import { csv } from '../output/tables.ts';
import type { SelectedEvents } from './selection.ts';

/** `time_ns,cpu`; times count from the first, or from the beginning of the recording. */
export function arrivalsCsv(
  { events, beginNs }: SelectedEvents,
  origin: 'first' | 'recording',
): string {
  const zero = origin === 'recording' ? beginNs : events[0]!.timeNs;
  return csv(
    ['time_ns', 'cpu'],
    events.map(({ timeNs, cpu }) => [timeNs - zero, cpu < 0 ? '' : cpu]),
  );
}
