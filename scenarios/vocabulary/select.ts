/*
 * Words of programs that wait for several descriptors: a set of them, as select() takes it and
 * overwrites it. The set is an object, since the threads of a program share one that is static.
 */
import type { Code, Context } from '../../models/context.ts';
import * as sets from '../../models/user/select.ts';
import { duration, int, op, optional, userMode, type Arg, type Op } from './define.ts';

const MACRO = 'of the C library';

const fd = int('fd');
const fdSet: Arg<sets.fd_set> = { name: 'set', kind: 'object', types: ['fd_set'] };

/** The program looks at the set or changes it, which another thread may do at the same time. */
function* touched<T extends number | void>(k: Context, set: sets.fd_set, act: () => T): Code<T> {
  yield k.step(set, k.machine.costs.access);
  return act();
}

export const selectOps: readonly Op[] = [
  op('FD_ZERO', [fdSet], 'void', 'Empties the set.', MACRO, (k, set) =>
    touched(k, set, () => sets.FD_ZERO(set)),
  ),
  op('FD_SET', [fd, fdSet], 'void', 'Puts the descriptor into the set.', MACRO, (k, of, set) =>
    touched(k, set, () => sets.FD_SET(of, set)),
  ),
  op('FD_CLR', [fd, fdSet], 'void', 'Takes it out of the set.', MACRO, (k, of, set) =>
    touched(k, set, () => sets.FD_CLR(of, set)),
  ),
  op('FD_ISSET', [fd, fdSet], 'int', '1 if it is in the set.', MACRO, (k, of, set) =>
    touched(k, set, () => (sets.FD_ISSET(of, set) ? 1 : 0)),
  ),
  op(
    'selectSet',
    [fdSet, duration('timeout'), optional<sets.fd_set>({ ...fdSet, name: 'writefds' })],
    'int',
    'Waits for the descriptors of a set (or two: to read, to write), in which those that are ' +
      'ready are left: how many; 0 after the timeout, with none left; < 0: no end.',
    'fs/select.c',
    (k, set, timeout, writefds) => {
      const end = timeout < 0 ? null : timeout;
      return sets.select(k, sets.FD_SETSIZE, set, writefds ?? null, null, end);
    },
  ),
].map(userMode);
