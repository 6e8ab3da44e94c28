/*
 * What is chosen, in words, and the rows of the trace that belong to it.
 */
import type { Chosen } from './chosen.ts';
import { endText, lengthText, placeText } from './axis.ts';
import { button, element } from './dom.ts';
import { LOOKS } from './looks.ts';
import type { Lane, Timeline } from './model.ts';
import type { Relations } from './relations.ts';

/** A line under the title: what it is, and what there is to say. */
type Fact = readonly [string, string | Node];

const ROWS_AT_ONCE = 40;
const COLUMNS = [
  ...['seq', 'time_ns', 'cpu', 'context', 'pid', 'comm'],
  ...['flags', 'event', 'object', 'value', 'detail'],
];
const NUMBERS = new Set(['seq', 'time_ns', 'cpu', 'pid', 'value']);

export class Details {
  private readonly timeline: Timeline;
  private readonly relations: Relations;
  private readonly place: HTMLElement;
  private readonly showRow: (row: number) => void;

  /** @param showRow chooses a row of the trace */
  constructor(
    timeline: Timeline,
    relations: Relations,
    place: HTMLElement,
    showRow: (row: number) => void,
  ) {
    this.timeline = timeline;
    this.relations = relations;
    this.place = place;
    this.showRow = showRow;
  }

  /** Shows it. @returns it in one sentence */
  show(chosen: Chosen): string {
    const facts = this.facts(chosen);
    const title = this.title(chosen);
    const list = element('dl', {});
    for (const [term, text] of facts) list.append(element('dt', {}, term), element('dd', {}, text));
    const rows = this.rowsOf(chosen);
    this.place.replaceChildren(
      element('h3', { id: 'details-title' }, title),
      list,
      ...this.table(rows, chosen.row),
    );
    const first = facts.slice(0, 3).map(([term, text]) => `${term} ${textOf(text)}`);
    return [title, ...first].join(', ');
  }

  private title({ lane, track, index }: Chosen): string {
    if (track === null) return lane.name;
    const label = this.relations.label(track, index);
    const { name } = LOOKS[track.kind];
    if (lane.group === 'cpu') return `${lane.name}: ${name}${label === name ? '' : ` ${label}`}`;
    if (lane.group === 'lock') return `${lane.name}: ${label} ${name}`;
    return `${lane.name}: ${name}${label === '' ? '' : `, ${label}`}`;
  }

  private facts(chosen: Chosen): Fact[] {
    const { timeline } = this;
    const { lane, track, index, at } = chosen;
    const text = (place: number): string => placeText(timeline.axis, place);
    const when: Fact[] =
      track === null
        ? [['at', text(at)]]
        : [
            ['from', text(track.from[index]!)],
            ['to', endText(timeline.axis, track.to[index]!)],
            ['lasts', lengthText(timeline.axis, track.to[index]! - track.from[index]!)],
          ];
    const figures = lane.figures.map((steps): Fact => [steps.of, String(steps.at(at))]);
    return [...when, ...figures, ...this.related(chosen)];
  }

  private related(chosen: Chosen): Fact[] {
    const { lane } = chosen;
    if (lane.group === 'task') return this.ofTask(chosen);
    if (lane.group === 'cpu') return this.ofCpu(chosen);
    if (lane.group === 'lock') return this.ofLock(lane, momentOf(chosen));
    return [];
  }

  private ofTask(chosen: Chosen): Fact[] {
    const { relations } = this;
    const { lane, track, index } = chosen;
    const at = momentOf(chosen);
    const sleeps = track?.kind === 'sleeping';
    const row = sleeps
      ? relations.wakeUpAfter(lane.id, track.from[index]!)
      : relations.wakeUpBefore(lane.id, at);
    const lock = relations.waitsFor(lane, at);
    return [
      ...(row < 0 ? [] : [[sleeps ? 'is woken by' : 'woken by', this.act(row)] as const]),
      ...listed('holds', relations.heldBy(lane.name, at)),
      ...(lock === null ? [] : [['waits for', lock] as const]),
      ...(lock === null ? [] : listed('which has', relations.at(lock, 'holding', at))),
    ];
  }

  private ofCpu({ lane, track, index, at }: Chosen): Fact[] {
    const { relations } = this;
    if (track === null) return [];
    const label = relations.label(track, index);
    const inIrq = track.kind === 'hardirq' || track.kind === 'softirq';
    const actor = inIrq ? `${label}/${track.kind}/${lane.id}` : label;
    const moment = Math.min(Math.max(at, track.from[index]!), track.to[index]!);
    const task = relations.lane('task', label);
    const woken = relations.wakeUpsIn(lane.id, track.from[index]!, track.to[index]!);
    const by = inIrq || task === undefined ? -1 : relations.wakeUpBefore(task.id, moment);
    const list = element('span', {});
    for (const row of woken) {
      const { object, value } = this.timeline.rows.row(row);
      list.append(this.link(row, `${object}/${value}`), ' ');
    }
    return [
      ...(by < 0 ? [] : [['woken by', this.act(by)] as const]),
      ...(woken.length === 0 ? [] : [['wakes', list] as const]),
      ...listed('holds', relations.heldBy(actor, moment)),
    ];
  }

