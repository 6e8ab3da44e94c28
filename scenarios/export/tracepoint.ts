/*
 * What a trace event is to ftrace: fields of C types and a print format, as
 * /sys/kernel/tracing/events/SYSTEM/EVENT/format shows them.
 */
import type { TraceRow } from '../analysis/trace-row.ts';

/** Types of fields: their C declaration, bytes and sign. */
export const FIELD_TYPES = {
  int: { c: 'int', bytes: 4, signed: true },
  uint: { c: 'unsigned int', bytes: 4, signed: false },
  pid: { c: 'pid_t', bytes: 4, signed: true },
  long: { c: 'long', bytes: 8, signed: true },
  /** TASK_COMM_LEN */
  comm: { c: 'char', bytes: 16, signed: false },
  /** Where in the event its bytes are, and how many. */
  text: { c: '__data_loc char[]', bytes: 4, signed: false },
} as const;

export type FieldType = keyof typeof FIELD_TYPES;

export interface Tracepoint {
  readonly system: string;
  /** In the order in which they lie in memory. */
  readonly fields: readonly (readonly [name: string, type: FieldType])[];
  /** After `print fmt: `. */
  readonly print: string;
  /** By field: a text for `comm` and `text`, else an integer. */
  values(row: TraceRow): (number | string)[];
  /** What `print` makes of the values. */
  format(values: readonly (number | string)[]): string;
}
