/*
 * The driver whose files the facts about seq_file were recorded with: numbered records of equal
 * length in `/proc/uo_seq`, lines of five bytes in a file of one record; it notes every call that
 * the kernel makes into it.
 */
import type { Code, Context } from '../../models/context.ts';
import { proc_create } from '../../models/fs/proc.ts';
import {
  SEQ_SKIP,
  seq_open,
  seq_printf,
  seq_putc,
  seq_release,
  single_open,
  single_release,
  type SeqFile,
  type seq_operations,
} from '../../models/fs/seq_file.ts';
import { seq_lseek, seq_read } from '../../models/fs/seq_read.ts';
import type { Machine } from '../../models/machine.ts';

/** The file of one record. */
export const SINGLE = 'uo_one';

/** An element of the sequence: a place in the driver's table. */
interface Place {
  readonly index: number;
}

/** Characters that the driver's note of calls has room for. */
const LOG_ROOM = 8191;
/** Records that the driver's table has room for. */
const TABLE = 4096;

export class SeqDriver {
  /** The record for which show() returns SEQ_SKIP; -1: none. */
  skip = -1;
  private calls = '';
  private readonly ids = Array.from({ length: TABLE }, (_, id) => id);
  private count = 0;
  private recordBytes = 0;

  constructor(machine: Machine) {
    const ops = this.operations();
    const methods = { proc_read: seq_read, proc_lseek: seq_lseek };
    proc_create(machine, 'uo_seq', 0o444, {
      ...methods,
      proc_open: function* (k, file) {
        yield k.machine.costs.call;
        return seq_open(k, file, ops);
      },
      proc_release: seq_release,
    });
    const show = (k: Context, m: SeqFile): Code<number> => this.showAll(k, m);
    proc_create(machine, SINGLE, 0o444, {
      ...methods,
      proc_open: function* (k, file) {
        yield k.machine.costs.call;
        return single_open(k, file, show);
      },
      proc_release: single_release,
    });
  }

  /** The calls since the driver was configured. */
  get log(): string {
    return this.calls;
  }

  /** This many records, numbered from 0; the note of calls is empty. */
  configure(count: number, recordBytes: number): void {
    this.count = count;
    this.recordBytes = recordBytes;
    this.calls = '';
    for (let id = 0; id < TABLE; id++) this.ids[id] = id;
  }

  /** Takes one record away; those behind it move up. */
  remove(index: number): void {
    this.ids.splice(index, 1);
    this.count--;
  }

  private note(call: string): void {
    this.calls = (this.calls + call).slice(0, LOG_ROOM);
  }

  private at(index: number): Place | null {
    return index < this.count ? { index } : null;
  }

  private operations(): seq_operations<Place> {
    return {
      start: (k, _m, pos) =>
        this.called(k, () => {
          this.note(`start(${pos.value}) `);
          return this.at(pos.value);
        }),
      next: (k, _m, _v, pos) =>
        this.called(k, () => {
          pos.value++;
          this.note(`next->${pos.value} `);
          return this.at(pos.value);
        }),
      stop: (k, _m, v) =>
        this.called(k, () => {
          this.note(`stop(${v === null ? 'NULL' : 'v'}) `);
        }),
      show: (k, m, v) => this.called(k, () => this.show(m, v)),
    };
  }

  private *called<T>(k: Context, body: () => T): Code<T> {
    yield k.machine.costs.call;
    return body();
  }

  private show(m: SeqFile, { index }: Place): number {
    const id = this.ids[index]!;
    this.note(`show(${id}) `);
    if (id === this.skip) return SEQ_SKIP;
    seq_printf(m, String(id).padStart(4, '0'));
    for (let i = 5; i < this.recordBytes; i++) seq_putc(m, '.');
    seq_putc(m, '\n');
    return 0;
  }

  private *showAll(k: Context, m: SeqFile): Code<number> {
    yield k.machine.costs.call;
    this.note('single_show ');
    for (let i = 0; i < this.count; i++) {
      seq_printf(m, `${String(this.ids[i]).padStart(4, '0')}\n`);
    }
    return 0;
  }
}
