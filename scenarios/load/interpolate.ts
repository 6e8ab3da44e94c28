/**
 * Parameters in text: `$name` stands for the parameter's value, `${expression}` for the value
 * of an integer expression over parameters, `$$` for a dollar sign. In an actor with `count`,
 * `index` is a parameter too.
 */
import { shifted, TextError } from './diagnostics.ts';
import { parseDuration } from './duration.ts';
import { evaluateConstant } from './expression.ts';
import type { Name } from './expression.ts';
import { LIMITS } from './limits.ts';

export type Constant = string | number | boolean;
export type Constants = ReadonlyMap<string, Constant>;

const REFERENCE = /\$(?:\$|\{([^}]*)(\}?)|([A-Za-z_]\w*))/g;
const WHOLE = /^\$(?:\{([^}]*)\}|([A-Za-z_]\w*))$/;

/** The parameter that counts the copies of an actor. */
export const INDEX = 'index';

/** The text depends on the number of the actor's copy. */
export function mentionsIndex(text: string): boolean {
  for (const [, expression, , name] of text.matchAll(REFERENCE)) {
    if (name === INDEX || /\bindex\b/.test(expression ?? '')) return true;
  }
  return false;
}

/** A text after substitution, and the way back to the offsets of the text as written. */
export interface Interpolated {
  readonly text: string;
  readonly originalOffset: (offset: number) => number;
}

/** Substitutes in a step, where an unknown `$name` is a local and stays as it is. */
export function interpolateStep(text: string, constants: Constants, hz: number): Interpolated {
  return substitute(text, constants, hz, true);
}

/** Substitutes in any other string; one that is a single reference takes its value and type. */
export function interpolateScalar(text: string, constants: Constants, hz: number): Constant {
  const whole = WHOLE.exec(text);
  if (whole?.[2] !== undefined) return lookup(whole[2], constants, 1);
  if (whole?.[1] !== undefined) return calculate(whole[1], constants, hz, 2);
  return substitute(text, constants, hz, false).text;
}

function substitute(text: string, constants: Constants, hz: number, locals: boolean): Interpolated {
  if (!text.includes('$')) return { text, originalOffset: (offset) => offset };
  let result = '';
  let copied = 0;
  const pieces: Piece[] = [];
  for (const match of text.matchAll(REFERENCE)) {
    const [reference, expression, closed, name] = match;
    const at = match.index;
    if (closed === '') throw new TextError(at, "'${' without its '}'");
    if (locals && name !== undefined && !constants.has(name)) continue;
    const value =
      reference === '$$'
        ? '$'
        : name === undefined
          ? calculate(expression!, constants, hz, at + 2)
          : lookup(name, constants, at + 1);
    result += text.slice(copied, at);
    copied = at + reference.length;
    pieces.push({ from: at, until: copied, start: result.length, value: String(value) });
    result += value;
    if (result.length > LIMITS.stringLength) {
      throw new TextError(at, `with its parameters longer than ${LIMITS.stringLength} characters`);
    }
  }
  return {
    text: result + text.slice(copied),
    originalOffset: (offset) => {
      const piece = pieces.findLast(({ start }) => start <= offset);
      const beyond = piece ? offset - piece.start - piece.value.length : 0;
      return !piece ? offset : beyond < 0 ? piece.from : piece.until + beyond;
    },
  };
}

/** A reference at `from`..`until` of the text as written, and its value in the result. */
interface Piece {
  readonly from: number;
  readonly until: number;
  readonly start: number;
  readonly value: string;
}

function lookup(name: string, constants: Constants, offset: number): Constant {
  const value = constants.get(name);
  if (value === undefined) {
    const wrong = { got: name, among: constants.keys() };
    throw new TextError(offset, `unknown parameter '${name}'`, wrong);
  }
  return value;
}

function calculate(text: string, constants: Constants, hz: number, offset: number): number {
  return shifted(offset, () => evaluateConstant(text, hz, (name) => integer(name, constants, hz)));
}

function integer({ name, offset, local }: Name, constants: Constants, hz: number): number {
  const short = name.startsWith('params.') ? name.slice('params.'.length) : name;
  const value = lookup(short, constants, offset + (local ? 1 : 0));
  const number = typeof value === 'string' ? parseDuration(value, hz) : Number(value);
  if (number !== undefined) return number;
  throw new TextError(offset, `the parameter '${short}' is text, not a number`);
}
