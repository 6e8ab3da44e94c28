/*
 * Draws the lanes that can be seen. However many intervals there are, no more is done than there
 * are pixels: what is too narrow is drawn as the share of each pixel that is covered.
 */
import type { Kind } from '../format.ts';
import { placeText, ticks } from './axis.ts';
import { AXIS_HEIGHT, type Layout } from './layout.ts';
import { figurePlace, LOOKS, PLACES, type Colours, type Place } from './looks.ts';
import type { Lane, Steps, Timeline, Track } from './model.ts';
import { firstAfter, nextFrom } from './sorted.ts';
import type { View } from './view.ts';

/** Narrower intervals are drawn together with their neighbours. */
const NARROW = 2;
/** However little of a pixel is covered, so much of its height is drawn. */
const LEAST_SHARE = 0.3;
/** Wide enough for some letters of a label. */
const LABELLED = 28;
const TICK_WIDTH = 110;

/** What is marked: a lane, an interval in it, a place on the axis. */
export interface Marked {
  readonly lane: number;
  readonly from: number;
  readonly to: number;
  readonly place: Place | null;
  readonly at: number;
}

export class Painter {
  private readonly context: CanvasRenderingContext2D;
  private readonly timeline: Timeline;
  colours: Colours;

  constructor(canvas: HTMLCanvasElement, timeline: Timeline, colours: Colours) {
    this.context = canvas.getContext('2d', { alpha: false })!;
    this.timeline = timeline;
    this.colours = colours;
  }

  paint(view: View, layout: Layout, scrolled: number, marked: Marked): void {
    const { context, colours } = this;
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = colours.get('ground');
    context.fillRect(0, 0, view.width, view.height);
    context.save();
    context.beginPath();
    context.rect(0, AXIS_HEIGHT, view.width, view.height - AXIS_HEIGHT);
    context.clip();
    const { tops, lanes } = layout;
    const first = Math.max(0, layout.laneAt(scrolled + AXIS_HEIGHT));
    for (let i = first; i < lanes.length && tops[i]! - scrolled < view.height; i++) {
      this.lane(view, lanes[i]!, tops[i]! - scrolled, tops[i + 1]! - tops[i]!, i === marked.lane);
    }
    this.mark(view, layout, scrolled, marked);
    context.restore();
    this.axis(view, marked);
  }

  private lane(view: View, lane: Lane, y: number, height: number, chosen: boolean): void {
    const { context, colours } = this;
    if (chosen) {
      context.fillStyle = colours.get('raised');
      context.fillRect(0, y, view.width, height);
    }
    context.fillStyle = colours.get('line');
    context.fillRect(0, y + height - 1, view.width, 1);
    context.save();
    context.beginPath();
    context.rect(view.gutter, y, view.width - view.gutter, height);
    context.clip();
    const places = PLACES[lane.group];
    for (const kind of Object.keys(places) as Kind[]) {
      const track = lane.track(kind);
      if (track === undefined || lane.isCounted(track)) continue;
      const { y: top, height: tall } = places[kind]!;
      this.track(view, track, y + top, tall, lane.group === 'task');
    }
    for (const [i, steps] of lane.figures.entries()) {
      const place = figurePlace(lane, i);
      this.figure(view, steps, y + place.y, place.height);
    }
    context.restore();
    this.names(view, lane, y, chosen);
  }

  private names(view: View, lane: Lane, y: number, chosen: boolean): void {
    const { context, colours } = this;
    context.textBaseline = 'middle';
    context.fillStyle = colours.get('text');
    context.font = `${chosen ? 'bold ' : ''}12px system-ui, sans-serif`;
    const room = view.gutter - (lane.group === 'cpu' ? 60 : 12);
    context.fillText(fittedName(context, lane.name, room), 8, y + 12);
    context.font = '10px system-ui, sans-serif';
    context.fillStyle = colours.get('quiet');
    context.textAlign = 'right';
    if (lane.group === 'cpu') {
      for (const [kind, place] of Object.entries(PLACES.cpu)) {
        const { name } = LOOKS[kind as Kind];
        context.fillText(name, view.gutter - 6, y + place.y + place.height / 2);
      }
    }
    for (const [i, { of, max }] of lane.figures.entries()) {
      const place = figurePlace(lane, i);
      const text = lane.group === 'queue' ? `max ${max}` : `${of}, max ${max}`;
      context.fillText(text, view.gutter - 6, y + place.y + place.height - 5);
    }
    context.textAlign = 'left';
  }

  private track(view: View, track: Track, y: number, height: number, small: boolean): void {
    const { context, colours } = this;
    const { from, to, kind } = track;
    context.fillStyle = colours.fill(kind, context);
    const share = new Shares(context, y, height);
    let i = firstAfter(to, view.from);
    while (i < from.length && from[i]! < view.to) {
      const left = view.x(from[i]!);
      const right = view.x(to[i]!);
      if (right - left >= NARROW) {
        share.flush();
        const x = Math.max(left, view.gutter - 2);
        const width = Math.min(right, view.width + 2) - x;
        context.fillRect(x, y, width, height);
        if (width > LABELLED && height > 9) this.label(track, i, x, y, width, height, small);
        i++;
        continue;
      }
      const pixel = Math.max(view.gutter, Math.floor(left));
      const begin = view.at(pixel);
      const end = view.at(pixel + 1);
      const next = nextFrom(from, end, i);
      const begun = nextFrom(from, begin, i);
      const covered = track.covered(end, next) - track.covered(begin, begun);
      share.add(pixel, covered / (end - begin));
      // A wide one that begins in this pixel comes in a place of its own.
      const last = next - 1;
      i =
        last > i && view.x(to[last]!) - view.x(from[last]!) >= NARROW
          ? last
          : Math.max(next, i + 1);
    }
    share.flush();
  }

