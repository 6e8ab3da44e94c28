import { describe, expect, it } from 'vitest';
import { findingsOf, type Small, type Steps } from './run-program.ts';

/** `kind: first line` of everything found. */
function found(small: Small): string[] {
  return findingsOf(small).map(({ kind, text }) => `${kind}: ${text}`);
}

describe('memory', () => {
  const one = (state: string, ...a: string[]): string[] =>
    found({ objects: { p: `mem:${state}` }, actors: { a } });

  it.each<[string[], string, string[]]>([
    [[], 'absent', ['kmalloc GFP_KERNEL p', 'deref p', 'kfree p']],
    [[], 'live', ['deref p', 'kfree p']],
    [[], 'live', ['deref p']],
    [[], 'absent', ['kfree p']],
    [[], 'live', ['kfree p', 'kmalloc_GFP_ATOMIC p', 'deref p', 'kfree p']],
    [
      ['use-after-free: BUG: KASAN: slab-use-after-free in a'],
      'live',
      ['kfree p', 'deref p', 'deref p'],
    ],
    [['double-free: BUG: KASAN: double-free in a'], 'live', ['kfree p', 'kfree p']],
    [
      ['use-before-init: BUG: kernel NULL pointer dereference, address: 0000000000000000'],
      'absent',
      ['deref p'],
    ],
    [['leak: unreferenced object p (size 64):'], 'absent', ['kmalloc_GFP_KERNEL p']],
    [
      ['leak: unreferenced object p'],
      'absent',
      ['kmalloc_GFP_KERNEL p', 'kmalloc_GFP_KERNEL p', 'kfree p'],
    ],
  ])('%j: %s, %j', (findings, state, steps) => {
    expect(one(state, ...steps)).toEqual(findings);
  });

  it('a report tells who freed it and who allocated it', () => {
    const a: Steps = ['kmalloc_GFP_KERNEL p', 'delay 1ms', 'deref p'];
    const b: Steps = ['delay 1us', 'kfree p'];
    const [finding] = findingsOf({ objects: { p: 'mem' }, actors: { a, b } });
    expect(finding).toMatchObject({ actors: ['a', 'b'], objects: ['p'] });
    expect(finding!.lines.filter((line) => line.endsWith(':'))).toEqual([
      'Allocated by task 2:',
      'Freed by task 3:',
    ]);
  });

  it('memory must not be freed while a timer that it contains is pending', () => {
    const t = { kind: 'timer', steps: [] };
    const objects = { p: { type: 'mem', state: 'live', contains: ['t'] } };
    const free = (...steps: string[]): string[] =>
      found({ cpus: 1, objects, actors: { t, a: ['mod_timer t 5', ...steps, 'kfree p'] } });
    expect(free('del_timer_sync t')).toEqual([]);
    expect(free('msleep 100')).toEqual([]);
    expect(free()).toEqual([
      'use-after-free: ODEBUG: free active (active state 0) object type: timer_list hint: t',
    ]);
  });
});

describe('reference counters', () => {
  const one = (ref: unknown, ...a: string[]): string[] =>
    found({ objects: { r: ref }, actors: { a } });

  it.each<[string[], unknown, string[]]>([
    [[], 'ref:1', ['get r', 'put r', 'put r']],
    [[], 'ref:0', ['refcount_inc_not_zero r -> got', 'assert $got == 0']],
    [[], 'ref:1', ['put r $last', 'assert $last == 1']],
    [
      ['use-after-free: refcount_t: addition on 0; use-after-free.'],
      'ref:1',
      ['put r', 'get r', 'put r $last', 'assert $last == 0'],
    ],
    [['refcount-underflow: refcount_t: underflow; use-after-free.'], 'ref:1', ['put r', 'put r']],
    [['refcount-leak: refcount_t: decrement hit 0; leaking memory.'], 'ref:1', ['refcount_dec r']],
    [
      ['refcount-leak: unreferenced object r: 1 references at the end, not 0'],
      { type: 'ref', atEnd: 0 },
      ['get r', 'put r'],
    ],
    [[], { type: 'ref', atEnd: 0 }, ['put r']],
  ])('%j: %j, %j', (findings, ref, steps) => {
    // The first use after saturation is what counts.
    expect(one(ref, ...steps).slice(0, 1)).toEqual(findings);
  });
});

