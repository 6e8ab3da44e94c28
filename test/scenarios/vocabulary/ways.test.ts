/* System calls of a scenario's own, attributes of sysfs, probes. */
import { describe, expect, it } from 'vitest';
import { observe, type Observed } from '../run/scenario.ts';

interface Parts {
  readonly objects?: string;
  readonly callbacks?: string;
  readonly programs: Readonly<Record<string, readonly string[]>>;
  readonly kernel?: string;
  readonly preemption?: string;
}

function run({ objects = '{}', callbacks = '', programs, ...rest }: Parts): Observed {
  const { kernel = 'linux-6.1', preemption = 'none' } = rest;
  const actors = Object.entries(programs).map(
    ([name, lines], i) => `  ${name}:
    kind: user
    cpu: ${i}
    start: ${i * 5}ms
    steps:
${lines.map((line) => `      - ${line}`).join('\n')}`,
  );
  return observe(
    `
name: ways
kernel: ${kernel}
machine: { cpus: 2, hz: 1000, preemption: ${preemption} }
until: 1s
vars: { n: 0, order: 0 }
objects: ${objects}
actors:
${callbacks}
${actors.join('\n')}
`,
    { keep: true },
  );
}

const found = ({ result }: Observed): string[] => result.findings.map(({ kind }) => kind);
const logged = (seen: Observed): string[] =>
  seen.logged.map(({ label, result }) => `${label}=${result}`);

describe('a system call of the scenario', () => {
  it('gets its arguments in kernel mode, and returns what the function exits with', () => {
    const seen = run({
      callbacks: '  f: { kind: callback, steps: [argument arg1 -> b, exit $b+1] }',
      programs: { a: ['syscall f 3 4 -> one', 'syscall f -> two'] },
    });
    expect(logged(seen)).toEqual(['b=4', 'one=5', 'b=0', 'two=1']);
    expect(seen.csv).toMatch(/,kernel,2,a,[^,]*,log,b,4/);
  });

  it('has no arguments that it was not called with', () => {
    const callbacks = '  f: { kind: callback, steps: [argument arg7 -> b] }';
    expect(found(run({ callbacks, programs: { a: ['syscall f'] } }))).toEqual(['use-before-init']);
  });
});

describe('an attribute of sysfs', () => {
  const objects = '{ x: { type: attribute, show: show, store: store } }';
  const callbacks = (show: string) => `
  show: { kind: callback, steps: [n = n + 1, ${show}] }
  store: { kind: callback, steps: [argument count -> count, exit $count] }`;

  it('is printed once for each time it is read from the beginning', () => {
    const programs = {
      a: [
        'sysfs_create_file x -> made',
        'open /sys/x O_RDWR -> fd',
        'read $fd 3 -> one',
        'read $fd 100 -> two',
        'read $fd 100 -> end',
        'pread $fd 100 0 -> again',
        'write $fd 9999 -> wrote',
        'sysfs_create_file x -> twice',
      ],
    };
    const seen = run({
      objects,
      callbacks: callbacks('sysfs_emit 123 number %d\\n -> len, exit $len'),
      programs,
    });
    expect(logged(seen).filter((text) => !text.startsWith('len'))).toEqual([
      'made=0',
      'fd=3',
      'one=3',
      'two=8',
      'end=0',
      'again=11',
      'count=4095',
      'wrote=4095',
      'twice=-17',
    ]);
    expect(seen.variable('n')).toBe(2);
  });

  it('cannot be longer than a page', () => {
    const programs = { a: ['sysfs_create_file x', 'open /sys/x -> fd', 'read $fd 9999 -> got'] };
    const seen = run({ objects, callbacks: callbacks('exit 5000'), programs });
    expect(logged(seen).at(-1)).toBe('got=4095');
    expect(seen.result.console.map(({ text }) => text)).toEqual([
      'fill_read_buffer: x_show returned bad count',
    ]);
    const old = run({
      objects,
      callbacks: callbacks('exit 5000'),
      programs,
      kernel: 'linux-2.6.24',
    });
    expect(found(old)).toEqual(['out-of-bounds']);
  });

  it('is removed when its methods have ended, and not from inside of one', () => {
    const show = callbacks('msleep 20, log shown, exit 1');
    const programs = {
      a: ['sysfs_create_file x', 'open /sys/x -> fd', 'read $fd 9 -> got', 'pread $fd 9 0 -> gone'],
      b: ['sysfs_remove_file x', 'log removed', 'open /sys/x -> none'],
    };
    const seen = run({ objects, callbacks: show, programs });
    expect(logged(seen).slice(1)).toEqual([
      'shown=NaN',
      'got=1',
      'gone=-19',
      'removed=NaN',
      'none=-2',
    ]);
    const inside = run({
      objects,
      callbacks: callbacks('sysfs_remove_file x, exit 1'),
      programs: { a: programs.a },
    });
    expect(found(inside)).toEqual(['hang']);
  });
});

