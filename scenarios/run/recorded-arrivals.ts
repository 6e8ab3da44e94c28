/*
 * Arrivals as a recorded trace has them: its events become a list of instants.
 */
import { openRecording } from '../import/open.ts';
import { RecordingError } from '../import/recording.ts';
import { select, type Selection } from '../import/selection.ts';
import type { Arrivals } from '../load/index.ts';
import { ScenarioError } from './error.ts';

type Recorded = NonNullable<Arrivals['recorded']>;

/** The same arrivals with instants in place of a recording. @throws ScenarioError */
export function withInstants(arrivals: Arrivals, readFile: (path: string) => Uint8Array): Arrivals {
  const { recorded, ...rest } = arrivals;
  if (recorded === undefined) return arrivals;
  const at = instantsOf(recorded, readFile).map((time) => arrivals.start + time);
  return { ...rest, at };
}

function instantsOf(recorded: Recorded, readFile: (path: string) => Uint8Array): number[] {
  const bytes = readFile(recorded.file);
  try {
    return recordedInstants(bytes, recorded);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new ScenarioError(null, `${recorded.file}: ${error.message}`);
  }
}

/** The instants of the events that are meant, in ns after the origin. @throws RecordingError */
function recordedInstants(
  bytes: Uint8Array,
  { origin, scale, ...selection }: Selection & Pick<Recorded, 'origin' | 'scale'>,
): number[] {
  const { events, beginNs } = select(openRecording(bytes), selection);
  const zero = origin === 'recording' ? beginNs : events[0]!.timeNs;
  return events.map(({ timeNs }) => Math.round((timeNs - zero) * scale));
}