  private ofLock({ name }: Lane, at: number): Fact[] {
    return [
      ...listed('held by', this.relations.at(name, 'holding', at)),
      ...listed('waited for by', this.relations.at(name, 'waiting', at)),
    ];
  }

  /** Who acted in a row, with the way to it. */
  private act(row: number): Node {
    const { timeline } = this;
    const where = placeText(timeline.axis, timeline.place(row));
    const text = `${this.relations.actor(row)}, at ${where} `;
    return element('span', {}, text, this.link(row, `row ${timeline.rows.seq[row]}`));
  }

  private link(row: number, text: string): Node {
    return button(text, `${text}: show row ${this.timeline.rows.seq[row]}`, () =>
      this.showRow(row),
    );
  }

  /** The indices of the rows of what is chosen, in order. */
  private rowsOf({ lane, track, index, at, row }: Chosen): number[] {
    const from = track?.from[index] ?? at;
    const to = track?.to[index] ?? at;
    const { timeline } = this;
    const [begin, end] = timeline.rowsIn(from, Math.min(to, timeline.end));
    const belongs = this.belongs(lane);
    const found: number[] = [];
    for (let i = begin; i < end; i++) if (i === row || belongs(i)) found.push(i);
    if (row >= 0 && !found.includes(row)) found.push(row);
    return found.sort((a, b) => a - b);
  }

  private belongs({ group, id, name }: Lane): (row: number) => boolean {
    const { rows } = this.timeline;
    if (group === 'cpu') return (i) => rows.cpu[i] === id;
    if (group === 'task') {
      return (i) =>
        rows.pid[i] === id || (rows.value[i] === id && rows.text('event', i).startsWith('sched_'));
    }
    if (group === 'queue') return () => true;
    const lock = rows.numberOf('object', name);
    return (i) => rows.texts.object[i] === lock;
  }

  private table(rows: readonly number[], chosen: number): Node[] {
    if (rows.length === 0) return [element('p', {}, 'No row of the trace is in it.')];
    const body = element('tbody', {});
    const caption = element('caption', {});
    let shown = 0;
    const more = button('Show more rows', 'Show more rows', () => add(ROWS_AT_ONCE * 5));
    const add = (count: number): void => {
      const next = rows.slice(shown, shown + count);
      shown += next.length;
      body.append(...next.map((row) => this.tableRow(row, row === chosen)));
      caption.textContent = `trace.csv: ${shown} of ${rows.length} rows`;
      more.hidden = shown === rows.length;
    };
    add(Math.max(ROWS_AT_ONCE, Math.min(1000, rows.indexOf(chosen) + 10)));
    const head = COLUMNS.map((name) =>
      element('th', { scope: 'col', ...(NUMBERS.has(name) ? { class: 'number' } : {}) }, name),
    );
    const table = element(
      'table',
      { class: 'mono' },
      caption,
      element('thead', {}, element('tr', {}, ...head)),
      body,
    );
    const region = { class: 'scroll tall', tabindex: '0', role: 'region', 'aria-label': 'Rows' };
    return [element('div', region, table), more];
  }

  private tableRow(index: number, chosen: boolean): HTMLTableRowElement {
    const row = this.timeline.rows.row(index);
    const number = (value: number): string =>
      value === value && value !== -1 ? String(value) : '';
    const { timeNs, cpu, context, pid, comm, flags, event, object, value, detail } = row;
    const cells = [
      ...[String(timeNs), number(cpu), context, number(pid), comm],
      ...[flags, event, object, value === value ? String(value) : '', detail],
    ];
    return element(
      'tr',
      chosen ? { 'aria-current': 'true' } : {},
      element('td', { class: 'number' }, this.link(index, String(row.seq))),
      ...cells.map((text, i) =>
        element('td', NUMBERS.has(COLUMNS[i + 1]!) ? { class: 'number' } : {}, text),
      ),
    );
  }
}

function listed(term: string, names: readonly string[]): Fact[] {
  return names.length === 0 ? [] : [[term, names.join(', ')]];
}

/** A moment inside of what is chosen. */
function momentOf({ track, index, at }: Chosen): number {
  if (track === null) return at;
  const from = track.from[index]!;
  const to = track.to[index]!;
  return at >= from && at < to ? at : from;
}

function textOf(text: string | Node): string {
  return typeof text === 'string' ? text : (text.textContent ?? '');
}
