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

export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const all = texts.map((text, i) => text + (i < parts.length ? textOf(parts[i]!) : ''));
  return { html: all.join('') };
}

function textOf(part: Part): string {
  if (typeof part === 'string') return escape(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(textOf).join('');
}

export const nothing: Html = { html: '' };

export interface Cell {
  readonly content: Part;
  /** Numbers stand to the right. */
  readonly right?: boolean;
}

export interface Heading {
  readonly title: string;
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
  const side = (i: number): Html => (headings[i]?.right ? html` class="number"` : nothing);
  const head = headings.map(({ title }, i) => html`<th scope="col"${side(i)}>${title}</th>`);
  const body = rows.map((cells) => {
    const [first = '', ...rest] = cells;
    const others = rest.map((cell, i) => html`<td${side(i + 1)}>${cell}</td>`);
    return html`<tr><th scope="row"${side(0)}>${first}</th>${others}</tr>\n`;
  });
  const table = html`<table><caption>${caption}</caption>
<thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table>`;
  const tall = rows.length > SCROLLS ? html` tall` : nothing;
  return html`<div class="scroll${tall}" tabindex="0" role="region" aria-label="${caption}">
${table}</div>`;
}
