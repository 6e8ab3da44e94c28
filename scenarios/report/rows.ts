/*
 * The rows of a trace as columns of numbers.
 */
import type { TraceRow } from '../analysis/trace-row.ts';
import { TEXT_COLUMNS, type Column, type PackedRows, type TextColumn } from './format.ts';
import { TextTable } from '../../engine/index.ts';
import { Numbers } from '../analysis/numbers.ts';
import type { Packer } from './packer.ts';

export class RowColumns {
  private readonly seq = new Numbers();
  private readonly timeNs = new Numbers();
  private readonly cpu = new Numbers();
  private readonly pid = new Numbers();
  private readonly value = new Numbers();
  private readonly texts = TEXT_COLUMNS.map((name) => ({
    name,
    numbers: new Numbers(),
    list: new TextTable(),
  }));

  see(row: TraceRow): void {
    this.seq.push(row.seq);
    this.timeNs.push(row.timeNs);
    this.cpu.push(row.cpu);
    this.pid.push(row.pid);
    this.value.push(row.value);
    for (const { name, numbers, list } of this.texts) numbers.push(list.intern(row[name]));
  }

  pack(packer: Packer): PackedRows {
    const texts = this.texts.map(({ name, numbers }) => [name, packer.numbers(numbers.all)]);
    const lists = this.texts.map(({ name, list }) => [name, list.known().texts]);
    return {
      seq: packer.distances(this.seq.all),
      timeNs: packer.distances(this.timeNs.all),
      cpu: packer.numbers(this.cpu.all),
      pid: packer.numbers(this.pid.all),
      value: packer.numbers(this.value.all),
      texts: Object.fromEntries(texts) as Record<TextColumn, Column>,
      lists: Object.fromEntries(lists) as Record<TextColumn, string[]>,
    };
  }
}
