/* What a small scenario shows: in every schedule, or in virtual time. */
import { DepthFirst } from '../../../engine/choice/depth-first.ts';
import type { Finding } from '../../../models/checks/findings.ts';
import { ScenarioRun } from '../../../scenarios/run/run.ts';
import { load } from '../../engine/explore/programs.ts';

/** Different findings of all schedules, by kind and text, in the order of meeting them. */
export function inEverySchedule(text: string): Finding[] {
  const loaded = load(text);
  const search = new DepthFirst({ preemptions: Infinity, arrivals: Infinity });
  const found = new Map<string, Finding>();
  for (;;) {
    let run: ScenarioRun | null = null;
    const strategy = search.next((known) => run!.world.fingerprint(known));
    if (strategy === null) return [...found.values()];
    run = new ScenarioRun(loaded, {
      strategy,
      explored: { interrupts: 1, steps: 20_000, anyTimeouts: false },
    });
    for (const finding of run.end()) found.set(`${finding.kind} ${finding.text}`, finding);
  }
}

export function inTime(text: string): readonly Finding[] {
  return new ScenarioRun(load(text)).end();
}

export function kindsOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ kind }) => kind))].sort();
}

export function ofKind(findings: readonly Finding[], kind: string): Finding[] {
  return findings.filter((finding) => finding.kind === kind);
}
