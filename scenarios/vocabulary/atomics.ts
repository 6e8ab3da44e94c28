/*
 * Words for shared variables that several contexts access on purpose: marked accesses and atomic
 * operations (Documentation/atomic_t.txt). Each is one step. Where memory has store buffers, atomic
 * operations and full barriers drain that of the CPU, as on x86; every other function of the kernel
 * does too here, and marked accesses do not.
 */
import type { Code, Context } from '../../models/context.ts';
import { smp_mb } from '../../models/cpu/store-buffer.ts';
import { HOOK } from '../../models/hooks.ts';
import { might_sleep } from '../../models/sched/core.ts';
import type { Reference } from '../run/variables.ts';
import { alias, int, op, out, plain, variable, type Op } from './define.ts';

const RWONCE = 'include/asm-generic/rwonce.h';
const BARRIER = 'include/asm-generic/barrier.h';
const ATOMIC = 'include/linux/atomic/atomic-instrumented.h';

type Setter = ((value: number) => void) | undefined;

const v = variable('variable');

/** One step: writes what `change` makes of the value (null: nothing), and gives the old one. */
function* update(
  k: Context,
  { variable: shared, index }: Reference,
  change: (old: number) => number | null,
): Code<number> {
  yield k.step(shared, k.machine.costs.access);
  smp_mb(k.cpu);
  const old = shared.read(k, index, true);
  const value = change(old);
  if (value !== null) shared.write(k, index, value, true);
  smp_mb(k.cpu);
  return old;
}

function* load(k: Context, { variable: shared, index }: Reference, set: Setter): Code<number> {
  yield k.step(shared, k.machine.costs.access);
  const value = shared.read(k, index, true);
  set?.(value);
  return value;
}

function* store(k: Context, { variable: shared, index }: Reference, value: number): Code {
  yield k.step(shared, k.machine.costs.access);
  shared.write(k, index, value, true);
}

function* storeMb(k: Context, to: Reference, value: number): Code {
  yield* store(k, to, value);
  smp_mb(k.cpu);
}

const READ_ONCE = plain(op('READ_ONCE', [v, out('value')], 'int', 'A marked read.', RWONCE, load));
const WRITE_ONCE = plain(
  op('WRITE_ONCE', [v, int('value')], 'void', 'A marked write.', RWONCE, store),
);

const markedOps: readonly Op[] = [
  READ_ONCE,
  alias('smp_load_acquire', READ_ONCE),
  alias('rcu_dereference', READ_ONCE),
  alias('atomic_read', READ_ONCE),
  WRITE_ONCE,
  alias('smp_store_release', WRITE_ONCE),
  op(
    'smp_store_mb',
    [v, int('value')],
    'void',
    'A marked write and a full barrier.',
    BARRIER,
    storeMb,
  ),
  alias('rcu_assign_pointer', WRITE_ONCE),
  alias('atomic_set', WRITE_ONCE),
  ...['smp_rmb', 'smp_wmb'].map((name) =>
    plain(op(name, [], 'void', 'Orders nothing that x86 does not.', BARRIER, () => undefined)),
  ),
  op('smp_mb', [], 'void', 'A full barrier.', BARRIER, (k) => smp_mb(k.cpu)),
];

/** `atomic_add` and the like: the new value is of no interest. */
function change(name: string, about: string, by: number): Op {
  return op(name, [v], 'void', about, ATOMIC, function* (k, to) {
    yield* update(k, to, (old) => old + by);
  });
}

/** `atomic_inc_return` and the like: returns what `result` makes of the new value. */
function changed(name: string, about: string, by: number, result: (now: number) => number): Op {
  return op(name, [v, out('result')], 'int', about, ATOMIC, function* (k, to, set) {
    const value = result((yield* update(k, to, (old) => old + by)) + by);
    set?.(value);
    return value;
  });
}

const counterOps: readonly Op[] = [
  change('atomic_inc', 'Adds 1.', 1),
  change('atomic_dec', 'Subtracts 1.', -1),
  changed('atomic_inc_return', 'Adds 1; the new value.', 1, (now) => now),
  changed('atomic_dec_return', 'Subtracts 1; the new value.', -1, (now) => now),
  changed('atomic_inc_and_test', 'Adds 1; 1 if that makes 0.', 1, (now) => (now === 0 ? 1 : 0)),
  changed('atomic_dec_and_test', 'Subtracts 1; 1 if that makes 0.', -1, (now) =>
    now === 0 ? 1 : 0,
  ),
  op('atomic_add', [int('value'), v], 'void', 'Adds.', ATOMIC, function* (k, by, to) {
    yield* update(k, to, (old) => old + by);
  }),
  op('atomic_sub', [int('value'), v], 'void', 'Subtracts.', ATOMIC, function* (k, by, to) {
    yield* update(k, to, (old) => old - by);
  }),
  op(
    'atomic_add_return',
    [int('value'), v, out('result')],
    'int',
    'Adds; the new value.',
    ATOMIC,
    function* (k, by, to, set) {
      const value = (yield* update(k, to, (old) => old + by)) + by;
      set?.(value);
      return value;
    },
  ),
  op(
    'atomic_inc_not_zero',
    [v, out('done')],
    'int',
    'Adds 1 unless it is 0; 1 if it did.',
    ATOMIC,
    function* (k, to, set) {
      const done = (yield* update(k, to, (old) => (old === 0 ? null : old + 1))) === 0 ? 0 : 1;
      set?.(done);
      return done;
    },
  ),
];

const exchangeOps: readonly Op[] = [
  op(
    'cmpxchg',
    [v, int('old'), int('new'), out('done')],
    'int',
    'Writes new if it is old; returns what it was. The local: 1 if it did.',
    ATOMIC,
    function* (k, to, old, value, set) {
      const was = yield* update(k, to, (now) => (now === old ? value : null));
      set?.(was === old ? 1 : 0);
      return was;
    },
  ),
  op(
    'xchg',
    [v, int('value'), out('old')],
    'int',
    'Writes the value; returns what it was.',
    ATOMIC,
    function* (k, to, value, set) {
      const was = yield* update(k, to, () => value);
      set?.(was);
      return was;
    },
  ),
];

const userOps: readonly Op[] = [
  op(
    'fetchUser',
    [v, out('value')],
    'int',
    'copy_from_user of a variable that stands for user memory; may sleep.',
    'lib/usercopy.c',
    function* (k, from, set) {
      yield* might_sleep(k, 'copy_from_user');
      const value = yield* load(k, from, set);
      const { machine, cpu } = k;
      const place = from.variable.text(from.index);
      if (machine.trace.on) machine.tell(cpu, HOOK.user_fetch, place);
      return value;
    },
  ),
];

export const atomicOps: readonly Op[] = [...markedOps, ...counterOps, ...exchangeOps, ...userOps];
