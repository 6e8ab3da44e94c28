import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLOORS, ROOT, filesIn, sourcesOf } from './project.ts';

const LINES_MAX = 400;

/** Written in pieces, so that this file does not contain what it looks for. */
const FORBIDDEN = [
  // A path of one machine; `../work/queue.ts` and `models/work/` are none.
  new RegExp(`(?<![\\w.)*-])/(${['wo' + 'rk', 'ro' + 'ot', 'Us' + 'ers'].join('|')})/`),
  new RegExp(`https?://${'regi' + 'stry'}\\b`),
  new RegExp(`\\b${'regi' + 'stry'}\\.(npm|yarn)`),
];

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

function forbiddenIn(text: string): string[] {
  return FORBIDDEN.flatMap((pattern) => pattern.exec(text)?.[0] ?? []);
}

describe('the text of the project', () => {
  it(`keeps every source file within ${LINES_MAX} lines`, () => {
    const long = sourcesOf(FLOORS)
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > LINES_MAX);
    expect(long).toEqual([]);
  });

  it('names no path of one machine and no host of packages', () => {
    const named = filesIn().flatMap((file) => {
      const text = read(file);
      if (text.includes('\0')) return [];
      return forbiddenIn(text).map((what) => `${file}: ${what}`);
    });
    expect(named).toEqual([]);
  });

  it.each([
    ['a path of work', 'see /' + 'work/main/x.ts'],
    ['an address of a file', 'file:///' + 'root/x'],
    ['a quoted path', '"/' + 'Users/me"'],
    ['an address of packages', 'https://' + 'registry.example.org/x.tgz'],
    ['a host of packages', 'regi' + 'stry.npmjs.org'],
  ])('would be caught naming %s', (_what, text) => {
    expect(forbiddenIn(text)).not.toEqual([]);
  });

  it('may speak of folders and registries of its own', () => {
    expect(forbiddenIn('../work/queue.ts models/work/queue.ts the registry of sockets')).toEqual(
      [],
    );
  });
});