describe('a probe', () => {
  const callbacks = `
  f: { kind: callback, steps: [order = order * 10 + 3, exit 6] }
  pre: { kind: callback, steps: [order = order * 10 + 1, argument arg0 -> arg0] }
  post: { kind: callback, steps: [order = order * 10 + 2] }
  after: { kind: callback, steps: [order = order * 10 + 4, argument retval -> retval] }`;
  const objects = `
  k: { type: kprobe, symbol: f, pre_handler: pre, post_handler: post }
  r: { type: kretprobe, symbol: f, handler: after }`;
  const program = ['register_kprobe k -> a', 'register_kretprobe r -> b', 'syscall f 5 -> c'];

  it('runs its handlers around the function, with interrupts and preemption off', () => {
    const seen = run({ objects, callbacks, programs: { a: program } });
    expect(logged(seen)).toEqual(['a=0', 'b=0', 'arg0=5', 'retval=6', 'c=6']);
    expect(seen.variable('order')).toBe(1234);
    expect(seen.csv).toMatch(/,kernel,2,a,d\.\.1\.,log,arg0,5/);
  });

  it('is registered once, and gone when it has been unregistered', () => {
    const programs = {
      a: [...program, 'register_kprobe k -> twice', 'unregister_kprobe k', 'syscall f 1'],
    };
    const seen = run({ objects, callbacks, programs });
    expect(logged(seen)).toContain('twice=-16');
    expect(seen.variable('order')).toBe(123434);
  });

  it('must not sleep in a handler', () => {
    const asleep = callbacks.replace('order = order * 10 + 1', 'msleep 1');
    const programs = { a: ['register_kprobe k', 'syscall f 5'] };
    const seen = run({ objects, callbacks: asleep, programs, preemption: 'full' });
    expect(found(seen)).toContain('sleep-in-atomic');
  });

  it('is missed where a handler runs already', () => {
    const nested = `${callbacks}
  g: { kind: callback, steps: [exit 0] }`.replace(
      'order = order * 10 + 2',
      'copy_from_user_nofault 4 -> inner',
    );
    const more = `${objects}
  i: { type: kprobe, symbol: copy_from_user_nofault, pre_handler: pre }`;
    const programs = { a: ['register_kprobe i', 'register_kprobe k', 'syscall f 5'] };
    const seen = run({ objects: more, callbacks: nested, programs });
    expect(logged(seen)).toEqual(['arg0=5', 'inner=0']);
  });

  it('of a kind that the kernel does not have is refused', () => {
    const jprobe = '{ j: { type: jprobe, symbol: f, entry: pre } }';
    const programs = { a: ['register_jprobe j -> a', 'syscall f 9'] };
    expect(logged(run({ objects: jprobe, callbacks, programs, kernel: 'linux-2.6.32' }))).toEqual([
      'a=0',
      'arg0=9',
    ]);
    expect(() => run({ objects: jprobe, callbacks, programs })).toThrow('linux-6.1 has no jprobe');
    expect(() =>
      run({ objects, callbacks, programs: { a: ['log x'] }, kernel: 'linux-2.4.27' }),
    ).toThrow('linux-2.4.27 has no kprobe');
  });
});
