/*
 * The report of an exploration: each finding with its schedule beside one that passes.
 */
import { quoted } from '../output/shell.ts';
import { formatNumber, plural } from '../output/text.ts';
import { stepText } from '../output/timeline-text.ts';
import type { Standing } from '../explore/timeline.ts';
import { readCsv } from './csv.ts';
import {
  coursesOf,
  EXPLORE_RECORD,
  readExplored,
  type Course,
  type Courses,
  type ExploreRecord,
  type FoundRecord,
} from './explore-record.ts';
import { command, fileText } from './files-section.ts';
import { words } from './findings.ts';
import { factList, htmlTable, markup, nothing, type Html } from './html.ts';
import type { Page } from './page.ts';
import { readText, scenarioFacts } from './run-record.ts';
import { sideBySide } from './side-by-side.ts';

/** @throws ReportError */
export function exploreReport(folder: string): Page {
  const record = readExplored(folder);
  const courses = coursesOf(folder, record);
  const facts = scenarioFacts(folder);
  const { findings, missing } = record;
  const unexpected = findings.filter(({ expected }) => !expected).length;
  const articles = findings.map((found, i) => article(record, courses, found, i));
  const sections = [
    { id: 'findings', title: 'Findings', content: markup`${articles}` },
    { id: 'coverage', title: 'Covered', content: coverage(folder) },
    { id: 'not-explored', title: 'Not explored', content: listOf(record.notExplored) },
    { id: 'made', title: 'How it was made', content: madeFrom(folder, record) },
  ];
  return {
    of: 'exploration',
    name: record.scenario,
    size: plural(findings.length, 'finding'),
    about: facts.about ?? '',
    facts: [
      ['strategy', record.options.strategy],
      ['seed', record.options.seed],
      ['kernel', facts.kernel ?? ''],
      ['CPUs', String(facts.machine?.cpus ?? '')],
      ['preemption', facts.machine?.preemption ?? ''],
      ['schedules', formatNumber(record.schedules)],
    ],
    passed: unexpected === 0 && missing.length === 0,
    verdict: verdictText(record, unexpected),
    sections: sections.filter(({ content }) => content.html !== ''),
  };
}

function verdictText({ findings, missing }: ExploreRecord, unexpected: number): string {
  const wrong = [
    ...(unexpected > 0 ? [`${plural(unexpected, 'finding')} that nobody expects`] : []),
    ...(missing.length > 0 ? [`not found: ${missing.join(', ')}`] : []),
  ];
  if (wrong.length > 0) return `exit 4: ${wrong.join('; ')}`;
  return findings.length === 0
    ? 'nothing was found'
    : `all as expected: ${plural(findings.length, 'finding')}`;
}

function article(record: ExploreRecord, courses: Courses, found: FoundRecord, i: number): Html {
  const { kind, verdict, text, expected, actors, objects, places, lines, schedule } = found;
  const { firstRun, strategy, preemptions, interrupts } = found;
  const known = expected ? 'expected' : 'nobody expects it';
  const switches = `${plural(preemptions, 'preemption')}, ${plural(interrupts, 'interrupt')}`;
  return markup`<article class="finding ${expected ? 'expected' : ''}" id="finding-${i + 1}">
<h3>${kind} <span class="quiet">${verdict}, ${known}</span></h3>
<p><strong>${text}</strong></p>
${factList([
  ['actors', actors.join(', ')],
  ['objects', objects.join(', ')],
  ['lines of the scenario', places.map(({ actor, line }) => `${actor}:${line}`).join(', ')],
  ['first found', `schedule ${formatNumber(firstRun)}, ${strategy}`],
  ['the shortest schedule has', switches],
])}
${words(lines.join('\n'))}
${takes(found)}
${schedules(courses, found)}
<p>The command that replays it:</p>
${command(`replay-${i + 1}`, replayOf(record, schedule))}
</article>`;
}

/** The orders without which it does not happen. */
function takes({ constraints }: FoundRecord): Html {
  if (constraints.length === 0) return nothing;
  const items = constraints.map(({ first, then, flipped, shows }) => {
    const outcome = shows.length === 0 ? 'passes' : `shows only ${[...new Set(shows)].join(', ')}`;
    return markup`<li>${pointText(first)} <strong>before</strong> ${pointText(then)}<br>
<span class="quiet">the other way round it ${outcome}: <code>${flipped}</code></span></li>`;
  });
  return markup`<p>It takes:</p><ul>${items}</ul>`;
}

function pointText(point: FoundRecord['constraints'][number]['first']): Html {
  return markup`${point.actor} <code>${stepText(point as Parameters<typeof stepText>[0])}</code>`;
}

/** The schedule found beside the one that differs least and does not show the same. */
function schedules(courses: Courses, { schedule, constraints }: FoundRecord): Html {
  const found = courses(schedule);
  if (typeof found === 'string') return cannot(found);
  const [other] = [...constraints].sort((a, b) => a.shows.length - b.shows.length);
  const passing = other === undefined ? undefined : courses(other.flipped);
  if (other === undefined || passing === undefined || typeof passing === 'string') {
    const alone = typeof passing === 'string' ? cannot(passing) : nothing;
    return markup`${alone}${sideBySide(found, null, '')}${left(found)}`;
  }
  const title = other.shows.length === 0 ? 'passes' : `shows only ${other.shows.join(', ')}`;
  return markup`${sideBySide(found, passing, title)}${left(found)}`;
}

function cannot(why: string): Html {
  return markup`<p>A schedule cannot be made again from this folder: ${why}</p>`;
}

function left({ timeline }: Course): Html {
  return htmlTable(
    'Where everyone stands at the end of the schedule found who has not ended',
    ['who', 'CPU', 'step', 'state', 'holds'].map((title) => ({ title })),
    timeline.left.map((standing: Standing) => [
      standing.actor,
      String(standing.cpu),
      markup`<code>${stepText(standing)}</code>`,
      standing.waitsFor === '' ? standing.fate : `${standing.fate} (${standing.waitsFor})`,
      standing.holds.join(', '),
    ]),
  );
}

function coverage(folder: string): Html {
  return htmlTable(
    'coverage.csv',
    [{ title: 'measure' }, { title: 'object' }, { title: 'value', right: true }],
    readCsv(folder, 'coverage.csv').rows.map(({ measure = '', object = '', value = '' }) => [
      ...[measure, object, value],
    ]),
  );
}

function listOf(lines: readonly string[]): Html {
  return lines.length === 0
    ? nothing
    : markup`<ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul>`;
}

function replayOf({ scenario, overrides }: ExploreRecord, schedule: string): string {
  const set = overrides.map((one) => ` --set ${quoted(one)}`).join('');
  return `lockstep replay ${quoted(scenario)}${set} '${schedule}'`;
}

function madeFrom(folder: string, { lockstep, lines }: ExploreRecord): Html {
  return markup`<p>Made by lockstep ${lockstep}. Lines of the scenario are those of ${
    lines === undefined ? 'the effective scenario below' : 'the file that was explored'
  }.</p>
${fileText('scenario.yaml: the effective scenario', readText(folder, 'scenario.yaml'), true)}
${fileText(EXPLORE_RECORD, readText(folder, EXPLORE_RECORD))}`;
}
