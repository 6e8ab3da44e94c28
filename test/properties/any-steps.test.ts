/*
 * Whatever words stand in whatever context, right or wrong: the run ends in findings or at a limit,
 * never in an error of the simulator, and is still the same when repeated.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eras, kernelNames, type SoftirqName } from '../../models/era.ts';
import type { ArgDeclaration } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';
import type { Op } from '../../scenarios/vocabulary/define.ts';
import { loadYaml, perform } from '../scenarios/run/perform.ts';

const OBJECTS: Readonly<Record<string, string>> = {
  spinlock: 'L',
  rwlock: 'R',
  semaphore: 'S',
  mutex: 'M',
  completion: 'C',
  wait_queue_head: 'Q',
  netlink: 'N',
};
const TEXTS = ['text', '/dev/D', '/proc/P'] as const;
const ACTORS: Readonly<Record<string, string>> = {
  kthread: 'thread',
  user: 'process',
  sys: 'process',
  irq: 'line',
  tasklet: 'tasklet',
  timer: 'timer',
  hrtimer: 'hrtimer',
  handler: 'handler',
};
/** The vectors that every kernel has. */
const VECTORS: readonly SoftirqName[] = ['HI', 'NET_TX', 'NET_RX', 'TASKLET'];

function argument(op: Op, arg: ArgDeclaration): fc.Arbitrary<string> {
  const types = arg.types ?? [];
  switch (arg.kind) {
    case 'object':
      return fc.constantFrom(...types.map((type) => OBJECTS[type]!));
    case 'actor':
      // Only threads can be stopped.
      return op.name === 'kthread_stop'
        ? fc.constant('thread')
        : fc.constantFrom(...types.map((type) => ACTORS[type]!));
    case 'variable':
      return fc.constant('n');
    case 'int':
      return fc.integer({ min: 0, max: 3 }).map(String);
    case 'duration':
      return fc.constantFrom('0us', '5us', '1ms');
    case 'expr':
      return fc.constantFrom('n == 0', 'n == 1');
    case 'symbol':
      return fc.constantFrom(...(arg.name === 'vector' ? VECTORS : Object.keys(arg.flags!)));
    case 'flags':
      return fc.constantFrom('0', ...Object.keys(arg.flags!));
    case 'out':
      return fc.constant('$x');
    case 'text':
      return fc.constantFrom(...TEXTS);
  }
}

function stepsFor(mode: Op['mode'] | 'any'): fc.Arbitrary<string[]> {
  const ops = [...registry.ops.values()]
    .map((op) => op as Op)
    .filter((op) => mode === 'any' || op.mode === mode);
  const step = fc
    .constantFrom(...ops)
    .chain((op) =>
      fc
        .tuple(...op.args.map((arg) => argument(op, arg)))
        .map((args) => [op.name, ...args].join(' ')),
    );
  return fc.array(step, { maxLength: 5 }).map((steps) => ['$x = 0', ...steps]);
}

const kernelSteps = stepsFor('kernel');

const scenario = fc
  .record({
    kernel: fc.constantFrom(...kernelNames),
    cpus: fc.integer({ min: 1, max: 2 }),
    preemption: fc.nat(5),
    thread: kernelSteps,
    other: kernelSteps,
    process: stepsFor('any'),
    line: kernelSteps,
    tasklet: kernelSteps,
    timer: kernelSteps,
    hrtimer: kernelSteps,
    method: kernelSteps,
    handler: stepsFor('any'),
  })
  .map(({ kernel, cpus, preemption, ...steps }) => {
    const models = eras[kernel].preemptionModels;
    return stringify({
      name: 'any',
      kernel,
      until: '40ms',
      limits: { events: 5000 },
      machine: { cpus, hz: 100, preemption: models[preemption % models.length] },
      objects: {
        L: 'spinlock',
        R: 'rwlock',
        S: 'sem:1',
        M: 'mutex',
        C: 'completion',
        Q: 'waitqueue',
        N: 'netlink:9',
        D: { type: 'chardev', read: 'method', write: 'method' },
        P: { type: 'seq_file', records: 'n' },
      },
      vars: { n: 0 },
      actors: {
        thread: { kind: 'kthread', steps: steps.thread },
        other: { kind: 'kthread', steps: steps.other },
        process: { kind: 'user', steps: steps.process },
        line: { kind: 'irq', arrivals: { every: '7ms' }, steps: steps.line },
        tasklet: { kind: 'tasklet', start: '3ms', steps: steps.tasklet },
        timer: { kind: 'timer', start: '4ms', steps: steps.timer },
        hrtimer: { kind: 'hrtimer', start: '9ms', steps: steps.hrtimer },
        method: { kind: 'callback', steps: steps.method },
        handler: { kind: 'handler', steps: steps.handler },
      },
    });
  });

it('any steps run without an error of the simulator, the same each time', () => {
  fc.assert(
    fc.property(scenario, (yaml) => {
      const loaded = loadYaml(yaml);
      const first = perform(loaded);
      for (const { ns } of first.result.cpus) {
        const total = Object.values(ns).reduce((sum, time) => sum + time, 0);
        expect(total).toBe(first.result.timeNs);
      }
      const again = perform(loaded, { slice: 50 });
      expect([again.sha256, again.result]).toEqual([first.sha256, first.result]);
    }),
    { numRuns: 150 },
  );
});
