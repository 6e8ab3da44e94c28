/**
 * What is wrong with a scenario, where, and what was probably meant. All errors of a file are
 * collected and reported together, in the order of their positions.
 */
import { LineCounter } from 'yaml';
import { LIMITS } from './limits.ts';
import { nearest } from './nearest.ts';

/** One error in a scenario file or in an override. */
export interface Diagnostic {
  /** The file's name, or `--set path=value` for an error in an override. */
  readonly file: string;
  /** Line and column count from 1, the column in UTF-16 code units; both 0: no position. */
  readonly line: number;
  readonly column: number;
  /** The place in the scenario, such as `actors.reader.steps[2]`; empty: the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** The nearest valid name. */
  readonly suggestion?: string;
}

/** A position in the scenario's text, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A step's place, and the step as the file writes it, on one line. */
export interface StepPlace extends Position {
  readonly text: string;
}

/** A way from the root of a scenario to a value in it. */
export type Path = readonly (string | number)[];

/**
 * Where a value came from: an offset in the file (`inner` is where the characters of its text
 * begin, when they stand there without escapes) or an override, quoted as it was given.
 */
export type Place =
  { readonly start: number; readonly inner?: number } | { readonly override: string };

/** An error inside a piece of text, `offset` characters from its start. */
export class TextError extends Error {
  readonly offset: number;
  readonly wrong: Wrong | undefined;

  constructor(offset: number, message: string, wrong?: Wrong) {
    super(message);
    this.offset = offset;
    this.wrong = wrong;
  }
}

/** Runs `action`; the offset of an error it throws is moved by `offset`. */
export function shifted<T>(offset: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new TextError(offset + error.offset, error.message, error.wrong);
  }
}

/** A wrong name, and the names that would have been right there. */
export interface Wrong {
  readonly got: string;
  readonly among: Iterable<string>;
}

/** A scenario's text with the name of its file. */
export class Source {
  readonly file: string;
  readonly text: string;
  readonly lines = new LineCounter();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.lines.addNewLine(0);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.lines.addNewLine(at + 1);
    }
  }

  /** The position of a place, or of the character `within` of its text; zeros: an override. */
  position(place: Place, within = 0): Position {
    if ('override' in place) return { line: 0, column: 0 };
    const offset =
      place.inner === undefined ? place.start : within === 0 ? place.start : place.inner + within;
    const { line, col } = this.lines.linePos(offset);
    return { line, column: col };
  }
}

/** Collects the errors of one scenario, up to `LIMITS.errors`. */
export class Report {
  readonly source: Source;
  private readonly found = new Map<string, Diagnostic>();

  constructor(source: Source) {
    this.source = source;
  }

  /** No error has been reported. */
  get clean(): boolean {
    return this.found.size === 0;
  }

  /** As many errors as will be shown have been found; looking for more is a waste. */
  get full(): boolean {
    return this.found.size >= LIMITS.errors;
  }

  /** Reports an error at `within` characters into the text at `place`. */
  error(place: Place, path: Path, message: string, wrong?: Wrong, within = 0): void {
    if (this.full) return;
    const file = 'override' in place ? place.override : this.source.file;
    const { line, column } = this.source.position(place, within);
    const suggestion = wrong && nearest(wrong.got, wrong.among);
    const diagnostic: Diagnostic = {
      file,
      line,
      column,
      path: formatPath(path),
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
    // The instances of a replicated actor all make the same mistake: one report is enough.
    this.found.set(formatDiagnostic(diagnostic), diagnostic);
  }

  /** Reports a `TextError` about the text at `place`; anything else is thrown on. */
  textError(place: Place, path: Path, error: unknown): void {
    if (!(error instanceof TextError)) throw error;
    this.error(place, path, error.message, error.wrong, error.offset);
  }

  /** The errors: those of the file by position, then those of the overrides as found. */
  sorted(): Diagnostic[] {
    const rank = (d: Diagnostic) => (d.line === 0 && d.file !== this.source.file ? 1 : 0);
    const all = [...this.found.values()].sort(
      (a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column,
    );
    if (this.full) {
      const message = `no more than ${LIMITS.errors} errors are shown`;
      all.push({ file: this.source.file, line: 0, column: 0, path: '', message });
    }
    return all;
  }
}

/** `actors.reader.steps[2]`. */
export function formatPath(path: Path): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`))
    .join('');
}

/** `file:line:col: path: message (did you mean 'x'?)`, without the parts that are not known. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, path, message, suggestion } = diagnostic;
  const where = line === 0 ? file : `${file}:${line}:${column}`;
  const hint = suggestion === undefined ? '' : ` (did you mean '${suggestion}'?)`;
  return `${where}: ${path === '' ? '' : `${path}: `}${message}${hint}`;
}
