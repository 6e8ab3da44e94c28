/* The article's procfs program and its repair, by version; cat, dd and echo on drivers. */
import { describe, expect, it } from 'vitest';
import { loadYaml, perform, performArticle } from '../run/perform.ts';

function ran(
  name: string,
  ...overrides: string[]
): {
  readonly findings: string[];
  readonly failed: string[];
  readonly figures: Record<string, number>;
  readonly log: string[];
} {
  const { result } = performArticle(name, overrides);
  const figures = result.metrics.map(
    ({ metric, object, value }) =>
      [object === '' ? metric : `${metric}(${object})`, value] as const,
  );
  return {
    findings: result.findings.map(({ kind, text }) => `${kind}: ${text}`),
    failed: result.checks.filter(({ passed }) => !passed).map(({ text }) => text),
    figures: Object.fromEntries(figures),
    log: result.console.map(({ text }) => text),
  };
}

describe("the article's example", () => {
  it.each([
    ['linux-2.4.27', 'Unable to handle kernel paging request at virtual address d0841000'],
    ['linux-2.6.24', 'BUG: unable to handle kernel paging request at virtual address d0841000'],
    ['linux-2.6.32', 'BUG: unable to handle kernel paging request at d0841000'],
  ])('dies of its first write (%s)', (kernel, oops) => {
    const { findings, failed, figures, log } = ran('procfs-example', `kernel=${kernel}`);
    expect(failed).toEqual([]);
    expect(findings).toContain(`bad-user-access: ${oops}`);
    expect(findings).toContain(
      'out-of-bounds: BUG: KASAN: out-of-bounds in memset: ' +
        'Write of size 4294967295 at kernel_buf+0, which has 128 bytes',
    );
    expect(log.at(-1)).toBe(oops);
    expect(figures['echo.written(echo)']).toBe(0);
  });

  it('has no API to use since 3.10', () => {
    expect(() => ran('procfs-example', 'kernel=linux-6.1')).toThrow(/no create_proc_entry since/);
  });

  it('warns on 6.x, and writes one byte before its buffer', () => {
    const { findings, failed } = ran('procfs-example-6x');
    expect(failed).toEqual([]);
    expect(findings).toEqual([
      'out-of-bounds: Buffer overflow detected (128 < 18446744073709551615)!',
      'out-of-bounds: BUG: KASAN: out-of-bounds in an assignment: ' +
        'Write of size 1 at kernel_buf-1, which has 128 bytes',
    ]);
  });

  it.each(['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32'])(
    'is right when repaired (%s)',
    (kernel) => {
      const { findings, failed } = ran('procfs-example-repaired', `kernel=${kernel}`);
      expect({ findings, failed }).toEqual({ findings: [], failed: [] });
    },
  );
});

describe('the three styles of read_proc', () => {
  it.each(['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32'])('are the same on %s', (kernel) => {
    expect(ran('procfs-read-styles', `kernel=${kernel}`).failed).toEqual([]);
    expect(ran('procfs-guesses', `kernel=${kernel}`).failed).toEqual([]);
  });

  it.each([1, 2, 3, 17, 100])('give the same to reads of %s bytes', (size) => {
    const { failed, figures } = ran('procfs-read-styles', `actors.dd2.with.bs=${size}`);
    expect(figures['dd.wrong(dd2)']).toBe(0);
    expect(failed.filter((text) => text !== 'dd.reads(dd2) == 5')).toEqual([]);
  });
});

describe('unloading a module whose file is read', () => {
  it('is waited for since 2.6.23', () => {
    expect(ran('procfs-unload')).toMatchObject({ findings: [], failed: [] });
  });

  it('leaves 2.4 in memory that is gone', () => {
    const { findings, log } = ran('procfs-unload', 'kernel=linux-2.4.27');
    expect(findings).toContain('use-after-free: BUG: KASAN: slab-use-after-free in inside');
    expect(log).toContain('remove_proc_entry: /proc/yzy_test busy, count=1');
  });
});

it('the control values act', () => {
  expect(ran('proc-sys').failed).toEqual([]);
});

it('directories have entries', () => {
  expect(ran('procfs-directories').failed).toEqual([]);
});

it('modes keep others out', () => {
  expect(ran('procfs-modes').failed).toEqual([]);
});

describe('an entry whose methods come one after the other', () => {
  const scenario = `
name: late
kernel: linux-2.6.24
objects:
  text: { type: char_array, size: 16, text: hello }
  one: { type: proc_dir_entry, exists: false, data: 3 }
  two: { type: proc_dir_entry, exists: false, proc_read: read }
actors:
  module:
    kind: sys
    steps:
      - create_proc_read_entry one read_proc -> made
      - assert $made == 1
      - create_proc_entry two
      - assignProcFops two
  read_proc:
    kind: callback
    steps:
      - readProcArguments $off $count $data
      - sprintfPageValue 0 $data data is %d -> n
      - setEof
      - exit $n
  read: { kind: callback, steps: [simple_read_from_buffer text 5 -> n, exit $n] }
  cat: { kind: user, start: 1ms, program: cat, with: { path: /proc/one, expected: data is 3 } }
  dd: { kind: user, start: 1ms, program: dd, with: { path: /proc/two, bs: 2, expected: hello } }
expect:
  that: [cat.wrong(cat) == 0, dd.wrong(dd) == 0]
`;

  it.each(['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32'])(
    'has them in the end (%s)',
    (kernel) => {
      const { result } = perform(loadYaml(scenario, [`kernel=${kernel}`]));
      expect(result.checks.filter(({ passed }) => !passed)).toEqual([]);
    },
  );
});
