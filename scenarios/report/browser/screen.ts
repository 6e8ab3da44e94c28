/*
 * The canvas of the timeline: how large it is, what is shown in it, and when it is drawn again.
 */
import { GROUPS, type Group } from '../format.ts';
import { markOf, type Chosen } from './chosen.ts';
import { endText, lengthText, placeText } from './axis.ts';
import { byId } from './dom.ts';
import { AXIS_HEIGHT, Layout } from './layout.ts';
import { Colours } from './looks.ts';
import type { Timeline } from './model.ts';
import { Painter } from './paint.ts';
import { View } from './view.ts';

const NARROW_WINDOW = 640;

export class Screen {
  readonly canvas = byId<HTMLCanvasElement>('timeline-canvas');
  readonly timeline: Timeline;
  readonly view: View;
  layout: Layout;
  chosen: Chosen | null = null;
  private readonly box = byId('lanes');
  private readonly range = byId('range');
  private readonly painter: Painter;
  private readonly hidden = new Set<Group>();
  private asked = false;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
    this.view = new View(timeline.end, timeline.axis === 'time' ? 20 : 2);
    this.layout = new Layout(timeline.lanes, this.hidden);
    this.painter = new Painter(this.canvas, timeline, new Colours());
    new ResizeObserver(() => this.resize()).observe(this.box);
    this.box.addEventListener('scroll', () => this.draw());
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.painter.colours = new Colours();
      this.draw();
    });
    this.resize();
  }

  /** Draws when the browser is ready to show something. */
  draw(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    this.asked = false;
    const { view, layout, timeline } = this;
    this.painter.paint(view, layout, this.scrolled, markOf(this.chosen, layout));
    const { axis } = timeline;
    const range = `${placeText(axis, view.from)} to ${endText(axis, view.to)}`;
    this.range.textContent = `${range}, ${lengthText(axis, Math.round(view.span))}`;
  }

  get scrolled(): number {
    return this.box.scrollTop;
  }

  private resize(): void {
    const { canvas, view, box } = this;
    const ratio = window.devicePixelRatio || 1;
    view.width = box.clientWidth;
    const most = Number.parseFloat(getComputedStyle(box).maxHeight);
    view.height = Math.min(most, this.layout.height);
    view.gutter = view.width < NARROW_WINDOW ? 108 : 190;
    canvas.width = Math.round(view.width * ratio);
    canvas.height = Math.round(view.height * ratio);
    canvas.style.width = `${view.width}px`;
    canvas.style.height = `${view.height}px`;
    // The rest of the lanes is below the canvas, which stays where it is while they scroll.
    canvas.style.marginBottom = `${this.layout.height - view.height}px`;
    this.paint();
  }

  /** Shows the lanes of a group, or does not. */
  show(group: Group, shown: boolean): void {
    if (shown) this.hidden.delete(group);
    else this.hidden.add(group);
    this.layout = new Layout(this.timeline.lanes, this.hidden);
    this.resize();
  }

  get groups(): readonly Group[] {
    return GROUPS;
  }

  /** Scrolls so that a lane can be seen. */
  reveal(lane: number): void {
    if (lane < 0) return;
    const top = this.layout.tops[lane]!;
    const bottom = this.layout.tops[lane + 1]!;
    const { box } = this;
    if (top - AXIS_HEIGHT < box.scrollTop) box.scrollTop = top - AXIS_HEIGHT;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }
}
