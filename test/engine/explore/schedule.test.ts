import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatSchedule,
  parseSchedule,
  ScheduleError,
  type MoveKind,
  type Schedule,
} from '../../../engine/index.ts';

const kind = fc.constantFrom<MoveKind>('step', 'interrupt', 'timer', 'preemption', 'task');
const name = fc.string({ maxLength: 20, unit: 'grapheme' });
const schedules: fc.Arbitrary<Schedule> = fc.record({
  scenario: fc.stringMatching(/^[0-9a-f]{8}$/),
  bounds: fc.record({
    interrupts: fc.nat({ max: 1000 }),
    steps: fc.nat(),
    anyTimeouts: fc.boolean(),
  }),
  plan: fc.record({
    switches: fc.array(
      fc.record({ after: name, steps: fc.nat(), next: name, kind, nth: fc.nat({ max: 9 }) }),
    ),
    data: fc.array(fc.nat({ max: 300 })).map((data) => [...data, 1]),
  }),
});

test('a schedule survives being text', () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      expect(parseSchedule(formatSchedule(schedule))).toEqual(schedule);
    }),
  );
});

test('answers past the last that is not 0 go without saying', () => {
  const bounds = { interrupts: 1, steps: 100, anyTimeouts: false };
  const text = (data: number[]): string =>
    formatSchedule({ scenario: '1c9f03aa', bounds, plan: { switches: [], data } });
  expect(text([0, 2, 0, 0])).toBe(text([0, 2]));
});

test.each([
  ['', 'expected a schedule'],
  ['ls2.1c9f03aa.i2s20000.AA', 'expected a schedule'],
  ['ls1.1c9f03aa.AAA', 'expected a schedule'],
  ['ls1.1c9f03aa.i2s20000.A%', "'%' cannot stand in a schedule"],
  ['ls1.1c9f03aa.i2s20000.', 'cut off'],
  ['ls1.1c9f03aa.i2s20000.BQ', 'cut off'],
])('%j is no schedule', (text, message) => {
  expect(() => parseSchedule(text)).toThrow(ScheduleError);
  expect(() => parseSchedule(text)).toThrow(message);
});

test('damaged text is refused or read, never anything else', () => {
  fc.assert(
    fc.property(fc.base64String({ maxLength: 60 }), (data) => {
      try {
        parseSchedule(`ls1.1c9f03aa.i2s20000.${data.replaceAll(/[+/=]/g, '_')}`);
      } catch (error) {
        expect(error).toBeInstanceOf(ScheduleError);
      }
    }),
  );
});
