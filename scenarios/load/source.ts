/**
 * From a file to a tree: reads a scenario within the limits and parses it as YAML 1.2 (of
 * which JSON is a part) without custom tags, duplicate keys, directives or several documents.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { Composer, Lexer, Parser } from 'yaml';
import type { CST, Document } from 'yaml';
import type { Report } from './diagnostics.ts';
import { Source } from './diagnostics.ts';
import { LIMITS } from './limits.ts';
import { buildTree } from './tree.ts';
import type { TreeNode } from './tree.ts';

/** A file that cannot be a scenario; the message says why. */
export class UnreadableFile extends Error {}

/** Reads a scenario file; throws `UnreadableFile`, before reading, when it is too large. */
export function readSource(file: string): Source {
  let bytes: Buffer;
  try {
    const descriptor = openSync(file, 'r');
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile()) throw new UnreadableFile('not a regular file');
      if (status.size > LIMITS.fileBytes) throw tooLarge(`${status.size} bytes`);
      bytes = readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UnreadableFile(code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`);
  }
  try {
    return new Source(file, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new UnreadableFile('not UTF-8 text');
  }
}

function tooLarge(size: string): UnreadableFile {
  return new UnreadableFile(`too large: ${size}; a scenario has at most ${LIMITS.fileBytes}`);
}

/** Parses the report's source; undefined when the YAML itself is wrong, which is reported. */
export function parseSource(report: Report): TreeNode | undefined {
  const { text } = report.source;
  if (text.length > LIMITS.fileBytes) {
    report.error({ start: 0 }, [], tooLarge(`${text.length} characters`).message);
    return undefined;
  }
  const document = parseYaml(text, (start, message) => report.error({ start }, [], message));
  if (!document) return undefined;
  if (!document.contents) {
    report.error({ start: 0 }, [], 'the file is empty');
    return undefined;
  }
  return buildTree(document.contents, report);
}

/** Parses the value of an override, `50ms` or `[a, b]`; undefined when it is wrong. */
export function parseValue(text: string, override: string, report: Report): TreeNode | undefined {
  const place = { override };
  const document = parseYaml(text, (_, message) => report.error(place, [], message));
  if (!document) return undefined;
  if (document.contents) return buildTree(document.contents, report, override);
  return { kind: 'scalar', value: null, place };
}

type Complain = (start: number, message: string) => void;

function parseYaml(text: string, complain: Complain): Document.Parsed | undefined {
  const tokens = tokenize(text, complain);
  if (!tokens) return undefined;
  // Duplicate keys are found while the tree is built: the composer compares all pairs of keys.
  const composer = new Composer({
    version: '1.2',
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    merge: false,
  });
  const [document, second] = composer.compose(tokens, true, text.length);
  let clean = true;
  const wrong = (start: number, message: string) => {
    clean = false;
    complain(start, message);
  };
  if (second) wrong(second.range[0], 'a scenario is one YAML document; here begins another');
  for (const { pos, message } of [...document!.errors, ...document!.warnings]) {
    wrong(pos[0], message);
  }
  if (document!.directives.yaml.version !== '1.2') wrong(0, 'only YAML 1.2 is read');
  return clean ? (document as Document.Parsed) : undefined;
}

/** The tokens of a text, with the depth of nesting bounded before anything recurses over it. */
function tokenize(text: string, complain: Complain): CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // A level of nesting takes at most two entries of the parser's stack.
    if (parser.stack.length > 2 * LIMITS.nesting + 8) {
      complain(parser.offset, `nested more than ${LIMITS.nesting} levels deep`);
      return undefined;
    }
    if (++lexemes > LIMITS.lexemes) {
      complain(parser.offset, `more than ${LIMITS.lexemes} lexical elements of YAML`);
      return undefined;
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}
