/*
 * The JSON that rt-app's workloads are written in: json-c with comments and a comma behind the last
 * member, and what workgen lets through besides: a key that stands twice in an object (the second
 * gets a number, as workgen does it) and a key alone, without a value.
 */
import type { Issues } from './issues.ts';

interface At {
  /** Where it begins in the text. */
  readonly at: number;
}

export type Json = JsonObject | JsonArray | JsonScalar;

export interface JsonObject extends At {
  readonly kind: 'object';
  readonly members: readonly Member[];
}

export interface JsonArray extends At {
  readonly kind: 'array';
  readonly items: readonly Json[];
}

export interface JsonScalar extends At {
  readonly kind: 'scalar';
  /** Undefined: the key stands alone. */
  readonly value: string | number | boolean | null | undefined;
}

export interface Member {
  /** Unique in its object. */
  readonly key: string;
  /** As it is written. */
  readonly written: string;
  readonly keyAt: number;
  readonly value: Json;
}

/** What is wrong with the text makes the rest of it unreadable. */
class SyntaxProblem extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Reads a text; undefined if it is no JSON, which is reported. */
export function parseJson(text: string, issues: Issues): Json | undefined {
  try {
    return new Parser(text).whole();
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    issues.error({ at: error.at, path: '' }, error.message);
    return undefined;
  }
}

const SPACE = /(?:[\s\ufeff]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /[A-Za-z]+/y;
const NESTING_MAX = 64;

const WORDS = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class Parser {
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): Json {
    this.space();
    const value = this.value();
    this.space();
    if (this.at < this.text.length) throw this.wrong('the end of the file');
    return value;
  }

  private value(): Json {
    const { at } = this;
    const next = this.text[at];
    if (next === '{') return this.nested(() => this.object());
    if (next === '[') return this.nested(() => this.array());
    if (next === '"') return { kind: 'scalar', at, value: this.string() };
    const number = this.match(NUMBER);
    if (number !== undefined) return { kind: 'scalar', at, value: Number(number) };
    const word = this.match(WORD)?.toLowerCase();
    if (word !== undefined && WORDS.has(word)) {
      return { kind: 'scalar', at, value: WORDS.get(word)! };
    }
    this.at = at;
    throw this.wrong('a value');
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > NESTING_MAX) throw this.wrong(`at most ${NESTING_MAX} levels of nesting`);
    const value = read();
    this.depth--;
    return value;
  }

  private object(): JsonObject {
    const { at } = this;
    const members: Member[] = [];
    const keys = new Set<string>();
    this.at++;
    for (;;) {
      this.space();
      if (this.takes('}')) return { kind: 'object', at, members };
      const keyAt = this.at;
      if (this.text[keyAt] !== '"') throw this.wrong('a key in quotes, or }');
      const written = this.string();
      this.space();
      let value: Json = { kind: 'scalar', at: keyAt, value: undefined };
      if (this.takes(':')) {
        this.space();
        value = this.value();
        this.space();
      }
      members.push({ key: unique(written, keys), written, keyAt, value });
      if (this.takes(',')) continue;
      if (this.text[this.at] !== '}') throw this.wrong('a comma or }');
    }
  }

  private array(): JsonArray {
    const { at } = this;
    const items: Json[] = [];
    this.at++;
    for (;;) {
      this.space();
      if (this.takes(']')) return { kind: 'array', at, items };
      items.push(this.value());
      this.space();
      if (this.takes(',')) continue;
      if (this.text[this.at] !== ']') throw this.wrong('a comma or ]');
    }
  }

  private string(): string {
    const text = this.match(STRING);
    if (text === undefined) throw this.wrong('a text that ends on its line with a quote');
    return JSON.parse(text) as string;
  }

  private space(): void {
    this.match(SPACE);
    if (this.text.startsWith('/*', this.at)) throw this.wrong('a comment that ends with */');
  }

  private takes(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private wrong(expected: string): SyntaxProblem {
    const rest = this.text.slice(this.at, this.at + 20).split('\n', 1)[0]!;
    const got = this.at >= this.text.length ? 'the end of the file' : JSON.stringify(rest);
    return new SyntaxProblem(this.at, `expected ${expected}, got ${got}`);
  }
}

/** `run`, then `run1`, `run2`, past those that are there. */
function unique(written: string, keys: Set<string>): string {
  let key = written;
  for (let i = 1; keys.has(key); i++) key = `${written}${i}`;
  keys.add(key);
  return key;
}
