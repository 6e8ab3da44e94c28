/*
 * What stands around the canvas of a timeline: its controls, its legend, its keys.
 */
import { plural } from '../output/text.ts';
import { GROUPS, type Axis, type Group, type Kind } from './format.ts';
import { markup, type Html } from './html.ts';

const GROUP_NAMES: Readonly<Record<Group, string>> = {
  cpu: 'CPU',
  task: 'task',
  lock: 'lock',
  queue: 'queue',
};

/** Each with how it looks without its colour. */
const LEGEND: readonly (readonly [Kind, string])[] = [
  ['hardirq', 'hard IRQ: first line of a CPU'],
  ['softirq', 'softirq: second'],
  ['kernel', 'kernel: third, plain'],
  ['user', 'user: fourth, hatched'],
  ['idle', 'idle: thin, at the bottom'],
  ['runnable', 'runnable: striped'],
  ['sleeping', 'sleeping: thin line'],
  ['waiting', 'waits for a lock: strip below'],
  ['holding', 'holds the lock'],
];

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['+', '-'], 'zoom, around what is chosen if it can be seen (also w, s)'],
  [['←', '→'], 'move (also a, d); Page up and Page down by a whole width'],
  [['Home', 'End'], 'the beginning, the end'],
  [['0'], 'the whole run'],
  [['↑', '↓'], 'the lane above, below'],
  [[',', '.'], 'the interval before, after in the lane'],
  [['[', ']'], 'the row before, after in the trace'],
  [['Enter'], 'zoom to what is chosen'],
  [['/'], 'search; there Enter finds the next, Shift+Enter the one before, Esc goes back'],
  [['n', 'N'], 'the next row found, the one before'],
];

function tool(id: string, text: string, name: string): Html {
  const names = markup`aria-label="${name}" title="${name}"`;
  return markup`<button type="button" id="${id}" ${names}>${text}</button>\n`;
}

export function timelineSection(axis: Axis, rows: number, lanes: Record<Group, number>): Html {
  if (rows === 0) return markup`<p>The trace has no rows.</p>`;
  const groups = GROUPS.filter((group) => lanes[group] > 0);
  const what = groups.map((group) => plural(lanes[group], GROUP_NAMES[group]));
  return markup`<p>${plural(rows, 'row')} of the trace; ${what.join(', ')}. ${
    axis === 'rows'
      ? 'A schedule decided this run, not time: from left to right it counts rows.'
      : 'From left to right it is virtual time.'
  } Ctrl and the wheel zooms, dragging moves, a click tells.</p>
<noscript><p>The timeline needs JavaScript; all figures are in the tables below.</p></noscript>
<div class="toolbar" role="group" aria-label="Timeline">
${tool('pan-left', '←', 'Earlier')}${tool('pan-right', '→', 'Later')}
${tool('zoom-in', '+', 'Zoom in')}
${tool('zoom-out', '−', 'Zoom out')}${tool('whole', 'All', 'Show the whole run')}
<span class="gap"></span>
${tool('previous', '‹', 'Interval before in the lane')}
${tool('next', '›', 'Next interval in the lane')}
<span class="gap"></span>
${groups.map(
  (group) =>
    markup`<button type="button" data-group="${group}" aria-pressed="true">${
      GROUP_NAMES[group]
    }s</button>\n`,
)}<span class="gap"></span>
<label>Search rows <input type="search" id="search" placeholder="event, name, number"
 autocomplete="off" spellcheck="false"></label>
${tool('find-previous', '↑', 'Row found before')}${tool('find-next', '↓', 'Next row found')}
<span id="found" class="quiet" aria-live="polite"></span>
</div>
<p class="quiet mono" id="range"></p>
<div id="lanes"><canvas id="timeline-canvas" tabindex="0" role="application"
 aria-roledescription="timeline" aria-label="Timeline: ${what.join(', ')}"
 aria-describedby="timeline-keys-short"></canvas></div>
<p id="timeline-keys-short" class="quiet">Arrows, + and - move and zoom; <kbd>,</kbd> and
<kbd>.</kbd> go from interval to interval; all keys are listed below.</p>
<ul class="legend" aria-label="Legend">${LEGEND.map(
    ([kind, text]) =>
      markup`<li><canvas data-kind="${kind}" aria-hidden="true"></canvas>${text}</li>`,
  )}</ul>
<p id="status" class="quiet" role="status"></p>
<div id="details" role="region" aria-label="What is chosen"><p>Nothing is chosen. A click on the
timeline, or its arrow keys, shows the rows of the trace here, who woke whom and who holds what.</p>
</div>
<details><summary>Keys of the timeline</summary>
<table><thead><tr><th scope="col">key</th><th scope="col">does</th></tr></thead><tbody>
${KEYS.map(
  ([keys, does]) =>
    markup`<tr><th scope="row">${keys.map((key) => markup`<kbd>${key}</kbd> `)}</th>
<td>${does}</td></tr>\n`,
)}</tbody></table></details>`;
}
