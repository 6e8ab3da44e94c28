/*
 * A run's folder while the run goes on. It has a name of its own, so that whatever happens no half
 * folder ever stands under the name of a whole one.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TraceSink } from '../../engine/index.ts';
import { CsvDigest } from '../../engine/trace/csv-digest.ts';
import { CsvFile } from '../../engine/trace/csv-file.ts';
import type { RunResult } from '../run/result.ts';
import { writing } from './errors.ts';
import { InputError } from './inputs.ts';
import {
  MANIFEST,
  RUN_FILES,
  manifestText,
  type Digests,
  type FileDigest,
  type InputDigest,
  type RunFile,
  type RunIdentity,
} from './manifest.ts';
import { consoleText, findingsCsv, summaryCsv, tableCsv } from './tables.ts';

export class Draft {
  /** The folder, as long as it is a draft. */
  readonly path: string;
  private readonly trace: CsvDigest;
  private readonly traceFile: CsvFile;
  /** What the scenario has read so far. */
  readonly inputs: Record<string, InputDigest> = {};

  /** Makes the folder `parent` and the draft in it. @throws OutputError */
  constructor(parent: string) {
    this.path = join(parent, `.draft-${randomUUID()}`);
    writing(parent, () => mkdirSync(this.path, { recursive: true }));
    const file = this.label('trace.csv');
    this.traceFile = writing(file, () => new CsvFile(join(this.path, 'trace.csv')));
    this.trace = new CsvDigest((chunk) => writing(file, () => this.traceFile.write(chunk)));
  }

  /** Where the run's trace goes. */
  get sink(): TraceSink {
    return this.trace;
  }

  get traceRows(): number {
    return this.trace.rows;
  }

  /** Keeps a copy of what the scenario reads. @throws InputError if the run has such a file. */
  keepInput(path: string, bytes: Uint8Array): void {
    const copy = join(this.path, path);
    if ([...RUN_FILES, MANIFEST].some((file) => copy === join(this.path, file))) {
      throw new InputError(`the file '${path}' has the name of a file that the run writes`);
    }
    writing(this.label(path), () => {
      mkdirSync(dirname(copy), { recursive: true });
      writeFileSync(copy, bytes);
    });
    this.inputs[path] = { sha256: sha256(bytes), bytes: bytes.length };
  }

  /** Writes everything beside the trace, run.json last. @throws OutputError */
  complete(identity: RunIdentity, result: RunResult): Digests {
    writing(this.label('trace.csv'), () => this.traceFile.close());
    const { metrics, findings, console: lines, table } = result;
    const { rows, bytes } = this.trace;
    const digests: Digests = {
      inputs: this.inputs,
      files: {
        'trace.csv': { sha256: this.trace.sha256, rows, bytes },
        'summary.csv': this.write('summary.csv', summaryCsv(metrics), metrics.length),
        'findings.csv': this.write('findings.csv', findingsCsv(findings), findings.length),
        'scenario.yaml': this.write('scenario.yaml', identity.effective),
        'console.txt': this.write('console.txt', consoleText(lines), lines.length),
        ...(table && {
          'table.csv': this.write('table.csv', tableCsv(table), table.rows.length),
        }),
      },
    };
    this.write(MANIFEST, manifestText(identity, result, digests));
    return digests;
  }

  private write(
    name: RunFile | typeof MANIFEST,
    text: string,
    rows = countLines(text),
  ): FileDigest {
    const bytes = Buffer.from(text);
    writing(this.label(name), () => writeFileSync(join(this.path, name), bytes));
    return { sha256: sha256(bytes), rows, bytes: bytes.length };
  }

  /** Closes the trace of a run that cannot be completed. */
  abandon(): void {
    try {
      this.traceFile.close();
    } catch {
      // It is closed already, or the disk that failed fails again.
    }
  }

  /** A file as errors name it: the draft's own name means nothing to anybody. */
  private label(file: string): string {
    return `${file} in ${dirname(this.path)}`;
  }

  /** Gives the folder its name. @throws the system's error, if there is such a folder. */
  rename(path: string): void {
    renameSync(this.path, path);
  }

  /** Removes the folder. */
  discard(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
