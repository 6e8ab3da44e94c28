import fc from 'fast-check';
import { explore } from 'lockstep';
import { findingsUnder, schedules } from 'lockstep/fast-check';
import { matchers } from 'lockstep/vitest';
import { expect, test } from 'vitest';
import { REPAIRED, ringBuffer } from './driver.ts';

expect.extend(matchers);

test('the repaired driver is clean', () => {
  const result = explore(ringBuffer(REPAIRED));
  expect(result).toHaveNoFindings();
}, 30_000);

test('a wake-up between test and sleep is lost', () => {
  const result = explore(ringBuffer({ ...REPAIRED, waiting: 'test, then sleep_on' }));
  expect(result).toHaveFinding('hang');
  expect(result.text).toContain('lost wake-up');
});

test('without irqsave the handler spins for a lock of its own CPU', () => {
  const result = explore(ringBuffer({ ...REPAIRED, locking: 'spin_lock' }));
  expect(result).toHaveFinding('irq-safety');
  expect(result).toHaveFinding('self-deadlock');
});

test('an index that is published before its data lets the reader take an empty slot', () => {
  const result = explore(ringBuffer({ ...REPAIRED, publishing: 'index first' }));
  expect(result).toHaveFinding('assertion');
  expect(result.text).toContain('BEFORE');
});

test('under any few switches the repaired driver is clean', () => {
  fc.assert(
    fc.property(schedules({ steps: 20 }), (turns) => {
      expect(findingsUnder(ringBuffer(REPAIRED), turns)).toEqual([]);
    }),
  );
});
