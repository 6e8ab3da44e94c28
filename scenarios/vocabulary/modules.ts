/*
 * Words for modules: loading and unloading, counting users; and for what a callback was called
 * with.
 */
import type { Context } from '../../models/context.ts';
import * as module from '../../models/module.ts';
import { currentFileCall } from '../run/file-calls.ts';
import { flags, int, op, optional, userMode, type Arg, type Op } from './define.ts';
import { oops } from './files.ts';

const MODULE = 'kernel/module/main.c';

const mod: Arg<module.Module> = { name: 'module', kind: 'object', types: ['module'] };
const deleteFlags = flags('flags', { O_NONBLOCK: module.O_NONBLOCK });
const argumentName: Arg<string> = { name: 'name', kind: 'symbol' };

const calls: readonly Op[] = [
  op(
    'init_module',
    [mod],
    'int',
    'insmod: loads the module; 0, -EEXIST, or what its init function says.',
    MODULE,
    module.init_module,
  ),
  op(
    'delete_module',
    [mod, optional(deleteFlags)],
    'int',
    'rmmod (which gives O_NONBLOCK): -EBUSY (2.4) or -EWOULDBLOCK if it is used, or waits.',
    MODULE,
    (k, which, how) => module.delete_module(k, which, how ?? 0),
  ),
];

const references: readonly Op[] = [
  op(
    'try_module_get',
    [mod],
    'int',
    '1 with one more user; 0 if it is being unloaded.',
    'kernel/module/main.c',
    module.try_module_get,
  ),
  op(
    '__module_get',
    [mod],
    'void',
    'One more user, by one who is sure.',
    MODULE,
    module.__module_get,
  ),
  op('module_put', [mod], 'void', 'One user less.', MODULE, module.module_put),
  op('module_refcount', [mod], 'int', 'How many use it.', MODULE, (_k, { refcnt }) => refcnt),
];

function argumentOf(k: Context, name: string): number | { value: number } | undefined {
  return currentFileCall(k)?.args?.get(name);
}

const argumentOps: readonly Op[] = [
  op(
    'argument',
    [argumentName],
    'int',
    'What the caller of this callback gave it, by the name that it has in the kernel.',
    'of the simulator',
    (k, name) => {
      const found = argumentOf(k, name);
      if (found === undefined) return oops(k, `a callback without the argument ${name}`);
      return typeof found === 'number' ? found : found.value;
    },
  ),
  op(
    'setArgument',
    [argumentName, int('value')],
    'void',
    'Writes to where an argument of the callback points.',
    'of the simulator',
    (k, name, value) => {
      const found = argumentOf(k, name);
      if (typeof found === 'object') found.value = value;
      else oops(k, `a callback that cannot set ${name}`);
    },
  ),
];

export const moduleOps: readonly Op[] = [...calls.map(userMode), ...references, ...argumentOps];
