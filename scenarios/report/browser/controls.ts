/*
 * Keys, mouse and buttons of the timeline.
 */
import type { Group } from '../format.ts';
import { chosenAt, chosenRow, lasting, neighbour, type Chosen } from './chosen.ts';
import type { Details } from './details.ts';
import { byId } from './dom.ts';
import type { Screen } from './screen.ts';
import type { Search } from './search.ts';
import type { Lane } from './model.ts';

const ZOOM = 1.6;
const PAN = 0.15;
/** A press that moves less is a click. */
const DRAG = 4;

export class Controls {
  private readonly screen: Screen;
  private readonly details: Details;
  private readonly search: Search;
  private readonly status = byId('status');
  private readonly field = byId<HTMLInputElement>('search');
  private readonly keys: Readonly<Record<string, () => void>>;

  constructor(screen: Screen, details: Details, search: Search) {
    this.screen = screen;
    this.details = details;
    this.search = search;
    this.keys = this.allKeys();
    this.listenToKeys();
    this.listenToMouse();
    this.listenToButtons();
    window.addEventListener('hashchange', () => this.followAddress());
    this.followAddress();
  }

  private allKeys(): Record<string, () => void> {
    const zoom = (factor: number) => () => this.zoom(factor);
    const pan = (share: number) => () => this.move(() => this.screen.view.pan(share));
    return {
      ArrowLeft: pan(-PAN),
      ArrowRight: pan(PAN),
      ArrowUp: () => this.lane(-1),
      ArrowDown: () => this.lane(1),
      '+': zoom(1 / ZOOM),
      '=': zoom(1 / ZOOM),
      '-': zoom(ZOOM),
      w: zoom(1 / ZOOM),
      s: zoom(ZOOM),
      a: pan(-PAN),
      d: pan(PAN),
      PageUp: pan(-0.9),
      PageDown: pan(0.9),
      Home: () => this.move(() => this.screen.view.pan(-Infinity)),
      End: () => this.move(() => this.screen.view.pan(Infinity)),
      '0': () => this.move(() => this.screen.view.fit()),
      ',': () => this.interval(-1),
      '.': () => this.interval(1),
      '[': () => this.row(-1),
      ']': () => this.row(1),
      Enter: () => this.zoomToChosen(),
      n: () => this.find(1),
      N: () => this.find(-1),
      '/': () => this.field.focus(),
    };
  }

