/*
 * HTML as text. What comes from a scenario or a trace goes through `escape`.
 */

/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

/** A value in a template: text is escaped, HTML is not, lists are joined. */
export type Part = string | number | Html | readonly Part[];

export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const all = texts.map((text, i) => text + (i < parts.length ? textOf(parts[i]!) : ''));
  return { html: all.join('') };
}

function textOf(part: Part): string {
  if (typeof part === 'string') return escape(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(textOf).join('');
}

export const nothing: Html = { html: '' };

export interface Heading {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly right?: boolean;
}

/** From here on a table scrolls in a box of its own. */
const SCROLLS = 16;

/** A table with a caption; the first cell of each row names it. */
export function htmlTable(
  caption: string,
  headings: readonly Heading[],
  rows: readonly (readonly Part[])[],
): Html {
  if (rows.length === 0) return nothing;
  const side = (i: number): Html => (headings[i]?.right ? markup` class="number"` : nothing);
  const head = headings.map(({ title }, i) => markup`<th scope="col"${side(i)}>${title}</th>`);
  const body = rows.map((cells) => {
    const [first = '', ...rest] = cells;
    const others = rest.map((cell, i) => markup`<td${side(i + 1)}>${cell}</td>`);
    return markup`<tr><th scope="row"${side(0)}>${first}</th>${others}</tr>\n`;
  });
  const table = markup`<table><caption>${caption}</caption>
<thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table>`;
  const tall = rows.length > SCROLLS ? markup` tall` : nothing;
  return markup`<div class="scroll${tall}" tabindex="0" role="region" aria-label="${caption}">
${table}</div>`;
}

/** Terms and what there is to say of them; those of which there is nothing are left out. */
export function factList(facts: readonly (readonly [string, Part])[]): Html {
  const shown = facts.filter(([, part]) => part !== '');
  return markup`<dl class="facts">${shown.map(
    ([term, part]) => markup`<div><dt>${term}</dt><dd>${part}</dd></div>`,
  )}</dl>`;
}
