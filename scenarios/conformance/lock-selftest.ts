/*
 * The kernel's own test of its lock validator (lib/locking-selftest.c): each test is a list of
 * steps that one thread takes, in process context or in a pretended interrupt, on locks that
 * nobody else knows. The model must report what the kernel reported, or nothing.
 */
import type { Code, Context } from '../../models/context.ts';
import {
  HARDIRQ_OFFSET,
  SOFTIRQ_OFFSET,
  local_irq_disable,
  local_irq_enable,
} from '../../models/cpu/preempt.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import { read_lock } from '../../models/locking/rwlock.ts';
import { formatDiagnostic, loadText, type Registry } from '../load/index.ts';
import { registry as scenarioRegistry } from '../registry.ts';
import { ScenarioRun } from '../run/run.ts';
import { op, rwlock, type Op } from '../vocabulary/define.ts';
import type { Format, Outcome } from './format.ts';
import { firstReport } from './kernel-reports.ts';

interface Step {
  readonly op: string;
  readonly lock?: string;
  /** Locks of one class; without, the lock is its own. */
  readonly class?: string;
}

interface SelfTest {
  readonly id: string;
  readonly observed: 'splat' | 'ok';
  readonly splat_first_line?: string | null;
  /** Null: the verdict alone was recorded. */
  readonly steps: readonly Step[] | null;
}

function account(k: Context, offset: number, serving: Context['serving']): void {
  k.cpu.account();
  k.cpu.preempt_count += offset;
  k.serving = serving;
}

const OURS = 'lib/locking-selftest.c';

/** The test's macros; the end of a test forgets what is still held. */
const macros: readonly Op[] = [
  op('hardirq_enter', [], 'void', 'HARDIRQ_ENTER()', OURS, (k) => {
    local_irq_disable(k);
    account(k, HARDIRQ_OFFSET, 'hardirq');
  }),
  op('hardirq_exit', [], 'void', 'HARDIRQ_EXIT()', OURS, (k) => {
    account(k, -HARDIRQ_OFFSET, null);
    return local_irq_enable(k);
  }),
  op('softirq_enter', [], 'void', 'SOFTIRQ_ENTER()', OURS, (k) => {
    local_bh_disable(k);
    local_irq_disable(k);
    account(k, SOFTIRQ_OFFSET, 'softirq');
  }),
  op('softirq_exit', [], 'void', 'SOFTIRQ_EXIT()', OURS, function* (k) {
    account(k, -SOFTIRQ_OFFSET, null);
    yield* local_irq_enable(k);
    yield* local_bh_enable(k);
  }),
  op('read_lock_recursive', [rwlock], 'void', 'force_read_lock_recursive', OURS, function* (k, l) {
    l.forcedRecursive = true;
    yield* read_lock(k, l);
    l.forcedRecursive = false;
  }),
  op('end_of_test', [], 'void', 'What is held is forgotten.', OURS, function* (): Code {
    for (;;) yield Number.MAX_SAFE_INTEGER / 4;
  }),
];

const registry: Registry = {
  ...scenarioRegistry,
  ops: new Map([...scenarioRegistry.ops, ...macros.map((word) => [word.name, word] as const)]),
};

/** Each lock is of the type that its functions want. */
function objectsOf(steps: readonly Step[]): Record<string, object> {
  const objects: Record<string, object> = {};
  for (const { op: name, lock, class: shared } of steps) {
    if (lock === undefined) continue;
    const type = registry.ops.get(name)?.args[0]?.types?.[0];
    objects[lock] = { type, ...(shared === undefined ? {} : { class: shared }) };
  }
  return objects;
}

function scenarioOf({ steps }: SelfTest): string {
  return JSON.stringify({
    name: 'lock-selftest',
    kernel: 'linux-6.1',
    machine: { cpus: 1, preemption: 'full' },
    until: '1s',
    objects: objectsOf(steps!),
    actors: {
      test: {
        kind: 'kthread',
        steps: [
          ...steps!.map((step) => [step.op, step.lock ?? ''].join(' ').trim()),
          'end_of_test',
        ],
      },
    },
  });
}

function run(test: SelfTest): Outcome {
  const name = test.id;
  const loaded = loadText(name, scenarioOf(test), registry);
  if (!loaded.ok) {
    const lines = loaded.diagnostics.map((diagnostic) => `  ${formatDiagnostic(diagnostic)}`);
    return { name, difference: lines.join('\n') };
  }
  const scenario = new ScenarioRun(loaded.loaded);
  while (scenario.slice(Number.MAX_SAFE_INTEGER));
  const found = firstReport(scenario.world.machine.findings.all, isOfLocks);
  const expected = test.observed === 'ok' ? null : (test.splat_first_line ?? found ?? 'any report');
  if (found === expected) return { name, difference: null };
  return {
    name,
    difference: `  expected: ${expected ?? 'nothing'}\n  actual:   ${found ?? 'nothing'}`,
  };
}

/** The test looks at debug_locks alone: other checks do not speak while the kernel boots. */
function isOfLocks(text: string): boolean {
  return !/^(BUG: s(leeping|cheduling)|WARNING: CPU)/.test(text);
}

export const lockSelftestFormat: Format = {
  recognises: (json) =>
    typeof json === 'object' && json !== null && 'legend' in json && 'tests' in json,
  run: (json) =>
    (json as { readonly tests: readonly SelfTest[] }).tests
      .filter(({ steps }) => steps !== null)
      .map(run),
};
