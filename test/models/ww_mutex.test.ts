/*
 * Wound/wait mutexes: what lib/locking-selftest.c demands of them (ww_test_*), and that two tasks
 * who take them in opposite order both come through.
 */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import * as ww from '../../models/locking/ww_mutex.ts';
import { Lab, US } from './lab.ts';

const { WwAcquireCtx, WwClass, WwMutex } = ww;

interface Given {
  readonly o: InstanceType<typeof WwMutex>;
  readonly o2: InstanceType<typeof WwMutex>;
  readonly t: InstanceType<typeof WwAcquireCtx>;
  readonly t2: InstanceType<typeof WwAcquireCtx>;
}

function reports(steps: (k: Context, given: Given) => Code): string[] {
  const wwClass = new WwClass('ww', true);
  const given = {
    o: new WwMutex('o', wwClass),
    o2: new WwMutex('o2', wwClass),
    t: new WwAcquireCtx('t', wwClass),
    t2: new WwAcquireCtx('t2', wwClass),
  };
  const lab = new Lab();
  const found: string[] = [];
  lab.start('main', 50, function* (k) {
    yield* steps(k, given);
    found.push(...lab.machine.findings.all.map(({ text }) => text));
  });
  lab.run();
  return found;
}

/** Somebody older holds it. */
function heldByOlder({ o2, t2 }: Given, k: Context): void {
  ww.ww_acquire_init(k, t2);
  t2.noteReleased(k, 0);
  o2.owner = k.machine.cpus[0]!.idle;
  o2.ctx = t2;
}

describe('the self-test', () => {
  it('takes several of a class under a context', () => {
    const found = reports(function* (k, { o, o2, t }) {
      ww.ww_acquire_init(k, t);
      expect(yield* ww.ww_mutex_lock(k, o, t)).toBe(0);
      expect(yield* ww.ww_mutex_lock(k, o, t)).toBe(-errno.EALREADY);
      expect(yield* ww.ww_mutex_lock(k, o2, t)).toBe(0);
      ww.ww_acquire_done(k, t);
      yield* ww.ww_mutex_unlock(k, o2);
      yield* ww.ww_mutex_unlock(k, o);
      ww.ww_acquire_fini(k, t);
    });
    expect(found).toEqual([]);
  });

  it.each<[string, string, (k: Context, given: Given) => Code]>([
    [
      'of another class',
      'DEBUG_LOCKS_WARN_ON(ww_ctx->ww_class != ww->ww_class)',
      function* (k, { o }) {
        const other = new WwAcquireCtx('other', new WwClass('other', true));
        ww.ww_acquire_init(k, other);
        yield* ww.ww_mutex_lock(k, o, other);
      },
    ],
    [
      'finished twice',
      'WARNING: bad unlock balance detected!',
      function* (k, { t }) {
        ww.ww_acquire_init(k, t);
        ww.ww_acquire_done(k, t);
        ww.ww_acquire_fini(k, t);
        ww.ww_acquire_fini(k, t);
        yield 0;
      },
    ],
    [
      'finished too early',
      'WARNING: Nested lock was not taken',
      function* (k, { o, t }) {
        ww.ww_acquire_init(k, t);
        yield* ww.ww_mutex_lock(k, o, t);
        ww.ww_acquire_fini(k, t);
      },
    ],
    [
      'that takes one more after it was done',
      'DEBUG_LOCKS_WARN_ON(ww_ctx->done_acquire)',
      function* (k, { o, t }) {
        ww.ww_acquire_init(k, t);
        ww.ww_acquire_done(k, t);
        yield* ww.ww_mutex_lock(k, o, t);
      },
    ],
    [
      'beside a mutex taken without it',
      'WARNING: possible recursive locking detected',
      function* (k, { o, o2, t }) {
        ww.ww_acquire_init(k, t);
        yield* ww.ww_mutex_lock(k, o, t);
        yield* ww.ww_mutex_lock(k, o2);
      },
    ],
    [
      'that goes on without releasing what it has',
      'DEBUG_LOCKS_WARN_ON(ww_ctx->acquired > 0)',
      function* (k, given) {
        const { o, o2, t } = given;
        heldByOlder(given, k);
        ww.ww_acquire_init(k, t);
        yield* ww.ww_mutex_lock(k, o, t);
        expect(yield* ww.ww_mutex_lock(k, o2, t)).toBe(-errno.EDEADLK);
        o2.owner = null;
        o2.ctx = null;
        yield* ww.ww_mutex_lock_slow(k, o2, t);
      },
    ],
    [
      'that takes another one than that for which it gave up',
      'DEBUG_LOCKS_WARN_ON(ww_ctx->contending_lock != ww)',
      function* (k, given) {
        const { o, o2, t } = given;
        heldByOlder(given, k);
        ww.ww_acquire_init(k, t);
        yield* ww.ww_mutex_lock(k, o, t);
        expect(yield* ww.ww_mutex_lock(k, o2, t)).toBe(-errno.EDEADLK);
        yield* ww.ww_mutex_unlock(k, o);
        yield* ww.ww_mutex_lock(k, o, t);
      },
    ],
  ])('reports a context %s', (_name, text, steps) => {
    expect(reports(steps)[0]).toBe(text);
  });
});

describe.each([
  ['wait-die', true],
  ['wound-wait', false],
])('with %s', (_name, isWaitDie) => {
  it('two who take them in opposite order both come through, the younger one later', () => {
    const wwClass = new WwClass('ww', isWaitDie);
    const [a, b] = [new WwMutex('A', wwClass), new WwMutex('B', wwClass)];
    const lab = new Lab({ cpus: 2 });
    const start = (name: string, cpu: number, at: number, first: typeof a, second: typeof a) =>
      lab.start(
        name,
        50,
        function* (k) {
          const ctx = new WwAcquireCtx(name, wwClass);
          yield at;
          ww.ww_acquire_init(k, ctx);
          yield* ww.ww_mutex_lock(k, first, ctx);
          yield 100 * US;
          if ((yield* ww.ww_mutex_lock(k, second, ctx)) !== 0) {
            lab.note(k, `${name} gives up`);
            yield* ww.ww_mutex_unlock(k, first);
            yield* ww.ww_mutex_lock_slow(k, second, ctx);
            expect(yield* ww.ww_mutex_lock(k, first, ctx)).toBe(0);
          }
          ww.ww_acquire_done(k, ctx);
          lab.note(k, name);
          yield* ww.ww_mutex_unlock(k, first);
          yield* ww.ww_mutex_unlock(k, second);
          ww.ww_acquire_fini(k, ctx);
        },
        { cpu },
      );
    start('older', 0, 10, a, b);
    start('younger', 1, 20, b, a);
    expect(lab.run().log).toEqual(['younger gives up', 'older', 'younger']);
    expect(lab.machine.findings.all).toEqual([]);
  });
});
