/*
 * Pipes, System V IPC, POSIX semaphores and UNIX sockets against what a real kernel was recorded to
 * do: sizes, error numbers, partial transfers, who is woken when.
 */
import { expect, test } from 'vitest';
import { Replay, recordedCases, type RecordedCase } from './replay.ts';

const cases = recordedCases();

/** On several CPUs the order of those who end in the same step is open. */
function sorted(ended: RecordedCase['ended'], { steps }: RecordedCase): unknown[] {
  return ended.map((step, i) => [
    steps[i]!.join(' '),
    [...step].sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

test.each(cases.map((recorded) => [recorded.name, recorded] as const))(
  '%s: every call ends in the same step with the same result',
  (_name, recorded) => {
    expect(sorted(new Replay().run(recorded), recorded)).toEqual(sorted(recorded.ended, recorded));
  },
);

test('nearly a hundred calls block in the recordings, so waiting is tested', () => {
  const blocked = cases.flatMap(({ steps, ended }) =>
    steps.filter(
      ([actor, word], i) => word !== 'sleep' && !ended[i]!.some(([who]) => who === actor),
    ),
  );
  expect(blocked.length).toBeGreaterThan(40);
});
