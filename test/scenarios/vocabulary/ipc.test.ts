/* Words for interprocess communication: what programs get, and what the checkers say. */
import { describe, expect, it } from 'vitest';
import { loadText } from '../../../scenarios/load/index.ts';
import { registry } from '../../../scenarios/registry.ts';
import { loadYaml, perform, type Performed } from '../run/perform.ts';

const run = (text: string, ...overrides: string[]): Performed =>
  perform(loadYaml(text, overrides), { keep: true });

/** The values of labelled steps, in order. */
function logged({ csv }: Performed, label: string): number[] {
  const row = new RegExp(`,log,${label},(-?\\d+),`);
  return csv.split('\n').flatMap((line) => {
    const match = row.exec(line);
    return match === null ? [] : [Number(match[1])];
  });
}

const shared = (add: string): string => `name: t
machine: { cpus: 2, costs: x86-2024 }
until: 10ms
objects: { S: shm }
actors:
  a:
    kind: user
    cpu: 0
    steps:
      - shmat S
      - { repeat: 50, do: [${add}] }
  b:
    kind: user
    cpu: 1
    steps:
      - shmat S
      - { repeat: 50, do: [${add}] }
      - usleep 1000
      - shmLoad S 0 -> sum
`;

describe('shared memory', () => {
  it('is a data race for processes that use it without an agreement', () => {
    const { result } = run(shared('shmLoad S 0 -> v, shmStore S 0 $v'));
    expect(result.findings.map(({ kind }) => kind)).toContain('data-race');
  });

  it('is none with atomic instructions, and nothing is lost', () => {
    const performed = run(
      shared('shmFetchAdd S 0 1').replace('shmLoad S 0 ->', 'shmFetchAdd S 0 0 ->'),
    );
    expect(performed.result.findings).toEqual([]);
    expect(logged(performed, 'sum')).toEqual([100]);
  });

  it('is not there before shmat, and gone after shmdt: SIGSEGV', () => {
    const performed = run(`name: t
objects: { S: shm }
actors:
  early: { kind: user, steps: [shmLoad S 0 -> v, log alive] }
  late:
    kind: user
    steps: [shmat S, shmLoad S 0 -> v, shmdt S -> gone, shmdt S -> again, shmLoad S 0]
`);
    expect(logged(performed, 'gone')).toEqual([0]);
    expect(logged(performed, 'again')).toEqual([-22]);
    expect(performed.csv).not.toContain('alive');
    expect(performed.csv.match(/signal_deliver,\w+,11/g)).toHaveLength(2);
  });

  it('is read by the kernel in the process that has it', () => {
    const performed = run(`name: t
objects: { S: shm }
actors:
  a:
    kind: user
    steps: [shmat S, shmStore S 8 77, get_user $v S 8 -> error, printkValue $v '%d']
`);
    expect(performed.result.console.map(({ text }) => text)).toEqual(["'77'"]);
  });
});

describe('what waits together', () => {
  it('is a pipe or a socket under select and poll, as any other file', () => {
    const performed = run(`name: t
until: 100ms
objects: { P: pipe }
actors:
  a:
    kind: user
    steps:
      - pipe $r $w P
      - poll $r 5ms -> nothing
      - poll $w 5ms POLLOUT -> room
      - poll $r -1ms -> data
      - read $r 10 -> bytes
      - socketpair $x $y
      - select $y 1ms -> empty
      - send $x 3
      - select $y 1ms -> full
  b: { kind: user, start: 20ms, steps: [pipe $r $w P, write $w 7] }
`);
    const values = ['nothing', 'room', 'data', 'bytes', 'empty', 'full'].map((l) =>
      logged(performed, l),
    );
    expect(values.flat()).toEqual([0, 4, 1, 7, 0, 1]);
  });
});

describe('operations of semop', () => {
  const set = (step: string): string => `name: t
until: 50ms
objects: { S: { type: sem_set, values: [1, 0] } }
actors:
  a:
    kind: user
    steps:
      - ${step}
      - semctl_getval S 0 -> first
      - semctl_getval S 1 -> second
`;

  it('happen all or none', () => {
    const done = run(set('semop S 0-1,1+3 -> result'));
    expect(['result', 'first', 'second'].map((l) => logged(done, l)[0])).toEqual([0, 0, 3]);
    const none = run(set('semop S 1+3,0-2 IPC_NOWAIT -> result'));
    expect(['result', 'first', 'second'].map((l) => logged(none, l)[0])).toEqual([-11, 1, 0]);
  });

  it('are an error with its place where they cannot be read', () => {
    expect(() => run(set('semop S 0-x'))).toThrow(
      "expected operations such as 0-1,1+2,2=0, got '0-x'",
    );
  });
});

describe('message queues', () => {
  it('carry a value, and a woken receiver has what the sender did before', () => {
    const performed = run(`name: t
machine: { cpus: 2 }
until: 50ms
vars: { data: 0 }
objects: { Q: msg_queue }
actors:
  a:
    kind: user
    cpu: 0
    steps: [msgrcv Q 100 0 MSG_NOERROR $v -> size, assert $v == 9, assert data == 5]
  b: { kind: user, cpu: 1, start: 5ms, steps: [data = 5, msgsnd Q 1 10 IPC_NOWAIT 9] }
`);
    expect(performed.result.findings).toEqual([]);
    expect(logged(performed, 'size')).toEqual([10]);
  });
});

it('an interrupt has no descriptors: words of programs are refused where it is loaded', () => {
  const result = loadText(
    't.yaml',
    'name: t\nactors: { i: { kind: irq, steps: [read 3 10] } }\n',
    registry,
  );
  if (!result.ok) throw new Error('not loaded');
  expect(() => perform(result.loaded)).toThrow("'read' is for user processes");
});
