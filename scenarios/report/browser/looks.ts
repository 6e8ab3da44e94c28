/*
 * What the kinds of intervals look like: a colour, and a place or a pattern that says the same.
 */
import type { Group, Kind } from '../format.ts';
import type { Lane } from './model.ts';

export interface Look {
  /** Its name for people. */
  readonly name: string;
  readonly pattern: 'plain' | 'hatched' | 'striped';
  /** Text on it is the lighter one. */
  readonly onDark?: true;
}

export const LOOKS: Readonly<Record<Kind, Look>> = {
  hardirq: { name: 'hard IRQ', pattern: 'plain' },
  softirq: { name: 'softirq', pattern: 'plain' },
  kernel: { name: 'kernel', pattern: 'plain', onDark: true },
  user: { name: 'user', pattern: 'hatched' },
  idle: { name: 'idle', pattern: 'plain' },
  runnable: { name: 'runnable', pattern: 'striped' },
  sleeping: { name: 'sleeping', pattern: 'plain' },
  waiting: { name: 'waits for a lock', pattern: 'plain' },
  holding: { name: 'holds the lock', pattern: 'plain' },
};

/** Where in a lane a kind is drawn, in pixels from the lane's top. */
export interface Place {
  readonly y: number;
  readonly height: number;
}

const CPU_PLACES: Partial<Record<Kind, Place>> = {
  hardirq: { y: 2, height: 13 },
  softirq: { y: 16, height: 13 },
  kernel: { y: 30, height: 13 },
  user: { y: 44, height: 13 },
  idle: { y: 60, height: 4 },
};

const TASK_PLACES: Partial<Record<Kind, Place>> = {
  sleeping: { y: 9, height: 2 },
  runnable: { y: 5, height: 9 },
  kernel: { y: 3, height: 13 },
  user: { y: 3, height: 13 },
  waiting: { y: 17, height: 4 },
};

const LOCK_PLACES: Partial<Record<Kind, Place>> = { holding: { y: 3, height: 13 } };

export const PLACES: Readonly<Record<Group, Partial<Record<Kind, Place>>>> = {
  cpu: CPU_PLACES,
  task: TASK_PLACES,
  lock: LOCK_PLACES,
  queue: {},
};

const BASES: Readonly<Record<Group, number>> = { cpu: 67, task: 24, lock: 3, queue: 3 };
const TRACK = 15;
const FIGURE: Readonly<Record<Group, number>> = { cpu: 0, task: 0, lock: 16, queue: 30 };

/** Where the figures of a lane begin; each has the height of one. */
export function figurePlace(lane: Lane, index: number): Place {
  const above = lane.group === 'lock' && lane.tracks.some((track) => !lane.isCounted(track));
  const top = BASES[lane.group] + (above ? TRACK : 0);
  return { y: top + index * FIGURE[lane.group], height: FIGURE[lane.group] - 2 };
}

export function heightOf(lane: Lane): number {
  if (lane.group === 'cpu' || lane.group === 'task') return BASES[lane.group];
  const { y } = figurePlace(lane, lane.figures.length);
  return y + 3;
}

/** The colours of the page, for a canvas that cannot use its style sheet. */
export class Colours {
  private readonly styles = getComputedStyle(document.documentElement);
  private readonly patterns = new Map<Kind, CanvasPattern | string>();

  get(name: string): string {
    return this.styles.getPropertyValue(`--${name}`).trim();
  }

  /** What a kind is filled with. */
  fill(kind: Kind, on: CanvasRenderingContext2D): CanvasPattern | string {
    let fill = this.patterns.get(kind);
    if (fill === undefined) {
      fill = this.made(kind, on);
      this.patterns.set(kind, fill);
    }
    return fill;
  }

  private made(kind: Kind, on: CanvasRenderingContext2D): CanvasPattern | string {
    const colour = this.get(kind);
    const { pattern } = LOOKS[kind];
    if (pattern === 'plain') return colour;
    const tile = document.createElement('canvas');
    tile.width = tile.height = 6;
    const context = tile.getContext('2d')!;
    context.fillStyle = colour;
    context.fillRect(0, 0, 6, 6);
    context.strokeStyle = this.get('ground');
    context.globalAlpha = 0.55;
    context.beginPath();
    if (pattern === 'striped') {
      context.rect(0, 0, 3, 6);
      context.fillStyle = this.get('ground');
      context.fill();
    } else {
      for (const x of [-6, 0, 6]) {
        context.moveTo(x, 6);
        context.lineTo(x + 6, 0);
      }
      context.stroke();
    }
    return on.createPattern(tile, 'repeat') ?? colour;
  }
}
