/*
 * Mutexes and condition variables of programs, in memory that their threads share.
 */
import { z } from 'zod';
import { PthreadCond, PthreadMutex, PthreadPiMutex } from '../../models/user/pthread.ts';
import { objectType, type ObjectType } from './object-type.ts';

export const pthreadTypes: readonly ObjectType[] = [
  objectType(
    {
      name: 'pthread_mutex',
      short: 'protocol',
      fields: z.strictObject({
        protocol: z
          .enum(['none', 'inherit'])
          .default('none')
          .describe('inherit: its owner inherits the priority of those who wait.'),
      }),
      about: 'A mutex of the C library.',
      source: 'of the C library',
    },
    (_world, name, { protocol }) =>
      protocol === 'inherit' ? new PthreadPiMutex(name) : new PthreadMutex(name),
  ),
  objectType(
    {
      name: 'pthread_cond',
      fields: z.strictObject({}),
      about: 'A condition variable of the C library.',
      source: 'of the C library',
    },
    (_world, name) => new PthreadCond(name),
  ),
];
