/* Modules and the socket options that they register, by version. */
import { describe, expect, it } from 'vitest';
import { observe, type Observed } from '../run/scenario.ts';

interface Options {
  readonly kernel?: string;
  readonly owner?: boolean;
  readonly init?: string;
}

/** A module m with options 100 to 109; its handlers sleep 10 ms. Two programs: their steps. */
function run(
  first: readonly string[],
  second: readonly string[],
  { kernel = 'linux-6.1', owner = true, init = 'nf_register_sockopt ops -> r' }: Options = {},
): Observed {
  const list = (lines: readonly string[]) => lines.map((line) => `      - ${line}`).join('\n');
  return observe(
    `
name: modules
kernel: ${kernel}
machine: { cpus: 2, hz: 1000 }
until: 1s
objects:
  m: { type: module, init: init, exit: fini, text: [set, get] }
  ops:
    type: nf_sockopt_ops
    set_optmin: 100
    set_optmax: 110
    set: set
    get_optmin: 105
    get_optmax: 106
    get: get
${owner ? '    owner: m' : ''}
  more: { type: nf_sockopt_ops, set_optmin: 109, set_optmax: 111, set: set }
  apart: { type: nf_sockopt_ops, get_optmin: 107, get_optmax: 109, get: get }
  at: { type: user_memory, fill: 0 }
actors:
  init: { kind: callback, steps: [${init}, exit $r] }
  fini: { kind: callback, steps: [nf_unregister_sockopt ops, log unregistered] }
  set:
    kind: callback
    steps: [argument optval -> optval, argument len -> len, msleep 10, log left, exit $len]
  get:
    kind: callback
    steps: [argument len -> room, setArgument len $room+1]
  a:
    kind: user
    cpu: 0
    steps:
${list(first)}
  b:
    kind: user
    cpu: 1
    start: 5ms
    steps:
${list(second)}
`,
    { keep: true },
  );
}

const found = ({ result }: Observed): string[] => result.findings.map(({ kind }) => kind);
const results = (seen: Observed, ...labels: string[]): number[] =>
  labels.map((label) => seen.logged.find((one) => one.label === label)?.result ?? NaN);
const order = (seen: Observed, ...labels: string[]): string[] =>
  seen.logged.map(({ label }) => label).filter((label) => labels.includes(label));

const SET = ['inetSocket -> fd', 'ip_setsockopt $fd 104 at 7 -> set'];

describe('the options of netfilter', () => {
  it('are handled in the process, by ranges that end before their maximum', () => {
    const seen = run(
      [
        'init_module m -> loaded',
        ...SET,
        'ip_setsockopt $fd 110 at 7 -> beyond',
        'writeMemory 40 at 8',
        'addressOf at 8 -> p',
        'ip_getsockopt $fd 105 at $p -> got',
        'ip_getsockopt $fd 104 at $p -> other',
        'readMemory at 8 -> now',
        'ip_setsockopt $fd 104 at 0-1 -> negative',
        'ip_setsockopt 99 104 at 7 -> nofile',
      ],
      ['log nothing'],
    );
    expect(found(seen)).toEqual([]);
    expect(results(seen, 'loaded', 'set', 'optval', 'beyond')).toEqual([0, 7, 104, -92]);
    expect(results(seen, 'got', 'other', 'now', 'negative', 'nofile')).toEqual([
      0, -92, 41, -22, -9,
    ]);
  });

  it('cannot be registered where others have one of the numbers', () => {
    const seen = run(
      [
        'nf_register_sockopt ops -> one',
        'nf_register_sockopt more -> two',
        'nf_register_sockopt apart -> three',
        'nf_unregister_sockopt ops',
        'nf_register_sockopt more -> four',
      ],
      ['log nothing'],
    );
    expect(results(seen, 'one', 'two', 'three', 'four')).toEqual([0, -16, 0, 0]);
  });

  it('that were never registered cannot be taken back', () => {
    expect(found(run(['nf_unregister_sockopt ops'], ['log nothing']))).toEqual(['use-before-init']);
  });
});