  private label(
    track: Track,
    index: number,
    x: number,
    y: number,
    width: number,
    height: number,
    small: boolean,
  ): void {
    const { context, colours } = this;
    const { kind } = track;
    const text = this.timeline.labels[track.label[index]!]!;
    if (text === '') return;
    const before = context.fillStyle;
    context.font = `${small ? 10 : 11}px system-ui, sans-serif`;
    const shown = fitted(context, text, width - 6);
    if (LOOKS[kind].pattern !== 'plain') {
      context.fillStyle = colours.get(kind);
      context.fillRect(x, y, Math.min(width, context.measureText(shown).width + 6), height);
    }
    context.fillStyle = colours.get(LOOKS[kind].onDark ? 'on-kernel' : 'on-bright');
    context.textBaseline = 'middle';
    context.fillText(shown, x + 3, y + height / 2 + 0.5);
    context.fillStyle = before;
  }

  /** A line of steps over filled ground; in each pixel the greatest value counts. */
  private figure(view: View, steps: Steps, y: number, height: number): void {
    const { context, colours } = this;
    if (steps.max === 0) return;
    context.fillStyle = colours.get(steps.of === 'waiters' ? 'waiting' : 'holding');
    const bottom = y + height;
    let index = firstAfter(steps.time, view.from);
    let value = index === 0 ? 0 : steps.value[index - 1]!;
    let begin = view.gutter;
    const bar = (x: number, most: number): void => {
      const tall = most === 0 ? 0 : Math.max(2, (height * most) / steps.max);
      if (tall > 0 && x > begin) context.fillRect(begin, bottom - tall, x - begin, tall);
      begin = x;
    };
    while (index < steps.time.length && steps.time[index]! < view.to) {
      const x = Math.floor(view.x(steps.time[index]!));
      bar(x, value);
      const next = nextFrom(steps.time, view.at(x + 1), index);
      bar(x + 1, Math.max(value, steps.most(index, next)));
      value = steps.value[next - 1]!;
      index = Math.max(next, index + 1);
    }
    bar(view.width, value);
  }

  private mark(view: View, layout: Layout, scrolled: number, marked: Marked): void {
    const { context, colours } = this;
    const x = view.x(marked.at);
    context.fillStyle = colours.get('text');
    if (x >= view.gutter) context.fillRect(Math.round(x), 0, 1, view.height);
    const { place } = marked;
    if (place === null || marked.lane < 0) return;
    const left = Math.max(view.gutter, view.x(marked.from));
    const width = Math.max(4, Math.min(view.width, view.x(marked.to)) - left);
    const top = layout.tops[marked.lane]! - scrolled + place.y;
    context.strokeStyle = colours.get('text');
    context.lineWidth = 2;
    context.strokeRect(left - 1, top - 1, width + 2, place.height + 2);
  }

  private axis(view: View, { at }: Marked): void {
    const { context, colours, timeline } = this;
    context.fillStyle = colours.get('ground');
    context.fillRect(0, 0, view.width, AXIS_HEIGHT);
    context.fillStyle = colours.get('line');
    context.fillRect(0, AXIS_HEIGHT - 1, view.width, 1);
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    for (const tick of ticks(view.from, view.to, (view.width - view.gutter) / TICK_WIDTH)) {
      const x = Math.round(view.x(tick));
      context.fillStyle = colours.get('quiet');
      context.fillRect(x, AXIS_HEIGHT - 6, 1, 5);
      context.fillText(placeText(timeline.axis, tick), x + 3, 10);
    }
    const x = view.x(at);
    if (x < view.gutter || x > view.width) return;
    context.fillStyle = colours.get('text');
    context.beginPath();
    context.moveTo(x - 5, AXIS_HEIGHT - 9);
    context.lineTo(x + 6, AXIS_HEIGHT - 9);
    context.lineTo(x + 0.5, AXIS_HEIGHT - 1);
    context.fill();
  }
}

/** Bars of pixels next to each other; equal ones are drawn as one. */
class Shares {
  private readonly context: CanvasRenderingContext2D;
  private readonly y: number;
  private readonly height: number;
  private begin = -1;
  private end = -1;
  private tall = 0;

  constructor(context: CanvasRenderingContext2D, y: number, height: number) {
    this.context = context;
    this.y = y;
    this.height = height;
  }

  add(pixel: number, share: number): void {
    const tall = Math.ceil(Math.min(1, Math.max(LEAST_SHARE, share)) * this.height);
    if (pixel !== this.end || tall !== this.tall) {
      this.flush();
      this.begin = pixel;
      this.tall = tall;
    }
    this.end = pixel + 1;
  }

  flush(): void {
    const { begin, end, tall, y, height } = this;
    if (begin >= 0) this.context.fillRect(begin, y + height - tall, end - begin, tall);
    this.begin = this.end = -1;
  }
}

function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = Math.min(text.length, Math.floor(room / 5));
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return length === 0 ? '' : `${text.slice(0, length)}…`;
}

/** A name that is too long keeps what tells it from others of that name: its pid. */
function fittedName(context: CanvasRenderingContext2D, name: string, room: number): string {
  const pid = /\/\d+$/.exec(name)?.[0] ?? '';
  if (pid === '' || context.measureText(name).width <= room) return fitted(context, name, room);
  const rest = room - context.measureText(pid).width;
  return `${fitted(context, name.slice(0, -pid.length), rest)}${pid}`;
}
