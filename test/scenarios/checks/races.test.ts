import { describe, expect, it } from 'vitest';
import { STRICT_ONLY } from '../../../models/checks/race-report.ts';
import { findingsOf, kindsOf, type Small, type Steps } from './run-program.ts';

const increment: Steps = ['$x = c', 'c = $x + 1'];
const vars = { c: 0 };

/** `locked('spin_lock L', 'spin_unlock L')`: increments in between. */
function locked(lock: string, unlock: string): Steps {
  return [lock, ...increment, unlock];
}

function isRace(small: Omit<Small, 'vars'> & Pick<Partial<Small>, 'vars'>): boolean {
  const kinds = kindsOf({ vars, ...small });
  expect(kinds.filter((kind) => kind !== 'data-race')).toEqual([]);
  return kinds.length > 0;
}

/** As KCSAN is configured on the machine that was recorded. */
function isReportedByKcsan(small: Small): boolean {
  return findingsOf(small).some(
    ({ kind, lines }) => kind === 'data-race' && !lines.includes(STRICT_ONLY),
  );
}

describe('what KCSAN reports', () => {
  it.each<[boolean, string, Steps, Steps]>([
    [false, 'plain write, plain write', ['c = 1'], ['c = 2']],
    [true, 'plain read, plain write', ['$x = c'], ['c = 1']],
    [true, 'plain increments', increment, increment],
    [false, 'READ_ONCE, WRITE_ONCE', ['READ_ONCE c $x'], ['WRITE_ONCE c 1']],
    [true, 'plain read, WRITE_ONCE', ['$x = c'], ['WRITE_ONCE c 1']],
    [false, 'READ_ONCE, plain write', ['READ_ONCE c $x'], ['c = 1']],
    [false, 'READ_ONCE in an expression, plain write', ['$x = READ_ONCE(c) + 1'], ['c = 1']],
    [true, 'plain read beside one, plain write', ['$x = c + READ_ONCE(c)'], ['c = 1']],
    [false, 'atomic_inc, atomic_inc', ['atomic_inc c'], ['atomic_inc c']],
    [true, 'plain read, atomic_inc', ['$x = c'], ['atomic_inc c']],
    [false, 'writes of the same value, plain read', ['c = 0'], ['$x = c']],
    [false, 'read, read', ['$x = c'], ['$x = c']],
  ])('%s: %s', (reported, _name, a, b) => {
    expect(isReportedByKcsan({ vars, actors: { a, b } })).toBe(reported);
  });

  it('prints both places, contexts and lock sets below the first line of KCSAN', () => {
    const objects = { L: 'spinlock' };
    const b: Steps = locked('spin_lock L', 'spin_unlock L');
    const [race] = findingsOf({ vars, objects, actors: { a: ['delay 1us', '$x = c'], b } });
    expect(race).toMatchObject({
      kind: 'data-race',
      text: 'BUG: KCSAN: data-race in a / b',
      verdict: 'CONFIRMED',
      actors: ['a', 'b'],
      objects: ['c'],
    });
    expect(race!.lines).toEqual([
      'read to c by task 2 on cpu 0:',
      expect.stringMatching(/^ a line \d+, holding no lock$/),
      'write to c by task 3 on cpu 1:',
      expect.stringMatching(/^ b line \d+, holding L$/),
    ]);
  });

  it('names the element of an array, and knows elements apart', () => {
    const array = { ring: [0, 0] };
    const one: Steps = ['ring[0] = 1'];
    expect(isRace({ vars: array, actors: { a: one, b: ['ring[1] = 1'] } })).toBe(false);
    const [race] = findingsOf({ vars: array, actors: { a: one, b: one } });
    expect(race!.objects).toEqual(['ring[0]']);
  });

  it('says once what happens again and again', () => {
    const many: Steps = [{ repeat: 5, do: increment }];
    expect(findingsOf({ vars, actors: { a: many, b: many } })).toHaveLength(1);
  });
});

