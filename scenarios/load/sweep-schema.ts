/**
 * The form of the section `sweep` of a scenario: the axes and seeds of `lockstep sweep`, as far as
 * the command line does not name others.
 */
import { z } from 'zod';
import { AxisError, axisValues } from '../../engine/index.ts';

/** What is wrong with the text of an axis. */
function wrong(text: string): string | undefined {
  try {
    axisValues(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof AxisError)) throw error;
    return error.message;
  }
}

const range = z.string().refine((text) => wrong(text) === undefined, {
  error: ({ input }) => wrong(String(input)) ?? '',
});
const value = z.union([z.number(), z.boolean(), range]);

/** A value or a range, or a list of them. */
const values = z.union([value, z.array(value).min(1)], {
  error: 'expected a value, a range such as "10..50:10" or "64..1024*2", or a list of them',
});

export const sweepSchema = z.strictObject({
  axes: z
    .record(z.string(), values)
    .default({})
    .describe('The values that a path of the scenario takes: `machine.hz: [100, 250, 1000]`.'),
  seeds: values.optional().describe('The seeds that each point is run with: `1..20`.'),
});

export type SweepValues = z.output<typeof values>;

/** As the command line writes them. */
export function axisText(given: SweepValues): string {
  return Array.isArray(given) ? given.join(',') : String(given);
}
