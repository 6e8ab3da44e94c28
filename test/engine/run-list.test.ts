/* What is ready now: first in, first out, whatever its size. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Activity } from '../../engine/index.ts';
import { RunList } from '../../engine/run-list.ts';

describe('the run list', () => {
  it('gives back what was pushed, oldest first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -40, max: 60 }), { maxLength: 60 }), (bursts) => {
        const list = new RunList();
        const model: Activity[] = [];
        for (const burst of bursts) {
          for (let i = 0; i < burst; i++) {
            const activity = { fire: () => undefined };
            list.push(activity);
            model.push(activity);
          }
          for (let i = burst; i < 0 && model.length > 0; i++) {
            expect(list.shift()).toBe(model.shift());
          }
          expect(list.isEmpty()).toBe(model.length === 0);
        }
        while (model.length > 0) expect(list.shift()).toBe(model.shift());
        expect(list.isEmpty()).toBe(true);
      }),
    );
  });
});
