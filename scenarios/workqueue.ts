/*
 * The object type `workqueue`.
 */
import { z } from 'zod';
import { alloc_workqueue, workqueueFlavours } from '../models/workqueue/workqueue.ts';
import type { ObjectType } from './objects.ts';
import { ScenarioError } from './run/error.ts';

const fields = z.strictObject({
  flavour: z
    .enum(workqueueFlavours)
    .default('percpu')
    .describe(
      'Works run on the CPU that queues them (percpu, percpu1: one at a time, highpri, ' +
        'cpu_intensive) or anywhere (unbound, ordered: one at a time).',
    ),
  max_active: z
    .int()
    .min(0)
    .max(512)
    .default(0)
    .describe('Works that may be executed at once on each CPU (0: as the flavour has it).'),
});

export const workqueueType: ObjectType = {
  name: 'workqueue',
  short: 'flavour',
  fields,
  about: 'A workqueue: worker pools, or before 2.6.36 threads of its own (percpu, ordered).',
  source: 'kernel/workqueue.c',
  create: ({ machine }, name, given) => {
    const { flavour, max_active } = given as z.output<typeof fields>;
    try {
      return alloc_workqueue(machine, name, flavour, max_active);
    } catch (error) {
      if (error instanceof RangeError) {
        throw new ScenarioError(null, `objects.${name}: ${error.message}`);
      }
      throw error;
    }
  },
};
