/**
 * Thresholds on metrics: `messages.lost == 0`, `latency.max < 500us`.
 */
import { TextError } from './diagnostics.ts';
import type { Position } from './diagnostics.ts';
import { parseDuration } from './duration.ts';
import { checkLength } from './expression.ts';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A threshold. */
export interface Expectation {
  readonly text: string;
  /** The metric's name; what it is a metric of may follow in parentheses. */
  readonly metric: string;
  readonly comparison: Comparison;
  /** A number, or nanoseconds if a duration was given. */
  readonly threshold: number;
  readonly at: Position;
}

const FORM = /^\s*([^=!<>]*)(==|!=|<=|>=|<|>|=)(.*)$/;
/** A metric's name, with what it is a metric of. */
export const METRIC = /^[A-Za-z_][\w.:/-]*(\([\w.:/ -]+\))?$/;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

/** Parses a threshold; throws a `TextError`. */
export function parseExpectation(text: string, hz: number, at: Position): Expectation {
  checkLength(text);
  const [, left = '', comparison = '', right = ''] = FORM.exec(text) ?? [];
  const metric = left.trim();
  const value = right.trim();
  if (comparison === '') {
    throw new TextError(0, 'expected METRIC COMPARISON NUMBER, such as messages.lost == 0');
  }
  if (comparison === '=') throw new TextError(text.indexOf('='), "equality is written '=='");
  if (!METRIC.test(metric)) {
    throw new TextError(0, `expected the name of a metric, got '${metric}'`);
  }
  const threshold = NUMBER.test(value) ? Number(value) : parseDuration(value, hz);
  if (threshold === undefined) {
    const offset = text.indexOf(comparison) + comparison.length;
    throw new TextError(offset, `expected a number or a duration, got '${value}'`);
  }
  return { text, metric, comparison: comparison as Comparison, threshold, at };
}
