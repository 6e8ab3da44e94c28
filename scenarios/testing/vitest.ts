/*
 * Matchers for vitest: `expect.extend(matchers)`. The text of a failure is the kernel's report with
 * the schedule that leads there.
 */
import type {} from 'vitest';
import type { FindingKind } from '../../models/checks/findings.ts';
import type { Explored } from './explore.ts';

interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

export const matchers = {
  /** Nothing was found that the scenario does not expect. */
  toHaveNoFindings({ unexpected, schedules, text }: Explored): Matched {
    return {
      pass: unexpected.length === 0,
      message: () =>
        unexpected.length === 0
          ? `expected findings, but there are none in ${schedules} schedules`
          : `expected no findings\n\n${text}`,
    };
  },

  /** A finding of this kind was made. */
  toHaveFinding({ kinds, schedules, text }: Explored, kind: FindingKind): Matched {
    const others = kinds.length === 0 ? 'nothing' : kinds.join(', ');
    return {
      pass: kinds.includes(kind),
      message: () =>
        kinds.includes(kind)
          ? `expected no finding of kind ${kind}\n\n${text}`
          : `expected a finding of kind ${kind}, found ${others} in ${schedules} schedules`,
    };
  },
};

/** Declared by hand: what `expect` returns knows the matchers once this file is imported. */
interface LockstepMatchers<R> {
  toHaveNoFindings(): R;
  toHaveFinding(kind: FindingKind): R;
}

declare module 'vitest' {
  /* eslint-disable @typescript-eslint/no-empty-object-type, @typescript-eslint/no-explicit-any --
     an interface that is merged must repeat what it is merged with */
  interface Matchers<T = any> extends LockstepMatchers<T> {}
}