describe('locks', () => {
  it.each([
    ['spinlock', 'spin_lock L', 'spin_unlock L'],
    ['spinlock', 'spin_lock_bh L', 'spin_unlock_bh L'],
    ['mutex', 'mutex_lock L', 'mutex_unlock L'],
    ['rwlock', 'write_lock L', 'write_unlock L'],
    ['rw_semaphore', 'down_write L', 'up_write L'],
    ['semaphore', 'down L', 'up L'],
  ])('a %s orders what is between %s and %s', (type, lock, unlock) => {
    const b = locked(lock, unlock);
    const objects = { L: type };
    expect(isRace({ objects, actors: { a: b, b, c: b } })).toBe(false);
    expect(isRace({ objects, actors: { a: b, b: increment } })).toBe(true);
  });

  it('two locks order nothing', () => {
    const objects = { L: 'mutex', M: 'mutex' };
    const a = locked('mutex_lock L', 'mutex_unlock L');
    const b = locked('mutex_lock M', 'mutex_unlock M');
    expect(isRace({ objects, actors: { a, b } })).toBe(true);
  });

  it.each([
    ['rwlock', 'read_lock L', 'read_unlock L', 'write_lock L', 'write_unlock L'],
    ['rw_semaphore', 'down_read L', 'up_read L', 'down_write L', 'up_write L'],
  ])('readers of a %s are ordered with its writers, not with each other', (type, ...words) => {
    const [lock, unlock, writeLock, writeUnlock] = words as [string, string, string, string];
    const objects = { L: type };
    const reader: Steps = [lock, '$x = c', unlock];
    const writer = locked(writeLock, writeUnlock);
    expect(isRace({ objects, actors: { a: reader, b: writer, c: reader } })).toBe(false);
    expect(isRace({ objects, actors: { a: locked(lock, unlock), b: reader } })).toBe(true);
  });
});

describe('what one context hands to another', () => {
  const write: Steps = ['c = 1'];
  const read: Steps = ['$x = c'];

  it('a marked write is seen with all that came before it', () => {
    const a: Steps = [...write, 'ready = 1'];
    const b: Steps = [{ while: 'ready == 0', do: ['cpu_relax'] }, ...read];
    const all = { vars: { c: 0, ready: 0 }, actors: { a, b } };
    expect(isRace({ ...all, marked: ['ready'] })).toBe(false);
    expect(kindsOf(all)).toContain('data-race');
  });

  it.each<[string, Readonly<Record<string, unknown>>, Steps, Steps]>([
    ['a completion', { C: 'completion' }, ['complete C'], ['wait_for_completion C']],
    ['a semaphore', { S: { type: 'semaphore', count: 0 } }, ['up S'], ['down S']],
    ['the end of a task', {}, [], ['waitForEnd a']],
  ])('%s orders', (_name, objects, after, before) => {
    for (const pause of ['1us', '1ms']) {
      const a: Steps = [`delay ${pause}`, ...write, ...after];
      const b: Steps = ['delay 100us', ...before, ...read];
      expect(isRace({ objects, actors: { a, b } })).toBe(false);
    }
    if (after.length > 0) {
      const actors = { a: [...after, 'delay 1us', ...write], b: [...before, ...read] };
      expect(isRace({ objects, actors })).toBe(true);
    }
  });

  it('a wake-up is before the return of the sleep', () => {
    const objects = { q: 'wait_queue_head' };
    const b: Steps = ['interruptible_sleep_on q', ...read];
    const a: Steps = ['delay 1ms', ...write, 'wake_up q'];
    const kernel = { kernel: 'linux-2.6.32', preemption: 'none' };
    expect(isRace({ ...kernel, objects, actors: { b, a } })).toBe(false);
    const nobody: Steps = ['delay 1ms', ...read];
    expect(isRace({ ...kernel, objects, actors: { b: nobody, a: [...write, 'wake_up q'] } })).toBe(
      true,
    );
  });

  it('a work comes after who queued it and before who flushed it', () => {
    const w = { kind: 'work', steps: increment };
    const queue: Steps = [...write, 'schedule_work w'];
    expect(isRace({ cpus: 1, actors: { w, t: [...queue, 'flush_work w', ...read] } })).toBe(false);
    expect(isRace({ cpus: 1, actors: { w, t: [...queue, ...increment] } })).toBe(true);
  });

  it('a timer comes after who armed it and before who waited for its end', () => {
    const t = { kind: 'timer', steps: increment };
    const arm: Steps = [...write, 'mod_timer t 1', 'delay 50ms'];
    expect(isRace({ cpus: 1, actors: { t, a: [...arm, 'del_timer_sync t', ...read] } })).toBe(
      false,
    );
    expect(isRace({ cpus: 1, actors: { t, a: [...arm, 'del_timer t', ...read] } })).toBe(true);
  });

  it('a tasklet comes after who scheduled it and before who killed it', () => {
    const t = { kind: 'tasklet', steps: increment };
    const go: Steps = [...write, 'tasklet_schedule t', 'delay 50ms'];
    expect(isRace({ cpus: 1, actors: { t, a: [...go, 'tasklet_kill t', ...read] } })).toBe(false);
    expect(isRace({ cpus: 1, actors: { t, a: [...go, ...read] } })).toBe(true);
  });

  it('synchronize_rcu comes after the readers that it waited for', () => {
    const reader: Steps = ['rcu_read_lock', '$x = c', 'rcu_read_unlock'];
    const writer: Steps = ['delay 1ms', 'synchronize_rcu', 'c = 1'];
    expect(isRace({ actors: { a: reader, b: writer } })).toBe(false);
    expect(isRace({ actors: { a: reader, b: ['delay 1ms', 'c = 1'] } })).toBe(true);
  });
});

