/*
 * The axis of figures, upwards: from zero where the figures come near it, by ratios where they
 * span decades, else around them.
 */
import { scaleLinear, scaleLog } from 'd3-scale';
import { formatDuration } from '../output/text.ts';
import { shownUnit, tickText, type Unit } from './units.ts';

/** How figures are placed; `zero` is linear from zero on, `fit` linear around the figures. */
export type UpwardsKind = 'zero' | 'fit' | 'log';

export interface Tick {
  readonly at: number;
  readonly text: string;
}

export interface Upwards {
  readonly kind: UpwardsKind;
  /** Where a figure stands; one beyond the axis stands at its end. */
  at(figure: number): number;
  readonly ticks: readonly Tick[];
  /** The unit of the texts at the ticks; empty if they have it or there is none. */
  readonly unit: string;
}

/** From this ratio on, figures are shown by ratios. */
const DECADES = 50;
const TICKS = 5;

/** The kind that shows the figures best. */
export function upwardsKind(figures: readonly number[]): UpwardsKind {
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  if (least > 0 && most / least >= DECADES) return 'log';
  return least >= 0 && least <= most / 2 ? 'zero' : 'fit';
}

/** The axis of figures from `bottom` to `top`. */
export function upwards(
  figures: readonly number[],
  kind: UpwardsKind,
  unit: Unit,
  bottom: number,
  top: number,
): Upwards {
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  if (kind === 'log' && least > 0) return byRatios(least, most, unit, bottom, top);
  const shown = shownUnit(unit, Math.max(Math.abs(least), Math.abs(most)));
  const from = kind === 'zero' ? Math.min(0, least) : least;
  const to = kind === 'zero' ? Math.max(0, most) : most;
  const scale = scaleLinear()
    .domain(spread(from, to).map((figure) => figure / shown.size))
    .nice(TICKS)
    .range([bottom, top])
    .clamp(true);
  const whole = unit === 'count' && shown.size === 1;
  const ticks = scale.ticks(TICKS).filter((tick) => !whole || Number.isInteger(tick));
  return {
    kind,
    at: (figure) => scale(figure / shown.size),
    ticks: ticks.map((tick) => ({ at: scale(tick), text: tickText(tick) })),
    unit: shown.name,
  };
}

/** Figures that are all the same have a scale too. */
function spread(from: number, to: number): [number, number] {
  if (to > from) return [from, to];
  return from === 0 ? [0, 1] : [from - Math.abs(from) / 10, from + Math.abs(from) / 10];
}

function byRatios(least: number, most: number, unit: Unit, bottom: number, top: number): Upwards {
  const scale = scaleLog()
    .domain(most > least ? [least, most] : [least / 2, most * 2])
    .range([bottom, top])
    .clamp(true);
  const ticks = ratioTicks(scale.domain() as [number, number]);
  const text = (tick: number): string => (unit === 'ns' ? formatDuration(tick) : tickText(tick));
  return {
    kind: 'log',
    at: (figure) => scale(figure),
    ticks: ticks.map((tick) => ({ at: scale(tick), text: text(tick) })),
    unit: unit === 'ns' ? '' : shownUnit(unit, 0).name,
  };
}

/** Powers of ten, and 2 and 5 times them if there are few. */
export function ratioTicks([from, to]: readonly [number, number]): number[] {
  const first = Number(`1e${Math.floor(Math.log10(from) + 1e-9)}`);
  const found: number[] = [];
  const steps = to / from < 300 ? [1, 2, 5] : [1];
  for (let power = first; power <= to; power *= 10) {
    for (const step of steps) {
      const tick = Number((power * step).toPrecision(3));
      if (tick >= from && tick <= to) found.push(tick);
    }
  }
  return found;
}
