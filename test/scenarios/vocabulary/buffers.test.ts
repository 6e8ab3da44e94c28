/* Memory of the kernel with bytes: copies from and to user space, strings, and their ends. */
import { describe, expect, it } from 'vitest';
import { observe, type Observed } from '../run/scenario.ts';

function run(steps: readonly string[], kernel = 'linux-6.1', kind = 'sys'): Observed {
  return observe(
    `
name: buffers
kernel: ${kernel}
machine: { cpus: 1 }
until: 1s
vars: { ints: [1, 2] }
objects:
  user: { type: user_memory, pages: [present, unmapped] }
  small: { type: kernel_buffer, size: 8, text: abc }
  array: { type: kernel_buffer, size: 8, array: true, text: abc }
  bound: { type: kernel_buffer, size: 16, ints: ints }
actors:
  u:
    kind: ${kind}
    steps:
${steps.map((line) => `      - ${line}`).join('\n')}
`,
    { keep: true },
  );
}

const logged = (seen: Observed): string[] =>
  seen.logged.map(({ label, result }) => `${label}=${result}`);
const found = ({ result }: Observed): string[] => result.findings.map(({ text }) => text);
const console = ({ result }: Observed): string[] => result.console.map(({ text }) => text);
/** The rows of an event, without their times. */
const rows = ({ csv }: Observed, event: string): string[] =>
  csv.split('\n').flatMap((row) => row.split(`,${event},`).slice(1));

describe('a string', () => {
  it('goes from the memory of a program to the kernel and back', () => {
    const seen = run([
      'storeText user a message\\n',
      'copy_from_user 11 user 0 bound',
      'printkBuffer bound the kernel got %s',
      'strcpyBuffer bound an answer',
      'copy_to_user 10 user 100 bound',
      'addressOf user 100 -> p',
      'printText $p the program got %s',
    ]);
    expect(found(seen)).toEqual([]);
    expect(console(seen)).toEqual(['the kernel got a message', 'the program got an answer']);
  });

  it.each([
    ['strlenBuffer small -> n', 3, []],
    ['strcpyBuffer small 1234567', NaN, []],
    ['strcpyBuffer small 12345678', NaN, ['strcpy: Write of size 9 at small+0, which has 8 bytes']],
    ['memsetBuffer small 120 9', NaN, ['memset: Write of size 9 at small+0, which has 8 bytes']],
  ])('%s', (step, length, texts) => {
    const seen = run([step]);
    if (!Number.isNaN(length)) expect(seen.logged[0]!.result).toBe(length);
    expect(found(seen)).toEqual(texts.map((text) => `BUG: KASAN: out-of-bounds in ${text}`));
  });

  it('without an end is read beyond its buffer', () => {
    const seen = run(['memsetBuffer small 120 8', 'printkBuffer small %s']);
    expect(found(seen)).toEqual([
      'BUG: KASAN: out-of-bounds in string: Read of size 1 at small+8, which has 8 bytes',
    ]);
    expect(console(seen)).toEqual(['xxxxxxxx']);
  });
});

describe('a copy that does not fit', () => {
  it('into an array is refused where the compiler knows the size, and leaves all', () => {
    const seen = run(['copy_from_user 9 user 0 array -> left', 'printkBuffer array %s']);
    expect(logged(seen)[0]).toBe('left=9');
    expect(found(seen)).toEqual(['Buffer overflow detected (8 < 9)!']);
    expect(console(seen)).toEqual(['Buffer overflow detected (8 < 9)!', 'abc']);
  });

  it('into an array of old kernels, or into what was allocated, is made', () => {
    for (const [name, kernel] of [
      ['array', 'linux-2.6.24'],
      ['small', 'linux-6.1'],
    ] as const) {
      const seen = run([`copy_from_user 9 user 0 ${name} -> left`], kernel);
      expect(logged(seen)).toEqual(['left=0']);
      expect(found(seen)).toEqual([
        `BUG: KASAN: out-of-bounds in copy_from_user: Write of size 9 at ${name}+0, ` +
          'which has 8 bytes',
      ]);
    }
  });

  it('of -1 bytes ends the task on old kernels, and is refused by new ones', () => {
    const old = run(['copy_from_user 0-1 user 0 array -> left', 'log after'], 'linux-2.6.24');
    expect(logged(old)).toEqual([]);
    expect(old.result.findings.map(({ kind }) => kind)).toEqual([
      'out-of-bounds',
      'bad-user-access',
    ]);
    const now = run(['copy_from_user 0-1 user 0 small -> left', 'log after']);
    expect(logged(now)).toEqual(['left=-1', 'after=NaN']);
    expect(found(now)).toEqual(['Buffer overflow detected (8 < 18446744073709551615)!']);
  });
});

describe('the ints of a buffer', () => {
  it('are the elements of a variable, whoever writes them', () => {
    const seen = run([
      'copy_from_user 6 user 0 bound -> left',
      '$a = ints[0]',
      '$b = ints[1]',
      `assert $a == ${0x75757575} && $b == ${0x7575}`,
      'ints[0] = 0-2',
      'copy_to_user 4 user 0 bound',
      'get_user $v user',
      'assert $v == -2',
    ]);
    expect(found(seen)).toEqual([]);
    expect(logged(seen)).toEqual(['left=0']);
  });
});

describe('the trace of a copy', () => {
  it('has the check, the parts of the loop, the fix-up and the zeroing, in this order', () => {
    const seen = run(['copy_from_user 16 user 4086 small'], 'linux-2.6.32');
    const steps = ['accessOk', 'page_fault_kernel', 'copyLoop', 'fixupException', 'zeroFill'];
    const at = steps.map((event) => seen.csv.indexOf(`,${event},`));
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at[0]).toBeGreaterThan(0);
    expect(rows(seen, 'accessOk')[0]).toMatch(/,1,size=16$/);
    expect(rows(seen, 'copyLoop')[0]).toMatch(/,8,insn=0$/);
    expect(rows(seen, 'fixupException')[0]).toMatch(/,8,insn=0 fixup=3$/);
    expect(rows(seen, 'zeroFill')).toEqual([',8,']);
  });

  it('shows no fix-up of a range that is not checked successfully', () => {
    const seen = run(['copy_from_user 16 0-4096 0 bound -> left'], 'linux-6.1');
    expect(logged(seen)).toEqual(['left=16']);
    expect(rows(seen, 'accessOk')[0]).toMatch(/,0,size=16$/);
    expect(rows(seen, 'fixupException')).toEqual([]);
  });
});
