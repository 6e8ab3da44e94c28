import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { AXIS_VALUES_MAX, AxisError, axisValues } from '../../../engine/experiments/axis.ts';

describe('the values of an axis', () => {
  it.each([
    ['7', ['7']],
    ['a, b ,c', ['a', 'b', 'c']],
    ['1..4', ['1', '2', '3', '4']],
    ['-2..1', ['-2', '-1', '0', '1']],
    ['10..35:10', ['10', '20', '30']],
    ['16..128*2', ['16', '32', '64', '128']],
    ['5..99*10', ['5', '50']],
    ['0.1..0.3:0.1', ['0.1', '0.2', '0.3']],
    ['1ms..2ms:0.5ms', ['1ms', '1.5ms', '2ms']],
    ['0..2ms:1', ['0ms', '1ms', '2ms']],
    ['1,10..30:10,x', ['1', '10', '20', '30', 'x']],
    ['[1, 2],[3]', ['[1, 2]', '[3]']],
    ['"a,b",\'c..d\'', ['"a,b"', "'c..d'"]],
    ['linux-2.6.32,linux-6.1', ['linux-2.6.32', 'linux-6.1']],
  ])('of %s', (text, values) => {
    expect(axisValues(text)).toEqual(values);
  });

  it.each([
    ['', 'got nothing'],
    ['1,,2', 'got nothing'],
    ['2..1', 'a range that goes up'],
    ['1..x', 'expected a range from..to'],
    ['1..5:0', 'a step above 0'],
    ['1..5:-1', 'a step above 0'],
    ['1..5:', 'a step above 0'],
    ['1..5:1ms', 'a step above 0 in the unit'],
    ['1ms..5s', "one unit in 1ms..5s, got 'ms' and 's'"],
    ['1..9*1', 'a whole factor from 2'],
    ['1..9*1.5', 'a whole factor from 2'],
    ['0..9*2', 'begin above 0'],
    ['1,2,1', 'the value 1 stands there twice'],
    ['1..3,2', 'the value 2 stands there twice'],
    ['0..100000', `at most ${AXIS_VALUES_MAX} values`],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => axisValues(text)).toThrow(AxisError);
    expect(() => axisValues(text)).toThrow(message);
  });
});

const decimals = fc.integer({ min: 0, max: 4 });
const shown = (units: number, places: number): string => {
  const digits = String(Math.abs(units)).padStart(places + 1, '0');
  const cut = digits.length - places;
  const text = places === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return (units < 0 ? '-' : '') + text;
};

test('a range has every multiple of its step, exactly', () => {
  const integer = fc.integer({ min: -5000, max: 5000 });
  const step = fc.integer({ min: 1, max: 500 });
  const unit = fc.constantFrom('', 'ms', 'us');
  fc.assert(
    fc.property(integer, fc.nat(5000), step, decimals, unit, (from, width, by, places, suffix) => {
      const [first, last] = [shown(from, places), shown(from + width, places)];
      const range = `${first}${suffix}..${last}${suffix}:${shown(by, places)}${suffix}`;
      const values = axisValues(range);
      expect(values).toHaveLength(Math.floor(width / by) + 1);
      values.forEach((value, i) => {
        expect(value.endsWith(suffix)).toBe(true);
        const number = value.slice(0, value.length - suffix.length);
        expect(Number(number)).toBe(Number(shown(from + i * by, places)));
      });
    }),
  );
});

test('a list of plain values is what stands between its commas', () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
  fc.assert(
    fc.property(fc.uniqueArray(plain, { minLength: 1, maxLength: 20 }), (values) => {
      expect(axisValues(values.join(','))).toEqual(values);
    }),
  );
});

test('any text is either an axis or an error that says what was expected', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.:*,ms-]{0,16}$/));
  fc.assert(
    fc.property(text, (anything) => {
      try {
        expect(axisValues(anything).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(AxisError);
      }
    }),
    { numRuns: 2000 },
  );
});
