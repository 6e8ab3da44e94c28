/*
 * What a folder was made from, and how to make it again.
 */
import { markup, nothing, type Html } from './html.ts';

/** A command to copy. */
export function command(id: string, text: string): Html {
  return markup`<div class="command"><pre id="${id}" tabindex="0">${text}</pre>
<button type="button" data-copy="${id}">Copy</button></div>`;
}

/** The text of a file, folded; nothing of an empty one. */
export function fileText(name: string, text: string, lines = false): Html {
  if (text === '') return nothing;
  const numbered = lines ? withNumbers(text) : text;
  return markup`<details><summary>${name}</summary>
<pre tabindex="0" aria-label="${name}">${numbered}</pre></details>`;
}

function withNumbers(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const width = String(lines.length).length;
  return lines.map((line, i) => `${String(i + 1).padStart(width)}  ${line}`).join('\n');
}
