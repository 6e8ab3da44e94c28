/*
 * What is wrong with a workload, and what of it cannot be taken over: each with its place in the
 * file and its path in the JSON.
 */
import { Source, formatDiagnostic } from '../../load/diagnostics.ts';

/** A place in the file: where it begins, and its path, such as `tasks.thread0.run`. */
export interface Place {
  readonly at: number;
  readonly path: string;
}

/** A list of this length says enough. */
const ERRORS_MAX = 100;

export class Issues {
  readonly errors: string[] = [];
  /** Left out or taken over in another form; the scenario is valid all the same. */
  readonly warnings: string[] = [];
  private readonly source: Source;

  constructor(file: string, text: string) {
    this.source = new Source(file, text);
  }

  error(place: Place, message: string): void {
    if (this.errors.length < ERRORS_MAX) this.errors.push(this.format(place, message));
  }

  warn(place: Place, message: string): void {
    this.warnings.push(this.format(place, message));
  }

  private format({ at, path }: Place, message: string): string {
    const { line, column } = this.source.position({ start: at });
    return formatDiagnostic({ file: this.source.file, line, column, path, message });
  }
}

export function inside(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
