/*
 * Locks, and what else tasks wait at.
 */
import { z } from 'zod';
import { Completion } from '../../models/sched/completion.ts';
import { WaitQueueHead } from '../../models/sched/wait.ts';
import type { Lock } from '../../models/locking/lock.ts';
import { Mutex } from '../../models/locking/mutex.ts';
import { RtMutex } from '../../models/locking/rtmutex.ts';
import { Rwlock } from '../../models/locking/rwlock.ts';
import { RwSemaphore } from '../../models/locking/rwsem.ts';
import { Semaphore } from '../../models/locking/semaphore.ts';
import { WwAcquireCtx, WwClass, WwMutex } from '../../models/locking/ww_mutex.ts';
import { Spinlock } from '../../models/locking/spinlock.ts';
import { ScenarioError } from '../run/error.ts';
import type { World } from '../run/world.ts';
import { objectType, type ObjectType } from './object-type.ts';

const none = z.strictObject({});

/** Locks that the lock validator knows. */
const classed = z.strictObject({
  class: z
    .string()
    .optional()
    .describe('Locks of one class are one to the lock validator; without, it is its own.'),
});

function inClass<L extends Lock>(lock: L, { class: name }: z.output<typeof classed>): L {
  if (name !== undefined) lock.className = name;
  return lock;
}

const ofWwClass = z.strictObject({
  class: z
    .string()
    .optional()
    .describe('The ww_class, which stands before it; without, one that all such have in common.'),
});

const commonWwClasses = new WeakMap<World, WwClass>();

function wwClassOf(world: World, name: string, fields: z.output<typeof ofWwClass>): WwClass {
  if (fields.class === undefined) {
    const common = commonWwClasses.get(world) ?? new WwClass('ww_class', false);
    commonWwClasses.set(world, common);
    return common;
  }
  const found = world.object(fields.class);
  if (found instanceof WwClass) return found;
  const text = `objects.${name}.class: no ww_class '${fields.class}' stands before it`;
  throw new ScenarioError(null, text);
}

export const lockTypes: readonly ObjectType[] = [
  objectType(
    {
      name: 'spinlock',
      aliases: ['raw_spinlock'],
      fields: classed,
      about: 'A spinlock: unfair, ticket or queued as the kernel has it.',
      source: 'include/linux/spinlock.h',
    },
    (_world, name, fields) => inClass(new Spinlock(name), fields),
  ),
  objectType(
    {
      name: 'rwlock',
      aliases: ['qrwlock'],
      fields: classed.extend({
        form: z
          .enum(['bias', 'queued'])
          .optional()
          .describe(
            'bias: readers pass a writer that waits; queued: not (default: as the kernel).',
          ),
      }),
      about: 'A reader-writer spinlock: biased or queued as the kernel has it.',
      source: 'include/linux/rwlock.h',
    },
    (_world, name, fields) => inClass(new Rwlock(name, fields.form ?? null), fields),
  ),
  objectType(
    {
      name: 'semaphore',
      aliases: ['sem'],
      short: 'count',
      fields: z.strictObject({
        count: z.int().min(0).default(1).describe('How many may hold it at once.'),
        atEnd: z
          .int()
          .min(0)
          .optional()
          .describe('What it must count when everything has ended; else: sem-imbalance.'),
      }),
      about: 'A counting semaphore, with the algorithm that the kernel has.',
      source: 'include/linux/semaphore.h',
    },
    (world, name, { count, atEnd }) => {
      const made = new Semaphore(name, count);
      if (atEnd !== undefined) world.whenAllEnded.push(() => checkCount(world, made, atEnd));
      return made;
    },
  ),
  objectType(
    { name: 'mutex', fields: classed, about: 'A mutex.', source: 'include/linux/mutex.h' },
    (_world, name, fields) => inClass(new Mutex(name), fields),
  ),
  objectType(
    {
      name: 'rw_semaphore',
      aliases: ['rwsem'],
      fields: classed,
      about: 'A reader-writer semaphore: in order of arrival or stealing, as the kernel has it.',
      source: 'include/linux/rwsem.h',
    },
    (_world, name, fields) => inClass(new RwSemaphore(name), fields),
  ),
  objectType(
    {
      name: 'rt_mutex',
      fields: classed,
      about: 'A mutex whose owner inherits the priority of those who wait.',
      source: 'include/linux/rtmutex.h',
    },
    (_world, name, fields) => inClass(new RtMutex(name), fields),
  ),
  objectType(
    {
      name: 'ww_mutex',
      fields: ofWwClass,
      about: 'A mutex of a class of which a context takes several, in any order.',
      source: 'include/linux/ww_mutex.h',
    },
    (world, name, fields) => new WwMutex(name, wwClassOf(world, name, fields)),
  ),
  objectType(
    {
      name: 'ww_acquire_ctx',
      fields: ofWwClass,
      about: 'What takes several mutexes of a class; the older one goes first.',
      source: 'include/linux/ww_mutex.h',
    },
    (world, name, fields) => new WwAcquireCtx(name, wwClassOf(world, name, fields)),
  ),
  objectType(
    {
      name: 'ww_class',
      fields: z.strictObject({
        algorithm: z
          .enum(['wait-die', 'wound-wait'])
          .default('wound-wait')
          .describe('Who gives up: the younger one that comes, or the younger one that holds.'),
      }),
      about: 'A class of ww_mutexes and contexts.',
      source: 'include/linux/ww_mutex.h',
    },
    (_world, name, { algorithm }) => new WwClass(name, algorithm === 'wait-die'),
  ),
  objectType(
    {
      name: 'completion',
      fields: none,
      about: 'A completion.',
      source: 'include/linux/completion.h',
    },
    (_world, name) => new Completion(name),
  ),
  objectType(
    {
      name: 'wait_queue_head',
      aliases: ['waitqueue'],
      fields: none,
      about: 'A wait queue.',
      source: 'include/linux/wait.h',
    },
    (_world, name) => new WaitQueueHead(name),
  ),
];

/** Every down() had its up(). */
function checkCount({ machine }: World, { name, count }: Semaphore, atEnd: number): void {
  if (count === atEnd) return;
  const text = `semaphore ${name} counts ${count} at the end, not ${atEnd}`;
  const downs = machine.waits.holders(machine.texts.intern(name));
  machine.findings.report(machine.cpus[0]!, 'sem-imbalance', text, {
    objects: [name],
    actors: downs.map(({ k }) => k.actor),
    places: downs.map(({ k, line }) => ({ actor: k.actor, line })),
    lines: downs.map(({ k, line }) => `no up() after the down() of ${k.actor} in line ${line}`),
  });
}