describe('a module with a call inside', () => {
  const busy = ['init_module m -> loaded', ...SET];

  it.each([
    ['linux-2.4.27', ['left', 'unregistered', 'gone'], 0],
    ['linux-2.6.24', ['gone', 'left'], -11],
    ['linux-6.1', ['gone', 'left'], -11],
  ])('%s', (kernel, labels, gone) => {
    const seen = run(busy, ['delete_module m O_NONBLOCK -> gone'], { kernel });
    expect(order(seen, 'left', 'unregistered', 'gone')).toEqual(labels);
    expect(results(seen, 'gone', 'set')).toEqual([gone, 7]);
    expect(found(seen)).toEqual([]);
  });

  it('on 2.6 is waited for where rmmod may wait, and takes no new users meanwhile', () => {
    const seen = run([...busy, 'ip_setsockopt $fd 104 at 7 -> late'], ['delete_module m -> gone'], {
      kernel: 'linux-2.6.32',
    });
    expect(order(seen, 'left', 'unregistered', 'gone')).toEqual(['left', 'unregistered', 'gone']);
    expect(results(seen, 'set', 'late', 'gone')).toEqual([7, -92, 0]);
    expect(found(seen)).toEqual([]);
  });

  it('without an owner is unloaded under it', () => {
    const seen = run(busy, ['delete_module m O_NONBLOCK -> gone'], { owner: false });
    expect(results(seen, 'gone')).toEqual([0]);
    expect(new Set(found(seen))).toEqual(new Set(['use-after-free']));
    expect(order(seen, 'set')).toEqual([]);
  });
});

describe('a module', () => {
  it('is loaded once, unloaded once, and may be loaded again', () => {
    const seen = run(
      [
        'init_module m -> one',
        'init_module m -> two',
        'delete_module m -> three',
        'delete_module m -> four',
        'init_module m -> five',
      ],
      ['log nothing'],
    );
    expect(results(seen, 'one', 'two', 'three', 'four', 'five')).toEqual([0, -17, 0, -2, 0]);
  });

  it('is not there if its init function fails', () => {
    const seen = run(['init_module m -> one', 'delete_module m -> two'], ['log nothing'], {
      init: '$r = 0-12',
    });
    expect(results(seen, 'one', 'two')).toEqual([-12, -2]);
  });

  it.each([
    ['linux-2.4.27', -16],
    ['linux-2.6.32', -11],
    ['linux-6.12', -11],
  ])('with a reference stays: %s', (kernel, error) => {
    const seen = run(
      [
        'init_module m -> loaded',
        'try_module_get m -> got',
        'module_refcount m -> users',
        'delete_module m O_NONBLOCK -> busy',
        'module_put m',
        'delete_module m O_NONBLOCK -> gone',
        'try_module_get m -> late',
      ],
      ['log nothing'],
      { kernel },
    );
    expect(results(seen, 'got', 'users', 'busy', 'gone', 'late')).toEqual([1, 1, error, 0, 0]);
  });

  it('reports a reference that is given back twice', () => {
    const seen = run(['init_module m -> one', 'module_put m'], ['log nothing']);
    expect(found(seen)).toEqual(['refcount-underflow']);
  });
});

describe('the module of a driver', () => {
  const device = (owner: string): Observed =>
    observe(
      `
name: driver
kernel: linux-6.1
machine: { cpus: 1 }
until: 1s
objects:
  m: { type: module, init: init, exit: fini, text: [rd] }
  d: { type: chardev, read: rd, registered: false${owner} }
actors:
  init: { kind: callback, steps: [register_chrdev d -> r, exit $r] }
  fini: { kind: callback, steps: [unregister_chrdev d] }
  rd: { kind: callback, steps: [exit 0] }
  a:
    kind: user
    steps:
      - open /dev/d -> early
      - init_module m -> loaded
      - register_chrdev d -> twice
      - open /dev/d -> fd
      - delete_module m O_NONBLOCK -> first
      - read $fd 5 -> got
      - close $fd
      - delete_module m O_NONBLOCK -> second
      - open /dev/d -> late
`,
      { keep: true },
    );

  it('is held by every open file', () => {
    const seen = device(', owner: m');
    expect(found(seen)).toEqual([]);
    const labels = ['early', 'twice', 'fd', 'first', 'got', 'second', 'late'] as const;
    expect(results(seen, ...labels)).toEqual([-2, -16, 3, -11, 0, 0, -2]);
  });

  it('is gone under an open file where nobody named it as the owner', () => {
    const seen = device('');
    expect(results(seen, 'first')).toEqual([0]);
    expect(new Set(found(seen))).toEqual(new Set(['use-after-free']));
  });
});
