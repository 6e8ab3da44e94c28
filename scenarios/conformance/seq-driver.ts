/*
 * The driver whose files the facts about seq_file were recorded with: numbered records of equal
 * length in `/proc/uo_seq`, lines of five bytes in a file of one record; it notes every call that
 * the kernel makes into it.
 */
import type { Code, Context } from '../../models/context.ts';
import { proc_create_single } from '../../models/fs/proc.ts';
import { SEQ_SKIP, seq_puts, type SeqFile } from '../../models/fs/seq_file.ts';
import type { Machine } from '../../models/machine.ts';
import { createRecordFile, recordText } from '../objects/record-file.ts';

/** The file of many records, and that of one. */
export const MANY = 'uo_seq';
export const SINGLE = 'uo_one';

/** Characters that the driver's note of calls has room for. */
const LOG_ROOM = 8191;
/** Records that the driver's table has room for. */
const TABLE = 4096;
/** Four digits and a newline. */
const LINE = 5;

export class SeqDriver {
  /** The record for which show() returns SEQ_SKIP; -1: none. */
  skip = -1;
  private calls = '';
  private readonly ids = new Array<number>(TABLE).fill(0);
  private count = 0;
  private recordBytes = 0;

  constructor(machine: Machine) {
    createRecordFile(machine, MANY, {
      count: () => this.count,
      show: (m, place) => this.show(m, place),
      called: (call) => this.note(call),
    });
    proc_create_single(machine, SINGLE, 0o444, (k, m) => this.showAll(k, m));
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
    this.calls = `${this.calls}${call} `.slice(0, LOG_ROOM);
  }

  private show(m: SeqFile, place: number): number {
    const id = this.ids[place]!;
    this.note(`show(${id})`);
    if (id === this.skip) return SEQ_SKIP;
    seq_puts(m, recordText(id, this.recordBytes));
    return 0;
  }

  private *showAll(k: Context, m: SeqFile): Code<number> {
    yield k.machine.costs.call;
    this.note('single_show');
    for (let place = 0; place < this.count; place++) {
      seq_puts(m, recordText(this.ids[place]!, LINE));
    }
    return 0;
  }
}
