/*
 * What was checked and what was found, in the kernel's words, with the way to the moment.
 */
import type { CsvRow } from './csv.ts';
import { duration, rowLink } from './figures.ts';
import { factList, htmlTable, markup, nothing, type Html, type Part } from './html.ts';

interface Check {
  readonly text: string;
  readonly passed: boolean;
  readonly found: string;
}

export function checksTable(checks: readonly Check[]): Html {
  return htmlTable(
    'What the scenario expects',
    [{ title: '' }, { title: 'expected' }, { title: 'found' }],
    checks.map(({ text, passed, found }) => [
      passed ? markup`<span class="passed">✓ yes</span>` : markup`<span class="failed">✗ no</span>`,
      markup`<code>${text}</code>`,
      found,
    ]),
  );
}

/** A row of the findings.csv of a run. */
export function findingArticle(finding: CsvRow): Html {
  const { kind = '', text = '', verdict = '', actors = '', objects = '', places = '' } = finding;
  const { time_ns: timeNs = '', cpu = '', count = '1', rows = '', lines = '' } = finding;
  const links = rows.split(' ').filter((row) => row !== '');
  const facts: [string, Part][] = [
    ['when', markup`${duration(Number(timeNs))}, on CPU ${cpu}`],
    ['actors', actors],
    ['objects', objects],
    ['lines of the scenario', places],
    ['rows that show it', links.map((row) => markup`${rowLink(row)} `)],
  ];
  return markup`<article class="finding"><h3>${kind} <span class="quiet">${verdict}${
    count === '1' ? '' : `, ${count} times`
  }</span></h3>
<p><strong>${text}</strong></p>
${factList(facts)}${words(lines)}</article>`;
}

export function words(lines: string): Html {
  return lines === ''
    ? nothing
    : markup`<pre tabindex="0" aria-label="in the kernel's words">${lines}</pre>`;
}
