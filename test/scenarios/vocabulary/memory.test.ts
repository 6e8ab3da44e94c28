/* The words for memory, in scenarios. */
import { describe, expect, it } from 'vitest';
import { observe, type Observed } from '../run/scenario.ts';

/** An int of a page that is filled with the letter u. */
const FILLED = 0x75757575;

interface Options {
  readonly kernel?: string;
  readonly kind?: string;
  readonly objects?: string;
  readonly more?: string;
  readonly machine?: string;
  readonly faults?: string;
}

/** The labels of the steps with their results. */
function steps(lines: readonly string[], options: Options = {}): [string[], Observed] {
  const { kernel = 'linux-6.1', kind = 'sys', objects = '', more = '', machine = '' } = options;
  const { faults = '' } = options;
  const seen = observe(
    `
name: memory
kernel: ${kernel}
machine: { cpus: 1${machine} }
until: 1s
vars: { n: 0 }
objects:
  L: spinlock
  buf: { type: user_memory, pages: [present, absent, read-only, swapped, unmapped] }
${objects.replace(/^/gm, '  ')}
actors:
  u:
    kind: ${kind}
    steps:
${lines.map((line) => `      - ${line}`).join('\n')}
${more.replace(/^/gm, '  ')}
${faults}
`,
    { keep: true },
  );
  return [seen.logged.map(({ label, result }) => `${label}=${result}`), seen];
}

const found = ({ result }: Observed): string[] =>
  result.findings.map(({ kind, text }) => `${kind}: ${text}`);

describe('words for user memory', () => {
  it('copy_from_user without arguments copies 16 bytes of the process, in any context', () => {
    for (const kind of ['sys', 'kthread']) {
      const lines = [
        'copy_from_user -> a',
        'copy_from_user_nofault -> b',
        'copy_from_user 32 -> c',
      ];
      const [logged, seen] = steps(lines, { kind });
      expect([kind, logged, found(seen)]).toEqual([kind, ['a=0', 'b=0', 'c=0'], []]);
    }
  });

  it('copies from each kind of page', () => {
    const copy = (offset: number, to: string): string => `copy_from_user 8 buf ${offset} -> ${to}`;
    const [logged] = steps([
      copy(0, 'present'),
      copy(4092, 'border'),
      copy(4096, 'absent'),
      copy(8192, 'readOnly'),
      copy(12288, 'swapped'),
      copy(16384 - 3, 'intoUnmapped'),
      'copy_to_user 8 buf 0 -> out',
      'copy_to_user 8 buf 8192 -> outReadOnly',
      'copy_to_user 8 buf 8188 -> outBorder',
      'clear_user 8 buf 8188 -> clear',
      'access_ok buf 8 16384 -> ok',
    ]);
    expect(logged).toEqual([
      ...['present=0', 'border=0', 'absent=0', 'readOnly=0', 'swapped=0', 'intoUnmapped=5'],
      ...['out=0', 'outReadOnly=8', 'outBorder=4', 'clear=8', 'ok=1'],
    ]);
  });

  it('sleeps for a page that is swapped out, fails without sleeping where faults are off', () => {
    const lines = [
      'copy_from_user_nofault 8 buf 12288 -> nofault',
      'pagefault_disable',
      '__copy_from_user_inatomic 8 buf 12288 -> inatomic',
      'copy_to_user_nofault 8 buf 4096 -> to',
      'pagefault_enable',
      'copy_from_user 8 buf 12288 -> sleeps',
      'copy_from_user_nofault 8 buf 12288 -> there',
    ];
    const [logged, { logged: events }] = steps(lines, { machine: ', costs: { page_in: 3ms }' });
    expect(logged).toEqual(['nofault=-14', 'inatomic=8', 'to=-14', 'sleeps=0', 'there=0']);
    expect(events[2]!.timeNs).toBeLessThan(1_000_000);
    expect(events[3]!.timeNs).toBeGreaterThanOrEqual(3_000_000);
  });

  it('puts and gets values, which the program sees and changes too', () => {
    const [logged, seen] = steps(
      [
        'put_user 42 buf 4 -> put',
        'get_user $v buf 4 -> got',
        'assert $v == 42',
        'put_user 1 buf 8192 -> readOnly',
        'get_user $w buf 16384 -> bad',
        'assert $w == 0',
        'writeMemory -7 buf 8',
        'readMemory buf 8 -> seen',
        'get_user $x buf 8 -> again',
        'assert $x == -7',
      ],
      { kind: 'user' },
    );
    expect(found(seen)).toEqual([]);
    expect(logged).toEqual(['put=0', 'got=0', 'readOnly=-14', 'bad=-14', 'seen=-7', 'again=0']);
  });

  it('measures and copies strings', () => {
    const [logged] = steps([
      'put_user 0 buf 8 -> end',
      'strncpy_from_user 64 buf 0 -> whole',
      'strncpy_from_user 4 buf 0 -> part',
      'strnlen_user 64 buf 0 -> size',
      'strncpy_from_user 64 buf 16382 -> bad',
      'strnlen_user 64 buf 16384 -> none',
    ]);
    expect(logged).toEqual(['end=0', 'whole=8', 'part=4', 'size=9', 'bad=-14', 'none=0']);
  });

  it('knows bad pointers by their address', () => {
    const pointer = (name: string, address: number): string =>
      `${name}: { type: user_memory, pages: [unmapped], address: ${address} }\n`;
    const [logged] = steps(
      ['access_ok null 8 -> a', 'access_ok kernel 8 -> b', 'copy_to_user 8 null -> c'],
      { objects: pointer('null', 0) + pointer('kernel', -4096) },
    );
    expect(logged).toEqual(['a=1', 'b=0', 'c=8']);
  });

  it('ends a program that touches a bad page, and a system call that dereferences one', () => {
    const [user, { result, csv }] = steps(['readMemory buf 16384 -> no'], { kind: 'user' });
    expect([user, result.findings]).toEqual([[], []]);
    expect(csv).toMatch(/sched_process_exit,u,11,/);
    const [kernel, seen] = steps(['dereference buf 0 -> no'], {});
    expect(kernel).toEqual([]);
    expect(found(seen)).toEqual([
      'bad-user-access: BUG: unable to handle page fault for address: 0000000010100000',
    ]);
    const [old] = steps(['dereference buf 0 -> yes'], { kernel: 'linux-2.6.32' });
    expect(old).toEqual([`yes=${FILLED}`]);
  });

  it('shows a value that changes between two fetches', () => {
    const [, seen] = steps(
      [
        'get_user $n buf',
        'delay 2ms',
        'get_user $m buf',
        `assert $n == ${FILLED} && $m == 5`,
        'log end',
      ],
      {
        more: `attacker:
  kind: user
  steps: [usleep 1000, writeMemory 5 buf]`,
        machine: ', preemption: full',
      },
    );
    expect([found(seen), seen.logged.map(({ label }) => label)]).toEqual([
      ['toctou: double fetch of buf+0 in u, changed by attacker'],
      ['end'],
    ]);
  });

  it('keeps private memory apart, and shared memory together', () => {
    const other = (memory: string): string => `other:
  kind: user
  steps: [usleep 1000, writeMemory 5 ${memory}]`;
    const objects = 'own: { type: user_memory, shared: false, fill: 0 }';
    const lines = (memory: string): string[] => [
      `readMemory ${memory} -> before`,
      'usleep 2000',
      `readMemory ${memory} -> after`,
    ];
    const read = (memory: string): string[] =>
      steps(lines(memory), { kind: 'user', objects, more: other(memory) })[0];
    expect(read('own')).toEqual(['before=0', 'after=0']);
    expect(read('buf')).toEqual([`before=${FILLED}`, 'after=5']);
  });

  it('refuses memory that cannot be where it should be, and buffers without bound', () => {
    const objects = 'high: { type: user_memory, address: -4096 }';
    expect(() => steps(['copy_from_user 8 high'], { objects })).toThrow(/high cannot be mapped/);
    expect(() => steps(['copy_from_user 99999999999 buf'])).toThrow(/at most 16777216 bytes/);
  });
});