  private listenToKeys(): void {
    this.screen.canvas.addEventListener('keydown', (event) => {
      const does = this.keys[event.key];
      if (does === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      does();
    });
    this.field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.find(event.shiftKey ? -1 : 1);
      if (event.key !== 'Escape') return;
      // The browser would forget the text, with which n goes on.
      event.preventDefault();
      this.screen.canvas.focus();
    });
    this.field.addEventListener('input', () => {
      this.search.look(this.field.value);
      const found = this.field.value.trim() === '' ? '' : `${this.search.count} rows found`;
      byId('found').textContent = found;
    });
  }

  private listenToMouse(): void {
    const { canvas, view } = this.screen;
    canvas.addEventListener(
      'wheel',
      (event) => {
        const sideways = event.shiftKey ? event.deltaY : event.deltaX;
        if (!event.ctrlKey && Math.abs(sideways) < 1) return;
        event.preventDefault();
        if (event.ctrlKey) {
          const factor = Math.exp(Math.min(1, Math.max(-1, event.deltaY / 200)));
          this.move(() => view.zoom(factor, view.at(event.offsetX)));
        } else {
          this.move(() => view.pan(sideways / view.width));
        }
      },
      { passive: false },
    );
    let pressed = NaN;
    let last = 0;
    let dragged = false;
    canvas.addEventListener('pointerdown', (event) => {
      pressed = last = event.offsetX;
      dragged = false;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (pressed !== pressed) return;
      if (Math.abs(event.offsetX - pressed) > DRAG) dragged = true;
      if (!dragged) return;
      const by = (last - event.offsetX) / (view.width - view.gutter);
      last = event.offsetX;
      this.move(() => view.pan(by));
    });
    canvas.addEventListener('pointerup', (event) => {
      pressed = NaN;
      if (!dragged) this.click(event.offsetX, event.offsetY);
    });
    canvas.addEventListener('pointercancel', () => (pressed = NaN));
    canvas.addEventListener('dblclick', () => this.zoomToChosen());
  }

  private listenToButtons(): void {
    const keys = { 'zoom-in': '+', 'zoom-out': '-', 'pan-left': 'ArrowLeft' };
    const more = { 'pan-right': 'ArrowRight', whole: '0', previous: ',', next: '.' };
    for (const [id, key] of Object.entries({ ...keys, ...more })) {
      byId(id).addEventListener('click', this.keys[key]!);
    }
    byId('find-next').addEventListener('click', () => this.find(1));
    byId('find-previous').addEventListener('click', () => this.find(-1));
    for (const toggle of document.querySelectorAll<HTMLElement>('[data-group]')) {
      toggle.addEventListener('click', () => {
        const shown = toggle.getAttribute('aria-pressed') !== 'true';
        toggle.setAttribute('aria-pressed', String(shown));
        this.screen.show(toggle.dataset['group'] as Group, shown);
      });
    }
  }

  private move(change: () => void): void {
    change();
    this.screen.draw();
  }

  /** Around what is chosen, if that can be seen. */
  private zoom(factor: number): void {
    const { view, chosen } = this.screen;
    const at = chosen?.at ?? NaN;
    const around = at >= view.from && at <= view.to ? at : (view.from + view.to) / 2;
    this.move(() => view.zoom(factor, around));
  }

  private zoomToChosen(): void {
    const { view, chosen } = this.screen;
    if (chosen === null || chosen.track === null) return;
    const { track, index } = chosen;
    this.move(() => view.showRange(track.from[index]!, track.to[index]!));
  }

  private click(x: number, y: number): void {
    const { layout, scrolled, view } = this.screen;
    const index = layout.laneAt(y + scrolled);
    const lane = layout.lanes[index];
    if (lane === undefined || x < view.gutter) return;
    this.choose(chosenAt(view, lane, x, y + scrolled - layout.tops[index]!), false);
  }

  /** Chooses the lane above or below, at the same place. */
  private lane(by: 1 | -1): void {
    const { layout, view, chosen } = this.screen;
    const { lanes } = layout;
    const before = chosen === null ? -1 : lanes.indexOf(chosen.lane);
    const index = Math.min(lanes.length - 1, Math.max(0, before + by));
    const lane = lanes[index];
    if (lane === undefined) return;
    this.choose(lasting(lane, chosen?.at ?? (view.from + view.to) / 2), true);
  }

  private interval(direction: 1 | -1): void {
    const chosen = this.screen.chosen ?? this.beginning();
    if (chosen === null) return;
    const next = neighbour(chosen, direction);
    if (next === null) this.status.textContent = `no more in ${chosen.lane.name}`;
    else this.choose(next, true);
  }

  private beginning(): Chosen | null {
    const lane: Lane | undefined = this.screen.layout.lanes[0];
    return lane === undefined ? null : lasting(lane, this.screen.view.from);
  }

  private row(direction: 1 | -1): void {
    const { chosen, timeline } = this.screen;
    const now = chosen?.row ?? -1;
    const from = now >= 0 ? now + direction : timeline.rowsIn(chosen?.at ?? 0, timeline.end)[0];
    this.chooseRow(Math.min(timeline.rows.count - 1, Math.max(0, from)));
  }

  private find(direction: 1 | -1): void {
    this.search.look(this.field.value);
    const { chosen } = this.screen;
    const from = chosen?.row ?? -1;
    const row = this.search.next(from, direction);
    if (row < 0) {
      this.status.textContent = 'no row found';
      return;
    }
    this.chooseRow(row);
    const rank = this.search.rank(row);
    byId('found').textContent = `${rank} of ${this.search.count} rows found`;
  }

  /** Chooses a row of the trace, and shows it. */
  chooseRow(row: number): void {
    const { timeline } = this.screen;
    const chosen = chosenRow(timeline, timeline.lanes, row);
    if (chosen !== null) this.choose(chosen, true);
  }

  /** @param reveal moves there, if it cannot be seen */
  private choose(chosen: Chosen, reveal: boolean): void {
    const { screen } = this;
    screen.chosen = chosen;
    if (reveal) {
      screen.view.reveal(chosen.at);
      screen.reveal(screen.layout.lanes.indexOf(chosen.lane));
    }
    screen.draw();
    this.status.textContent = this.details.show(chosen);
  }

  /** `#row=12`, as findings link to their rows. */
  private followAddress(): void {
    const seq = /^#row=(\d+)$/.exec(window.location.hash)?.[1];
    if (seq === undefined) return;
    const { timeline, view, canvas } = this.screen;
    const row = timeline.rows.indexOf(Number(seq));
    if (row < 0) return;
    const at = timeline.place(row);
    const near = timeline.axis === 'time' ? timeline.end / 500 : 40;
    if (view.span > near) view.showRange(at - near / 2, at + near / 2);
    this.chooseRow(row);
    canvas.focus({ preventScroll: true });
    byId('timeline').scrollIntoView();
  }
}