describe('socket buffers', () => {
  const objects = { q: 'skbq:1' };
  const one = (...a: string[]): string[] => found({ objects, actors: { a } });

  it('what is neither freed nor queued is a leak', () => {
    expect(one('skb_alloc', 'kfree_skb')).toEqual([]);
    expect(one('skb_alloc', 'skb_queue_tail q $ok', 'assert $ok == 1')).toEqual([]);
    expect(one('skb_alloc')).toEqual(['leak: unreferenced object skb 1 (size 232):']);
    expect(one('skb_alloc', 'skb_queue_tail q', 'skb_dequeue q')).toEqual([
      'leak: unreferenced object skb 1 (size 232):',
    ]);
  });

  it('one that is freed twice is not just ignored', () => {
    expect(one('skb_alloc', 'kfree_skb', 'kfree_skb')).toEqual([
      'double-free: refcount_t: underflow; use-after-free.',
    ]);
  });

  it('a queue that was full is an overrun unless somebody asks for drops after that', () => {
    const burst = ['skb_alloc', 'skb_queue_tail q', 'skb_alloc', 'skb_queue_tail q'];
    const missed = ['overrun: q: 1 message was lost (ENOBUFS), and nobody looked'];
    expect(one(...burst)).toEqual(missed);
    expect(one('queue_drops q', ...burst)).toEqual(missed);
    expect(one(...burst, 'queue_drops q $d', 'assert $d == 1')).toEqual([]);
  });
});

describe('other resources', () => {
  it('a thread is stopped once', () => {
    const t: Steps = [{ while: '$s == 0', do: ['kthread_should_stop $s', 'msleep 10'] }];
    expect(found({ actors: { t, a: ['kthread_stop t'] } })).toEqual([]);
    expect(found({ actors: { t, a: ['kthread_stop t', 'kthread_stop t'] } })).toEqual([
      'use-after-free: BUG: KASAN: slab-use-after-free in kthread_stop',
    ]);
  });

  it('user memory that changes between two fetches of one system call is a double fetch', () => {
    const fetches = (between: string): Steps => ['fetchUser u $a', between, 'fetchUser u $b'];
    const program = (between: string, change: string): Small => ({
      vars: { u: 1 },
      marked: ['u'],
      actors: { sys: { kind: 'sys', cpu: 0, steps: fetches(between) }, b: ['delay 1us', change] },
      cpus: 2,
    });
    expect(found(program('delay 1ms', 'u = 2'))).toEqual([
      'toctou: double fetch of u in sys, changed by b',
    ]);
    expect(found(program('delay 1ms', 'u = 1'))).toEqual([]);
    expect(found(program('nop', 'u = 2'))).toEqual([]);
  });
});

describe('RCU', () => {
  const objects = { n: 'mem:live' };
  const reader: Steps = ['rcu_read_lock', 'delay 1ms', 'deref n', 'rcu_read_unlock'];

  it('synchronize_rcu waits for the readers that are there, also for nested ones', () => {
    const nested: Steps = ['rcu_read_lock', 'rcu_read_lock', 'rcu_read_unlock', ...reader.slice(1)];
    const b: Steps = ['delay 1us', 'synchronize_rcu', 'kfree n'];
    for (const a of [reader, nested]) expect(found({ objects, actors: { a, b } })).toEqual([]);
    expect(found({ objects, actors: { a: reader, b: ['delay 1us', 'kfree n'] } })).toEqual([
      'use-after-free: BUG: KASAN: slab-use-after-free in a',
    ]);
  });

  it('synchronize_rcu does not wait for readers that come later', () => {
    const early: Steps = ['rcu_read_lock', 'delay 1ms', 'rcu_read_unlock'];
    const late: Steps = [
      'delay 500us',
      'rcu_read_lock',
      'delay 10ms',
      'rcu_read_unlock',
      'done = 1',
    ];
    const b: Steps = ['delay 1us', 'synchronize_rcu', 'assert done == 0'];
    const actors = { early, late, b };
    expect(found({ vars: { done: 0 }, marked: ['done'], actors })).toEqual([]);
  });
});
