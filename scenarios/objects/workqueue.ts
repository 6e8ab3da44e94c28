/*
 * The object type `workqueue`.
 */
import { z } from 'zod';
import { alloc_workqueue, workqueueFlavours } from '../../models/workqueue/workqueue.ts';
import { objectType } from './object-type.ts';
import { ScenarioError } from '../run/error.ts';

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

export const workqueueType = objectType(
  {
    name: 'workqueue',
    short: 'flavour',
    fields,
    about: 'A workqueue: worker pools, or before 2.6.36 threads of its own (percpu, ordered).',
    source: 'kernel/workqueue.c',
  },
  ({ machine }, name, { flavour, max_active }) => {
    try {
      return alloc_workqueue(machine, name, flavour, max_active);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ScenarioError(null, `objects.${name}: ${error.message}`);
    }
  },
);
