/*
 * Facts recorded on Linux 6.18 outside of the scripts (test/conformance/netlink/facts.json): two
 * threads, kernel senders, the order of multicast, permissions, bad arguments. Each fact names an
 * experiment; its value is what the recorder saw, with the inputs where it had several.
 */
import type { Format, Outcome } from './format.ts';
import { argumentFacts } from './netlink-facts-arguments.ts';
import { multicastFacts } from './netlink-facts-multicast.ts';
import { readerFacts } from './netlink-facts-readers.ts';
import { replyFacts } from './netlink-facts-replies.ts';
import { senderFacts } from './netlink-facts-senders.ts';
import type { NamedFactRun } from './netlink-named.ts';
import { outcomeOf } from './netlink-outcome.ts';

interface NamedFact {
  readonly name: string;
  readonly text: string;
  readonly value?: unknown;
  /** Where the kernel did not always do the same: each value, and how often it was seen. */
  readonly values?: readonly (readonly [value: unknown, times: number])[];
}

const runs: Readonly<Record<string, NamedFactRun>> = {
  ...senderFacts,
  ...readerFacts,
  ...replyFacts,
  ...multicastFacts,
  ...argumentFacts,
};

function isNamedFacts(json: unknown): json is { readonly facts: readonly NamedFact[] } {
  if (typeof json !== 'object' || json === null || !('facts' in json)) return false;
  const { facts } = json;
  return Array.isArray(facts) && facts.length > 0 && facts.every(isNamedFact);
}

function isNamedFact(fact: unknown): boolean {
  if (typeof fact !== 'object' || fact === null || !('name' in fact)) return false;
  return 'value' in fact || 'values' in fact;
}

function runFact({ name, value, values }: NamedFact): Outcome {
  const run = runs[name];
  if (run === undefined) return { name, difference: `  the model has no experiment '${name}'` };
  const accepted = values?.map(([one]) => one) ?? [value];
  return outcomeOf(name, accepted, () => run(accepted[0]));
}

export const netlinkFactsFormat: Format = {
  recognises: isNamedFacts,
  run: (json) => (json as { facts: readonly NamedFact[] }).facts.map(runFact),
};
