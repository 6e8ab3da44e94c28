/*
 * Words of the bug catalogue that are not the kernel's, or that mean there more or less than in the
 * step language.
 */
import type { CatalogueActor } from './catalogue-entry.ts';
import { callOf, sleepers } from './catalogue-prose.ts';
import type { Names } from './catalogue-names.ts';
import type { Step } from './catalogue-steps.ts';

/** What a word may ask while it is translated. */
export interface Translate {
  readonly names: Names;
  readonly actor: CatalogueActor;
  call(word: string, args: readonly string[]): string;
  name(object: string): string;
  type(object: string): string | undefined;
}

type Translation = (to: Translate, args: readonly string[], inLoop: boolean) => Step[];

/** As a word of another name. */
const as =
  (word: string): Translation =>
  (to, args) => [to.call(word, args)];

/** Sleepers of a queue from which somebody wakes exactly one. */
const sleeper =
  (word: string, exclusive: string): Translation =>
  (to, args) => [to.call(to.names.exclusive.has(args[0]!) ? exclusive : word, args)];

/** Queued on the CPU of the work's own actor. */
const queued =
  (word: string): Translation =>
  (to, [work = '', ...rest]) => {
    const served = to.names.served.get(work);
    const cpu = served === undefined ? undefined : to.names.cpus.get(served.name);
    if (cpu === undefined) return [to.call(word, [work, ...rest])];
    return [to.call(`${word}_on`, [String(cpu), work, ...rest])];
  };

/** rt_mutex_lock of a mutex that is one. */
const ofMutex =
  (action: string): Translation =>
  (to, args) => {
    const mutex = to.type(args[0] ?? '') === 'rt_mutex' ? 'rt_mutex' : 'mutex';
    return [to.call(`${mutex}_${action}`, args)];
  };

export const words: Readonly<Record<string, Translation>> = {
  yield: (_to, _args, inLoop) => [inLoop ? 'cpu_relax' : 'nop'],
  work: as('delay'),
  sleep: ({ actor }) => [`wait_for_completion ${callOf(actor.name)}`],
  wake: ({ names, actor }, [called]) => {
    const others = sleepers(names.program.actors).filter((name) => name !== actor.name);
    return [`complete ${callOf(called ?? others[0] ?? actor.name)}`];
  },
  // How long somebody may wait is for the detectors to say.
  deadline: () => [],
  wake_up_one: as('wake_up'),
  prepare_to_wait: sleeper('prepare_to_wait', 'prepare_to_wait_exclusive'),
  wake_up: sleeper('wake_up', 'wake_up_all'),
  kthread_stop: as('requestStop'),
  kthread_join: as('waitForEnd'),
  queue_work: queued('schedule_work'),
  schedule_work: queued('schedule_work'),
  queue_delayed_work: queued('schedule_delayed_work'),
  schedule_delayed_work: queued('schedule_delayed_work'),
  mod_timer: (to, [timer = '', jiffies = '1']) => [to.call('mod_timer', [timer, jiffies])],
  add_timer: (to, [timer = '', jiffies = '1']) => [to.call('mod_timer', [timer, jiffies])],
  raise_softirq: (to, [object = '']) => {
    const served = to.names.served.get(object);
    if (served?.ctx !== 'softirq') return [to.call('raise_irq', [object])];
    return [`raise_softirq ${to.names.vectors.get(served.name)!}`];
  },
  mutex_lock: ofMutex('lock'),
  mutex_trylock: ofMutex('trylock'),
  mutex_unlock: ofMutex('unlock'),
  copy_from_user: (_to, [local = '', variable = '']) => [`fetchUser ${variable} ${local}`],
  get_user: (_to, [local = '', variable = '']) => [`fetchUser ${variable} ${local}`],
  copy_to_user: (_to, [variable = '', ...value]) => [
    'copy_to_user',
    `${variable} = ${value.join(' ')}`,
  ],
};