describe('interrupts', () => {
  const irq = (cpu: number): Readonly<Record<string, unknown>> => ({
    kind: 'irq',
    cpu,
    arrivals: { at: ['1ms'] },
    steps: increment,
  });
  const off: Steps = ['local_irq_save $f', ...increment, 'local_irq_restore $f'];
  const twice = (steps: Steps): Steps => [...steps, 'delay 2ms', ...steps];

  it('that one interrupts a task orders nothing', () => {
    expect(isRace({ cpus: 1, actors: { i: irq(0), t: twice(increment) } })).toBe(true);
  });

  it('a task with interrupts off is ordered with the handlers of its CPU alone', () => {
    const t = { kind: 'kthread', cpu: 0, steps: twice(off) };
    expect(isRace({ cpus: 1, actors: { i: irq(0), t } })).toBe(false);
    expect(isRace({ cpus: 2, actors: { i: irq(1), t } })).toBe(true);
  });

  it('bottom halves off keep softirqs out, not handlers', () => {
    const bh: Steps = ['local_bh_disable', ...increment, 'local_bh_enable'];
    const s = { kind: 'softirq', vector: 'NET_RX', steps: increment };
    const i = { ...irq(0), steps: ['raise_softirq NET_RX'] };
    expect(isRace({ cpus: 1, actors: { i, s, t: twice(bh) } })).toBe(false);
    expect(isRace({ cpus: 1, actors: { i, s, t: twice(off) } })).toBe(false);
    expect(isRace({ cpus: 1, actors: { i, s, t: twice(increment) } })).toBe(true);
    expect(isRace({ cpus: 1, actors: { i: irq(0), t: twice(bh) } })).toBe(true);
  });

  it('preemption off orders the tasks of one CPU; so does a kernel without preemption', () => {
    const body: Steps = ['preempt_disable', ...increment, 'preempt_enable'];
    const on = (steps: Steps) => ({ kind: 'kthread', cpu: 0, steps });
    const both = (steps: Steps) => ({ cpus: 1, actors: { a: on(steps), b: on(steps) } });
    expect(isRace(both(body))).toBe(false);
    expect(isRace(both(increment))).toBe(true);
    expect(isRace({ ...both(increment), preemption: 'none' })).toBe(false);
    expect(isRace({ actors: { a: body, b: body } })).toBe(true);
  });

  it('free_irq comes after the handler', () => {
    const t = (...steps: string[]): Steps => ['delay 20ms', ...steps, '$x = c'];
    expect(isRace({ cpus: 1, actors: { i: irq(0), t: t('free_irq i') } })).toBe(false);
    expect(isRace({ cpus: 1, actors: { i: irq(0), t: t() } })).toBe(true);
  });
});
