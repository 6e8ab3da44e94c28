/*
 * A file of numbered records in /proc, as a driver makes one with seq_file. The records stand in a
 * table that others may change between two reads.
 */
import type { Code, Context } from '../../models/context.ts';
import { proc_create_seq } from '../../models/fs/proc.ts';
import type { Element, SeqFile, seq_operations } from '../../models/fs/seq_file.ts';
import type { Machine } from '../../models/machine.ts';

/** What the driver has to show. */
export interface Records {
  /** How many there are at this moment. */
  readonly count: () => number;
  /** Prints the one at a place; returns what show() returns. */
  readonly show: (m: SeqFile, place: number) => number;
  /** Hears of every call of start(), next() and stop(). */
  readonly called?: (call: string) => void;
}

/** Makes `/proc/NAME`. */
export function createRecordFile(machine: Machine, name: string, records: Records): void {
  proc_create_seq(machine, name, 0o444, recordOperations(records));
}

/** A record of `bytes` bytes: its number in four digits at least, dots, a newline. */
export function recordText(id: number, bytes: number): string {
  return `${String(id)
    .padStart(4, '0')
    .padEnd(bytes - 1, '.')}\n`;
}

interface Place {
  readonly index: number;
}

function recordOperations(records: Records): seq_operations<Place> {
  const { count, show, called = () => {} } = records;
  const at = (index: number): Element<Place> => (index < count() ? { index } : null);
  function* call<T>(k: Context, body: () => T): Code<T> {
    yield k.machine.costs.call;
    return body();
  }
  return {
    start: (k, _m, pos) =>
      call(k, () => {
        called(`start(${pos.value})`);
        return at(pos.value);
      }),
    next: (k, _m, _v, pos) =>
      call(k, () => {
        pos.value++;
        called(`next->${pos.value}`);
        return at(pos.value);
      }),
    stop: (k, _m, v) =>
      call(k, () => {
        called(`stop(${v === null ? 'NULL' : 'v'})`);
      }),
    show: (k, m, { index }) => call(k, () => show(m, index)),
  };
}
