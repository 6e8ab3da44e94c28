/*
 * Which part of the axis is shown, and how places on it are written.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  endText,
  exactTime,
  lengthText,
  placeText,
  ticks,
} from '../../../scenarios/report/browser/axis.ts';
import { View } from '../../../scenarios/report/browser/view.ts';

describe('a view', () => {
  it('stays on the axis whatever is done to it', () => {
    const change = fc.oneof(
      fc.tuple(fc.constant('zoom'), fc.double({ min: 0.01, max: 100, noNaN: true })),
      fc.tuple(fc.constant('pan'), fc.double({ min: -3, max: 3, noNaN: true })),
      fc.tuple(fc.constant('reveal'), fc.double({ min: 0, max: 1, noNaN: true })),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), fc.array(change), (end, changes) => {
        const view = new View(end, 20);
        for (const [what, by] of changes) {
          if (what === 'zoom') view.zoom(by, view.from + view.span / 3);
          else if (what === 'pan') view.pan(by);
          else view.reveal(by * end);
          expect(view.from).toBeGreaterThanOrEqual(0);
          expect(view.to).toBeLessThanOrEqual(end * (1 + 1e-12));
          expect(view.span).toBeGreaterThanOrEqual(Math.min(20, end) * (1 - 1e-3));
        }
      }),
    );
  });

  it('keeps what it is zoomed around where it is, away from the ends', () => {
    const view = new View(1000, 1);
    const x = view.x(400);
    view.zoom(0.25, 400);
    expect(view.x(400)).toBeCloseTo(x);
    expect(view.at(x)).toBeCloseTo(400);
    expect(view.span).toBe(250);
  });
});

describe('the axis', () => {
  it('has round values, about as many as are asked for', () => {
    expect(ticks(0, 3e9, 6)).toEqual([0, 5e8, 1e9, 1.5e9, 2e9, 2.5e9, 3e9]);
    expect(ticks(17, 23, 3)).toEqual([18, 20, 22]);
    expect(ticks(0.2, 0.4, 3)).toEqual([]);
  });

  it('writes times with all their digits', () => {
    expect([0, 999, 1000, 1_234_567, 20_029_875, 3e9].map(exactTime)).toEqual([
      ...['0 ns', '999 ns', '1 us', '1.234567 ms', '20.029875 ms', '3 s'],
    ]);
  });

  it('counts rows from 1, and ends with the last that is in it', () => {
    expect([placeText('rows', 0), endText('rows', 14), lengthText('rows', 1)]).toEqual([
      ...['row 1', 'row 14', '1 row'],
    ]);
  });
});
