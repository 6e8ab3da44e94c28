/**
 * The form of the section `explore` of a scenario: how `lockstep explore` searches its
 * interleavings, and what it has to find there.
 */
import { z } from 'zod';
import { strategyNames } from './strategy-names.ts';

const count = (most: number) => z.int().min(0).max(most);

export function exploreSchema(finding: z.ZodType<string, string>) {
  const findings = z.array(finding).default([]);
  return z.strictObject({
    strategy: z.enum(strategyNames).default('portfolio').describe('How schedules are chosen.'),
    runs: z.int().min(1).default(2000).describe('Schedules at most.'),
    depth: z.int().min(1).max(20).default(3).describe('Of pct: how many orders make the bug.'),
    preemptions: count(1000).default(2).describe('Of dfs: the most preemptions in a schedule.'),
    interrupts: count(1000)
      .default(2)
      .describe('How often each interrupt line arrives at most, if `arrivals` does not say.'),
    findings: z
      .strictObject({
        must: findings.describe('Findings that the search must make.'),
        may: findings.describe('Findings that it may make as well.'),
      })
      .prefault({})
      .describe(
        'What the search has to find; any other finding fails it. A run in virtual time may show ' +
          'these findings and need not.',
      ),
  });
}
