/* A driver's buffer in the memory of a process: the same bytes on both sides, races included. */
import { describe, expect, it } from 'vitest';
import { observe, type Observed } from '../run/scenario.ts';

interface Parts {
  readonly driver?: readonly string[];
  readonly program: readonly string[];
  readonly more?: string;
  readonly size?: number;
  readonly vars?: string;
}

/** A device /dev/d that maps `buf`, whose first ints are the variable v; the labelled steps. */
function run({
  driver = ['remap_pfn_range buf -> e', 'exit $e'],
  program,
  more = '',
  ...rest
}: Parts) {
  const { size = 8192, vars = '' } = rest;
  const list = (lines: readonly string[]) => lines.map((line) => `      - ${line}`).join('\n');
  const seen = observe(
    `
name: mapping
kernel: linux-6.1
machine: { cpus: 2 }
until: 1s
vars: { v: { length: 4 }, go: 0${vars} }
marked: [go]
objects:
  buf: { type: kernel_buffer, size: ${size}, ints: v }
  d: { type: chardev, mmap: map, unlocked_ioctl: control }
actors:
  map:
    kind: callback
    steps:
${list(driver)}
  control:
    kind: callback
    steps:
      - argument cmd -> cmd
      - argument arg -> arg
      - exit $cmd*100+$arg
  u:
    kind: user
    cpu: 1
    steps:
      - open /dev/d O_RDWR -> fd
${list(program)}
${more}
`,
    { keep: true },
  );
  const logged = seen.logged.filter(({ label }) => label !== 'fd' && label !== 'p');
  return [logged.map(({ label, result }) => `${label}=${result}`), seen] as const;
}

const found = ({ result }: Observed): string[] => result.findings.map(({ kind }) => kind);
const MAP = 'mmap 0 8192 PROT_READ|PROT_WRITE MAP_SHARED $fd -> p';

describe('a kernel buffer that a device maps', () => {
  it('is the same memory for the program and for the kernel, by name and by address', () => {
    const [logged, seen] = run({
      program: [
        MAP,
        'v[1] = 77',
        'readMemory $p+4 -> a',
        'writeMemory 0-5 $p 8',
        'atomic_fetch_add_explicit $p+12 3 -> old',
        '$x = v[2]',
        '$y = v[3]',
        'assert $x == -5 && $y == 3',
        'writeMemory 9 $p 8188',
        'readMemory $p+8188 -> last',
      ],
    });
    expect(found(seen)).toEqual([]);
    expect(logged).toContain('a=77');
    expect(logged.slice(-2)).toEqual(['old=0', 'last=9']);
  });

  it('is a race where neither side marks its access', () => {
    const more = `
  writer:
    kind: kthread
    cpu: 0
    steps:
      - while: go == 0
        do: [delay 1us]
      - v[0] = 1
`;
    const racy = run({ program: [MAP, 'go = 1', 'readMemory $p -> a'], more })[1];
    expect(found(racy)).toEqual(['data-race']);
    expect(racy.result.findings[0]!.objects).toEqual(['v[0]']);
    const marked = run({
      program: [MAP, 'go = 1', 'atomic_load_explicit $p -> a'],
      more: more.replace('v[0] = 1', 'WRITE_ONCE v[0] 1'),
    })[1];
    expect(found(marked)).toEqual([]);
  });

  it('is a page that is not there where the driver did not map it: SIGBUS', () => {
    const driver = ['vm_insert_page 1 buf 0 -> e', 'vm_insert_page 1 buf 1 -> busy', 'exit $e'];
    const [logged, seen] = run({
      driver,
      program: [MAP, 'writeMemory 6 $p+4096', 'log before', 'readMemory $p -> a', 'log after'],
    });
    expect(logged).toEqual(['e=0', 'busy=-16', 'before=NaN']);
    expect(seen.variable('v')).toBe(6);
  });

  it('shows what lies behind it where the driver does not look at the size', () => {
    expect(found(run({ size: 4096, program: [MAP] })[1])).toEqual(['out-of-bounds']);
    const [logged, seen] = run({
      size: 4096,
      driver: ['remap_vmalloc_range buf -> e', 'exit $e'],
      program: [MAP],
    });
    expect(found(seen)).toEqual([]);
    expect(logged).toEqual(['e=-22']);
  });

  it('begins at the page that the program asks for', () => {
    const map = 'mmap 0 4096 PROT_READ MAP_SHARED $fd 4096 -> q';
    const program = [MAP, 'writeMemory 3 $p+4096', map, 'readMemory $q -> a'];
    expect(run({ program })[0].at(-1)).toBe('a=3');
    const odd = ['mmap 0 4096 PROT_READ MAP_SHARED $fd 100 -> q'];
    expect(run({ program: odd })[0]).toEqual(['q=-22']);
  });

  it('is not written through a private mapping, nor through a file opened to read', () => {
    const program = [
      'mmap 0 4096 PROT_READ|PROT_WRITE MAP_PRIVATE $fd -> p',
      'writeMemory 4 $p',
      'readMemory $p -> own',
      'assert v[0] == 0',
      'open /dev/d O_RDONLY -> ro',
      'mmap 0 4096 PROT_READ|PROT_WRITE MAP_SHARED $ro -> denied',
      'mmap 0 4096 PROT_READ MAP_SHARED $ro -> reads',
      'mmap 0 4096 PROT_READ MAP_SHARED 77 -> bad',
    ];
    const [logged, seen] = run({ program });
    expect(found(seen)).toEqual([]);
    expect(logged).toContain('own=4');
    expect(logged).toContain('denied=-13');
    expect(logged.at(-1)).toBe('bad=-9');
  });

  it('is held by who maps its pages, but not by who maps its frames', () => {
    const steps = [MAP, 'vfree buf', 'readMemory $p -> a'];
    expect(found(run({ program: steps })[1])).toEqual(['use-after-free']);
    const driver = ['remap_vmalloc_range buf -> e', 'exit $e'];
    expect(found(run({ driver, program: steps })[1])).toEqual([]);
    expect(found(run({ driver, program: ['vfree buf', 'vfree buf'] })[1])).toEqual(['double-free']);
    expect(found(run({ program: ['vfree buf', 'v[1] = 2'] })[1])).toEqual(['use-after-free']);
    const copy = ['vfree buf', 'copy_from_user 4 0 0 buf'];
    expect(found(run({ program: copy })[1])).toEqual(['use-after-free']);
  });

  it('keeps the file open until it is unmapped, and is gone after that', () => {
    const [logged] = run({
      program: [
        MAP,
        'close $fd',
        'readMemory $p -> a',
        'munmap $p 8192 -> gone',
        'readMemory $p -> b',
      ],
    });
    expect(logged.slice(1)).toEqual(['a=0', 'gone=0']);
  });
});

describe('ioctl', () => {
  it('gives the driver the command and the argument, and the program what it returns', () => {
    const [logged] = run({ program: ['ioctl $fd 7 5 -> a', 'ioctl 99 7 -> b'] });
    expect(logged).toEqual(['cmd=7', 'arg=5', 'a=705', 'b=-9']);
  });
});
