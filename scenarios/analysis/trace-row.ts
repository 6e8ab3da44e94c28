/*
 * A row of trace.csv as analyses read it (docs/trace.md).
 */
import { CSV_COLUMNS } from '../../engine/trace/csv.ts';

/** One object serves all rows: what is to be kept has to be copied. Its texts may be kept. */
export interface TraceRow {
  seq: number;
  timeNs: number;
  /** -1 outside of every CPU. */
  cpu: number;
  context: string;
  /** -1 without one. */
  pid: number;
  comm: string;
  flags: string;
  event: string;
  object: string;
  /** NaN without one. */
  value: number;
  detail: string;
}

export function emptyRow(): TraceRow {
  return {
    seq: 0,
    timeNs: 0,
    cpu: -1,
    context: '',
    pid: -1,
    comm: '',
    flags: '',
    event: '',
    object: '',
    value: NaN,
    detail: '',
  };
}

/** The first line of every trace; later versions append columns, which are passed over. */
export const HEADER = CSV_COLUMNS.join(',');

/** The number behind `name=` in a row's detail; NaN without one. */
export function detailNumber(detail: string, name: string): number {
  const text = detailText(detail, name);
  return text === '' ? NaN : Number(text);
}

/** The text behind `name=`, which ends at a space; empty without one. */
export function detailText(detail: string, name: string): string {
  const start = ` ${detail}`.indexOf(` ${name}=`);
  if (start < 0) return '';
  const from = start + name.length + 1;
  const end = detail.indexOf(' ', from);
  return detail.slice(from, end < 0 ? undefined : end);
}
