/*
 * The browser's part as one module: those that the build leaves in dist/browser, put one behind the
 * other in the order in which they need each other. They share one scope then, so their imports and
 * exports go, and no two may declare the same name.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = import.meta.url;
const ROOT = here.endsWith('.ts') ? '../../dist/browser/' : '../../browser/';
const ENTRY = 'scenarios/report/browser/main.js';

const IMPORT = /^import (?:\{[^}]*\} from )?["'](\.[^"']*)["'];\n/gm;
const DECLARED = /^(?:async )?(?:function\*?|const|let|class) (\w+)/gm;

/** The text of the module. */
export function browserScript(): string {
  const seen = new Set<string>();
  const texts: string[] = [];
  const add = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    for (const [, from = ''] of text.matchAll(IMPORT)) add(new URL(from, url));
    texts.push(text.replace(IMPORT, '').replace(/^export (\{[^}]*\};\n)?/gm, ''));
  };
  add(new URL(ROOT + ENTRY, here));
  const whole = texts.join('');
  mustBeOneScope(whole);
  return whole;
}

/** @throws Error if it is not what the above can put together. */
function mustBeOneScope(text: string): void {
  const names = [...text.matchAll(DECLARED)].map(([, name = '']) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`two modules of the report declare ${twice}`);
  const left = /^(import|export)\b.*|<\/script/m.exec(text);
  if (left !== null) throw new Error(`a module of the report has: ${left[0]}`);
}
