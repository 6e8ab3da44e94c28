/*
 * What a recorded trace is to us, whatever its format: events with a time, a CPU and fields. The
 * formats are trace-cmd's trace.dat, ftrace's text, packet captures, and tables in CSV.
 */

/** An event. A reader may hand out the same object again and again. */
export interface RecordedEvent {
  readonly name: string;
  /** Nanoseconds since some instant that all events of the recording share. */
  readonly timeNs: number;
  /** -1 if the recording does not say. */
  readonly cpu: number;
  /** A field as text, integers in decimal; undefined if the event has none of that name. */
  field(name: string): string | undefined;
  fieldNames(): readonly string[];
}

export interface Recording {
  /** What kind of file it is, for people. */
  readonly format: string;
  /** What a reader should know, such as that events were lost: complete after `each`. */
  readonly notes: readonly string[];
  /** The name of the events if all are of one kind. */
  readonly only?: string;
  /** Shows every event; not necessarily in the order of time. @throws RecordingError */
  each(see: (event: RecordedEvent) => void): void;
}

/** A recording that cannot be read, or has not what is asked of it. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** An error at a byte of the file. */
export function atByte(offset: number, expected: string, received: string): RecordingError {
  return new RecordingError(`at byte ${offset} expected ${expected}, received ${received}`);
}

/** An error at a line of the file. */
export function atLine(line: number, expected: string, received: string): RecordingError {
  const shown = received.length > 80 ? `${received.slice(0, 77)}...` : received;
  return new RecordingError(`line ${line}: expected ${expected}, got ${JSON.stringify(shown)}`);
}
