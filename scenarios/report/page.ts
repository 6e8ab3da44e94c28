/*
 * The frame of a report: one file that asks the network for nothing. Its policy allows the one
 * script that it carries, by its digest, and no connection at all.
 */
import { createHash } from 'node:crypto';
import { factList, markup, nothing, type Html } from './html.ts';
import { browserScript } from './script.ts';
import { STYLE } from './style.ts';

export interface Section {
  /** In addresses. */
  readonly id: string;
  readonly title: string;
  readonly content: Html;
}

export interface Page {
  /** Of what it is a report: run, sweep, exploration. */
  readonly of: string;
  readonly name: string;
  /** How much of it there is. */
  readonly size: string;
  readonly about: string;
  /** What it was made from, in short. */
  readonly facts: readonly (readonly [string, string])[];
  readonly passed: boolean;
  readonly verdict: string;
  readonly sections: readonly Section[];
  /** The packed timeline, if there is one. */
  readonly data?: string;
}

export function pageText(page: Page): string {
  const script = browserScript();
  const digest = createHash('sha256').update(script).digest('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${digest}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const { of, name, data } = page;
  const { html: text } = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name} - ${of} - Lockstep</title>
<link rel="icon" href="data:,">
<style>${{ html: STYLE }}</style>
</head>
<body>
<a class="skip" href="#${page.sections[0]?.id ?? 'main'}">Skip to the contents</a>
${header(page)}
<main id="main">
${page.sections.map(sectionOf)}</main>
${data === undefined ? nothing : markup`<script type="text/plain" id="data">${data}</script>`}
<script type="module">${{ html: script }}</script>
</body>
</html>
`;
  return text;
}

function header({ of, name, about, facts, passed, verdict, sections }: Page): Html {
  const mark = passed ? '✓' : '✗';
  return markup`<header>
<p class="kind">Lockstep report of ${of === 'exploration' ? 'an' : 'a'} ${of}</p>
<h1>${name}</h1>
<p>${about}</p>
<p class="verdict ${passed ? 'passed' : 'failed'}"><span aria-hidden="true">${mark}</span>
${verdict}</p>
${factList(facts)}
<nav aria-label="Contents"><ul>${sections.map(
    ({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>
</header>`;
}

function sectionOf({ id, title, content }: Section): Html {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}
