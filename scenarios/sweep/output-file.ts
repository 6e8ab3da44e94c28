/*
 * A file that is written row by row, with its digest.
 */
import { join } from 'node:path';
import { CsvDigest } from '../../engine/trace/csv-digest.ts';
import { CsvFile } from '../../engine/trace/csv-file.ts';
import { writing } from '../output/errors.ts';
import { csvRows } from '../output/tables.ts';
import type { SweepManifest } from './manifest.ts';

export type Cells = readonly (string | number)[];

export class OutputFile {
  private readonly path: string;
  private readonly file: CsvFile;
  private readonly digest: CsvDigest;

  constructor(folder: string, name: string) {
    this.path = join(folder, name);
    this.file = writing(this.path, () => new CsvFile(this.path));
    this.digest = new CsvDigest((chunk) => writing(this.path, () => this.file.write(chunk)));
  }

  header(columns: readonly string[]): void {
    this.digest.write(Buffer.from(csvRows([columns])), 0);
  }

  rows(rows: readonly Cells[]): void {
    this.digest.write(Buffer.from(csvRows(rows)), rows.length);
  }

  line(text: string): void {
    this.digest.write(Buffer.from(text), 1);
  }

  close(): SweepManifest['files'][string] {
    writing(this.path, () => this.file.close());
    const { sha256, rows, bytes } = this.digest;
    return { sha256, rows, bytes };
  }
}