describe('what may sleep', () => {
  const report = (where: string): string =>
    `sleep-in-atomic: BUG: sleeping function called from invalid context at ${where}`;

  it.each([
    ['copy_from_user', [report('lib/usercopy.c:14')]],
    ['copy_to_user 8 buf', [report('lib/usercopy.c')]],
    ['get_user $v buf', [report('the step')]],
    ['put_user 1 buf', [report('the step')]],
    ['clear_user 1 buf', [report('clear_user')]],
    ['strncpy_from_user 8 buf', [report('lib/strncpy_from_user.c')]],
    ['kmalloc 0', [report('include/linux/sched/mm.h:274')]],
    ['kmalloc GFP_KERNEL', [report('include/linux/sched/mm.h:274')]],
    ['kmalloc 1', []],
    ['kmalloc GFP_ATOMIC', []],
    ['copy_from_user_nofault', []],
    ['might_sleep', [report('the step')]],
    ['smp_mb', []],
  ])('%s under a spinlock', (word, findings) => {
    const [, seen] = steps(['spin_lock L', word, 'spin_unlock L']);
    const texts = found(seen).map((text) => text.replace(/scenario:\d+/, 'the step'));
    expect(texts).toEqual(findings);
    expect(
      found(steps(['mutex_lock M', word, 'mutex_unlock M'], { objects: 'M: mutex' })[1]),
    ).toEqual([]);
  });

  it('kmalloc gives memory, or none where a fault says so', () => {
    const lines = ['kmalloc 0 -> none', 'kmalloc GFP_ATOMIC -> got'];
    const faults = 'faults: [{ kind: alloc_fail, target: u, at: 1ns, count: 1 }]';
    expect(steps(['delay 1ms', ...lines], { faults })[0]).toEqual(['none=0', 'got=1']);
  });
});
