/*
 * Litmus tests of total store order: what may be read on x86, and what may not.
 */
import { describe, expect, test } from 'vitest';
import { hunted } from '../../scenarios/explore/programs.ts';

type Threads = readonly [string, string];

/** Two threads on two CPUs over `x` and `y`; `never` is what must not hold at the end. */
function litmus(threads: Threads, never: string, memory = 'tso', more = ''): string {
  const actors = threads.map((steps, i) => {
    const lines = steps.split('; ').map((step) => `      - ${step}`);
    return `  t${i}:\n    kind: kthread\n    cpu: ${i}\n    steps:\n${lines.join('\n')}`;
  });
  return `name: litmus
about: A litmus test.
kernel: linux-6.1
machine: { cpus: 2, memory: ${memory}, preemption: full }
objects: { lock: spinlock }
vars: { x: 0, y: 0, r0: -1, r1: -1 }
marked: [x, y, r0, r1]
actors:
${actors.join('\n')}
${more}finally: ['!(${never})']
`;
}

function happens(scenario: string): boolean {
  const hunt = hunted(scenario, { strategy: 'dfs', preemptions: 20, runs: 100_000 });
  if (hunt.found.length === 0) expect(hunt.complete && hunt.unbounded).toBe(true);
  return hunt.found.length > 0;
}

const both = (between: string): Threads => [
  `x = 1; ${between}$r = y; r0 = $r`,
  `y = 1; ${between}$r = x; r1 = $r`,
];
const BOTH_MISS = 'r0 == 0 && r1 == 0';

describe('store buffering: both threads miss what the other has written', () => {
  test('happens', () => {
    expect(happens(litmus(both(''), BOTH_MISS))).toBe(true);
  });

  test('does not happen where memory is sequentially consistent', () => {
    expect(happens(litmus(both(''), BOTH_MISS, 'sc'))).toBe(false);
  });

  test.each([
    ['a full barrier', 'smp_mb; '],
    ['an atomic operation', 'atomic_inc r0; '],
    ['an atomic region', 'atomic: [ r0 = -1 ]; '],
    ['a spinlock', 'spin_lock lock; spin_unlock lock; '],
    ['a context switch', 'msleep 1; '],
  ])('does not happen with %s between', (_what, between) => {
    expect(happens(litmus(both(between), BOTH_MISS))).toBe(false);
  });

  test.each(['smp_rmb', 'smp_wmb'])('happens with %s between', (barrier) => {
    expect(happens(litmus(both(`${barrier}; `), BOTH_MISS))).toBe(true);
  });

  test('happens with smp_store_release and smp_load_acquire, not with smp_store_mb', () => {
    const ordered = (store: string): Threads => [
      `${store} x 1; smp_load_acquire y $r; r0 = $r`,
      `${store} y 1; smp_load_acquire x $r; r1 = $r`,
    ];
    expect(happens(litmus(ordered('smp_store_release'), BOTH_MISS))).toBe(true);
    expect(happens(litmus(ordered('smp_store_mb'), BOTH_MISS))).toBe(false);
  });
});

test('a message is never seen before what was written before it', () => {
  const threads: Threads = ['x = 1; y = 1', '$b = y; $a = x; r0 = $a; r1 = $b'];
  expect(happens(litmus(threads, 'r1 == 1 && r0 == 0'))).toBe(false);
  expect(happens(litmus(threads, 'r1 == 0 && r0 == 1'))).toBe(true);
});

test('a CPU reads what it has written itself, others may still read what was there', () => {
  const threads: Threads = ['x = 1; $a = x; $b = y; r0 = $a * 10 + $b', 'y = 1; $b = x; r1 = $b'];
  expect(happens(litmus(threads, 'r0 < 10'))).toBe(false);
  expect(happens(litmus(threads, 'r0 == 10 && r1 == 0'))).toBe(true);
});

test('what an interrupt has written is in memory when it has returned', () => {
  const irq = `  dev:
    kind: irq
    cpu: 0
    arrivals: { at: [0s] }
    steps: [x = 1]
`;
  const reads = '$s = x; $r = y; r0 = $s * 10 + $r';
  const other = 'y = 1; smp_mb; $r = x; r1 = $r';
  const never = 'r0 == 10 && r1 == 0';
  expect(happens(litmus([reads, other], never, 'tso', irq))).toBe(false);
  expect(happens(litmus([`x = 1; ${reads}`, other], never))).toBe(true);
});
