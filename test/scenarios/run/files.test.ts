/* Scenarios with devices and files of records: drivers in steps, programs that read, handlers. */
import { describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { loadFile } from '../../../scenarios/load/index.ts';
import { registry } from '../../../scenarios/registry.ts';
import { loadYaml, parseTrace, perform } from './perform.ts';

/** The results of labelled steps, in order, as `label=value`. */
function logOf(text: string): string[] {
  const { csv, result } = perform(loadYaml(text), { keep: true });
  expect(result.findings).toEqual([]);
  return parseTrace(csv)
    .filter(({ event }) => event === 'log')
    .map(({ object, value }) => `${object}=${value}`);
}

const head = 'name: s\nkernel: linux-6.1\nmachine: { costs: ideal }\nuntil: 1s\n';

describe('a device in steps', () => {
  it('copies to who reads and from who writes, as far as they go', () => {
    const log = logOf(`${head}
objects: { echo: { type: chardev, read: rd, write: wr, release: bye } }
vars: { held: 0 }
actors:
  rd:
    kind: callback
    steps: [iov_iter_count -> wanted, copy_to_iter held -> gave, held = held - $gave, exit $gave]
  wr:
    kind: callback
    steps: [copy_from_iter 100 -> took, held = held + $took, exit $took]
  bye: { kind: callback, steps: [log bye] }
  usr:
    kind: user
    steps:
      - open /dev/echo O_RDWR -> fd
      - write $fd 130 -> wrote
      - read $fd 60 -> first
      - read $fd 60 -> second
      - read $fd 0 -> none
      - close $fd
`);
    expect(log).toEqual([
      'fd=3',
      'took=100',
      'wrote=100',
      'wanted=60',
      'gave=60',
      'first=60',
      'wanted=60',
      'gave=40',
      'second=40',
      'wanted=0',
      'gave=0',
      'none=0',
      'bye=undefined',
    ]);
  });

  it('copies to and from the memory of the program, as far as that can be accessed', () => {
    const log = logOf(`${head}
objects:
  echo: { type: chardev, read: rd, write: wr }
  two: { type: user_memory, pages: [absent, unmapped] }
actors:
  rd:
    kind: callback
    steps: [copy_to_iter 3 -> gave, copy_to_iter 100 -> more, exit $gave+$more]
  wr:
    kind: callback
    steps: [argument count -> count, copy_from_iter 100 -> took, exit $took]
  usr:
    kind: user
    steps:
      - open /dev/echo O_RDWR -> fd
      - write $fd 10 two -> wrote
      - read $fd 60 two -> all
      - readMemory two 56 -> last
      - addressOf two 4090 -> p
      - read $fd 60 $p -> part
      - write $fd 60 $p -> some
      - write $fd 60 8 -> none
`);
    const values = Object.fromEntries(log.map((line) => line.split('=')));
    const { wrote, all, last, part, some, none } = values;
    expect([wrote, all, last, part, some, none]).toEqual([
      '10',
      '60',
      String(0x6b6b6b6b),
      '6',
      '6',
      '0',
    ]);
  });

  it('is polled on its queue', () => {
    const log = logOf(`${head}
objects: { q: wait_queue_head, d: { type: chardev, queue: q, readable: ready } }
vars: { ready: 0 }
actors:
  irq: { kind: irq, arrivals: { at: [5ms] }, steps: [ready = 1, wake_up_interruptible q] }
  usr: { kind: user, steps: [open /dev/d -> fd, poll $fd 2ms -> early, poll $fd 1s -> late] }
`);
    expect(log).toEqual(['fd=3', 'early=0', 'late=1']);
  });

  it('its words are for its methods, and its memory for read and write', () => {
    const wrong = (steps: string, more = ''): string => `${head}
objects: { d: { type: chardev, open: op } }
actors:
  op: { kind: callback, steps: [${more}exit 0] }
  usr: { kind: user, steps: [${steps}] }
`;
    const oops = (text: string): string[] =>
      perform(loadYaml(text)).result.findings.map(({ text }) => text);
    const found = (where: string): string[] => [`BUG: kernel NULL pointer dereference in ${where}`];
    expect(oops(wrong('copy_to_iter 3'))).toEqual(found('copy_to_iter'));
    expect(oops(wrong('open /dev/d', 'iov_iter_count, '))).toEqual(found('iov_iter_count'));
    expect(oops(wrong('nonblocking'))).toEqual(found('a method without a file'));
    expect(oops(wrong('open /dev/d', 'nonblocking, '))).toEqual([]);
  });

  it('names of actors, variables and queues are checked', () => {
    const object = (fields: string): string => `${head}
objects: { m: mutex, d: { type: chardev, ${fields} } }
vars: { v: 0 }
actors: { usr: { kind: user, steps: [open /dev/d -> fd, read $fd 1] } }
`;
    expect(() => logOf(object('read: gone'))).toThrow("'gone' is no actor of kind callback");
    expect(() => logOf(object('readable: x'))).toThrow("objects.d.readable: no variable 'x'");
    expect(() => logOf(object('readable: v, queue: m'))).toThrow("no wait_queue_head 'm'");
  });
});

describe('a file of records', () => {
  it('is read, sought and grows with a variable', () => {
    const log = logOf(`${head}
objects:
  fixed: { type: seq_file, records: 3, record_bytes: 10 }
  grows: { type: seq_file, records: n }
vars: { n: 2 }
actors:
  usr:
    kind: user
    steps:
      - open /proc/fixed -> fd
      - read $fd 15 -> part
      - pread $fd 100 25 -> tail
      - lseek $fd 10 SEEK_SET -> at
      - read $fd 100 -> rest
      - write $fd 1 -> refused
      - open /proc/grows -> fd2
      - read $fd2 100 -> two
      - n = 5
      - read $fd2 100 -> three
      - open /proc/gone -> gone
`);
    expect(log).toEqual(
      'fd=3 part=15 tail=5 at=10 rest=20 refused=-9 fd2=4 two=40 three=60 gone=-2'.split(' '),
    );
  });
});

describe('a handler in steps', () => {
  it('runs in user mode, where it may make system calls and wake others', () => {
    const text = `${head}
objects: { q: wait_queue_head }
vars: { go: 0 }
actors:
  on_usr1:
    kind: handler
    steps: [usleep 100 -> slept, go = 1, wake_up_interruptible q, printf caught]
  usr:
    kind: user
    steps: [sigaction SIGUSR1 on_usr1, pause -> paused]
  waiter: { kind: kthread, steps: [wait_event_interruptible q go > 0 -> woken] }
faults: [{ kind: signal, at: 10ms, target: usr, signal: SIGUSR1 }]
`;
    expect(logOf(text)).toEqual(['slept=0', 'woken=0', 'paused=-4']);
    const { result } = perform(loadYaml(text));
    expect(result.console.map(({ from, text: line }) => `${from}: ${line}`)).toEqual([
      'usr: caught',
    ]);
  });

  it('is an actor of kind handler', () => {
    const text = `${head}
actors: { usr: { kind: user, steps: [sigaction SIGUSR1 self] } }
`;
    expect(() => logOf(text)).toThrow('a handler is an actor of kind handler');
  });
});

describe('the shipped scenario char-read', () => {
  it('keeps what it expects', () => {
    const path = '../../../scenarios/drivers/char-read.yaml';
    const loaded = loadFile(fileURLToPath(new URL(path, import.meta.url)), registry);
    if (!loaded.ok) throw new Error('it does not load');
    const { result } = perform(loaded.loaded);
    expect(result.checks.length).toBeGreaterThan(2);
    expect(result.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(result.findings).toEqual([]);
  });
});
