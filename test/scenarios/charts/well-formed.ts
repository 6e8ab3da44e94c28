/*
 * The elements of an SVG text, in order; it throws where the text is not well-formed.
 */
export interface Found {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Its own words, not those of elements in it. */
  text: string;
}

const TOKEN = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/y;
const ENTITY = /&(?!(amp|lt|gt|quot);)/;

export function elementsOf(svg: string): Found[] {
  const found: Found[] = [];
  const open: Found[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < svg.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(svg);
    if (token === null) throw new Error(`not well-formed: ${svg.slice(at, at + 60)}`);
    const [whole, close, name = '', written = '', empty, words] = token;
    if (ENTITY.test(whole)) throw new Error(`an entity of nobody: ${whole}`);
    if (words !== undefined) {
      if (open.length > 0) open.at(-1)!.text += words;
    } else if (close === '/') {
      if (open.pop()?.name !== name) throw new Error(`closed but not open: ${name}`);
    } else {
      const pairs = [...written.matchAll(/([\w:-]+)="([^"]*)"/g)];
      const attributes = Object.fromEntries(pairs.map(([, key, value]) => [key, value]));
      const element = { name, attributes, text: '' };
      found.push(element);
      if (empty === '') open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`never closed: ${open.map(({ name }) => name).join(' ')}`);
  return found;
}

/** The words of all elements `text`. */
export function wordsIn(svg: string): string[] {
  return elementsOf(svg)
    .filter(({ name }) => name === 'text')
    .map(({ text }) => text);
}
