/* Two lists side by side, for people. */
import { expect, it } from 'vitest';
import { sideBySide } from '../../../scenarios/conformance/side-by-side.ts';

it('pads the left side and marks the first difference', () => {
  const sides = { expected: ['one', 'two', 'three'], actual: ['one', 'deux', 'three'] };
  expect(sideBySide(sides, 1)).toBe(
    [
      '    expected | actual',
      '    one      | one',
      '  > two      | deux',
      '    three    | three',
    ].join('\n'),
  );
});

it('says where one side has ended', () => {
  expect(sideBySide({ expected: [], actual: ['more'] }, 0)).toBe(
    '    expected  | actual\n  > (nothing) | more',
  );
});

it('leaves out what is far from the difference, and says how much was equal', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
  const text = sideBySide({ expected: lines, actual: lines.with(50, 'other') }, 50);
  expect(text).toContain('(38 equal)');
  expect(text).not.toContain('line 37 ');
  expect(text).toContain('  > line 50  | other');
  expect(text).not.toContain('line 63');
});
