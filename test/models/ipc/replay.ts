/*
 * Replays the recorded cases of test/conformance/ipc in the model: threads of one process that get
 * one call after the other, and what each has returned when all have ended or block.
 */
import { readFileSync } from 'node:fs';
import { SCHEDULE, type Code, type Context } from '../../../models/context.ts';
import type { OpenedFile } from '../../../models/fs/file.ts';
import { O_NONBLOCK } from '../../../models/fs/open.ts';
import { read, write } from '../../../models/fs/read_write.ts';
import { UserBuffer } from '../../../models/fs/uio.ts';
import { ipcEras } from '../../../models/ipc/era.ts';
import * as msg from '../../../models/ipc/msg.ts';
import { pipe2, pipeOf } from '../../../models/ipc/pipe.ts';
import * as posix from '../../../models/ipc/posix-sem.ts';
import * as sem from '../../../models/ipc/sem.ts';
import { IPC_NOWAIT } from '../../../models/ipc/util.ts';
import { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC } from '../../../models/net/netlink/uapi.ts';
import { SOCK_DGRAM, SOCK_STREAM } from '../../../models/net/unix/af_unix.ts';
import { MSG_WAITALL } from '../../../models/net/unix/data.ts';
import * as unix from '../../../models/net/unix/syscalls.ts';
import { waitForEnd } from '../../../models/sched/exit.ts';
import { TASK_INTERRUPTIBLE, type Task } from '../../../models/sched/task.ts';
import { wake_up_process } from '../../../models/sched/core.ts';
import { fileOf } from '../../../models/user/file.ts';
import { poll, pollEvents } from '../../../models/user/poll.ts';
import { signals } from '../../../models/signal/signal.ts';
import { signal, systemCall } from '../../../models/user/signals.ts';
import { pthread_create, spawnUser } from '../../../models/user/spawn.ts';
import { close } from '../../../models/user/unistd.ts';
import { Bench, ms } from '../user/bench.ts';

type Word = string | number | readonly (readonly [number, number, string])[] | readonly number[];
export type Step = readonly [actor: string, word: string, ...args: Word[]];

export interface RecordedCase {
  readonly name: string;
  readonly about: string;
  readonly steps: readonly Step[];
  /** For each step, who has ended a call in it, with what. */
  readonly ended: readonly (readonly [string, unknown])[][];
}

export function recordedCases(): RecordedCase[] {
  const url = new URL('../../conformance/ipc/recorded.json', import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: RecordedCase[] }).cases;
}

const flagNames: Readonly<Record<string, number>> = {
  IPC_NOWAIT,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SEM_UNDO: sem.SEM_UNDO,
  MSG_NOERROR: msg.MSG_NOERROR,
  MSG_EXCEPT: msg.MSG_EXCEPT,
};

function flags(text: unknown): number {
  const names = typeof text === 'string' && text !== '' ? text.split('|') : [];
  return names.reduce((sum, name) => sum | flagNames[name]!, 0);
}

interface Actor {
  readonly task: Task;
  todo: ((k: Context) => Code<unknown>) | null;
}

/** The recorder waits so long after each step. */
const SETTLE = 60 * ms;

export class Replay {
  private readonly bench = new Bench('linux-6.12');
  private readonly actors = new Map<string, Actor>();
  private readonly names = new Map<string, unknown>();
  private readonly ended: [string, unknown][] = [];

  run({ steps }: Pick<RecordedCase, 'steps'>): (readonly [string, unknown])[][] {
    const names = [...new Set(steps.map(([actor]) => actor))];
    this.bench.run('leader', (k) => this.lead(k, names));
    this.settle();
    return steps.map(([actor, word, ...args]) => {
      if (word === 'sleep') this.settle((args[0] as number) * ms);
      else this.give(this.actors.get(actor)!, word, args);
      this.settle();
      return this.ended.splice(0);
    });
  }

  private settle(ns = SETTLE): void {
    this.bench.until(this.bench.machine.sim.now + ns);
  }

  private give(actor: Actor, word: string, args: readonly Word[]): void {
    if (actor.todo !== null) throw new Error(`${actor.task.comm} is busy`);
    actor.todo = (k) => this.perform(k, word, args);
    wake_up_process(this.bench.machine.cpus[0]!, actor.task);
  }

  private *lead(k: Context, names: readonly string[]): Code {
    yield* signal(k, signals.SIGPIPE, 'ignore');
    for (const name of names) {
      const pid = yield* pthread_create(k, (on) => this.serve(on, name), { name });
      this.actors.set(name, { task: k.machine.tasks.get(pid)!, todo: null });
    }
    yield* idle(k, () => false);
  }

  private *serve(k: Context, name: string): Code<number> {
    for (;;) {
      const actor = this.actors.get(name);
      if (actor?.todo) {
        const result = yield* actor.todo(k);
        actor.todo = null;
        this.ended.push([name, result]);
      }
      yield* idle(k, () => this.actors.get(name)?.todo !== null && this.actors.has(name));
    }
  }

  private *perform(k: Context, word: string, args: readonly Word[]): Code<unknown> {
    const call = words[word];
    if (call === undefined) throw new Error(`no word ${word}`);
    return yield* call(k, this.names, args);
  }
}

/** Sleeps in a system call until there is something to do. */
function* idle(k: Context, wanted: () => boolean): Code<number> {
  return yield* systemCall(k, 'idle', function* () {
    while (!wanted()) {
      k.current.state = TASK_INTERRUPTIBLE;
      yield SCHEDULE;
    }
    return 0;
  });
}

type Names = Map<string, unknown>;
type Call = (k: Context, names: Names, args: readonly Word[]) => Code<unknown>;

const fdOf = (names: Names, name: Word | undefined): number => names.get(String(name)) as number;
const queueOf = (names: Names, name: Word | undefined) => names.get(String(name)) as msg.MsgQueue;
const setOf = (names: Names, name: Word | undefined) => names.get(String(name)) as sem.SemSet;
const posixOf = (names: Names, name: Word | undefined) => names.get(String(name)) as posix.PosixSem;
const n = (word: Word | undefined): number => word as number;
const kindOf = (word: Word | undefined): number =>
  word === 'SOCK_DGRAM' ? SOCK_DGRAM : SOCK_STREAM;

function setNonblock(k: Context, fd: number, on: boolean): void {
  const file = fileOf(k, fd) as OpenedFile & { f_flags: number };
  file.f_flags = on ? file.f_flags | O_NONBLOCK : file.f_flags & ~O_NONBLOCK;
}

const sops = (word: Word | undefined): sem.SemOp[] =>
  (word as [number, number, string][]).map(([num, op, how]) => ({ num, op, flags: flags(how) }));

function* simple(k: Context, body: (k: Context) => Code<unknown>): Code<unknown> {
  let result: unknown;
  yield* systemCall(k, 'call', function* (on) {
    result = yield* body(on);
    return typeof result === 'number' ? result : 0;
  });
  return result;
}

function named(set: (names: Names, args: readonly Word[], k: Context) => void): Call {
  return function* (k, names, args) {
    yield 0;
    set(names, args, k);
    return 0;
  };
}

/** A process of its own, which has the file behind `fd` as well; the number that it ends with. */
function* child(
  k: Context,
  fd: number | null,
  main: (k: Context, fd: number) => Code<number>,
): Code<number> {
  let own = -1;
  const task = spawnUser(k.machine, { name: 'child' }, (on) => main(on, own));
  if (fd !== null) own = task.process!.install((fileOf(k, fd) as OpenedFile).get());
  wake_up_process(k.cpu, task);
  yield* simple(k, function* (on) {
    yield* waitForEnd(on, task);
    return 0;
  });
  return task.exitCode;
}

const ipcWords: Readonly<Record<string, Call>> = {
  msgget: named((names, [name], k) =>
    names.set(String(name), new msg.MsgQueue(String(name), ipcEras[k.machine.era.name])),
  ),
  msgsnd: (k, names, [q, type, size, how]) =>
    simple(k, (on) =>
      msg.do_msgsnd(
        on,
        queueOf(names, q),
        { m_type: n(type), m_ts: n(size), value: 0 },
        flags(how),
      ),
    ),
  msgrcv: (k, names, [q, size, type, how]) =>
    simple(k, function* (on) {
      const got = yield* msg.do_msgrcv(on, queueOf(names, q), n(size), n(type), flags(how));
      return typeof got === 'number' ? got : [got.m_ts, got.m_type];
    }),
  msgstat: function* (_k, names, [q]) {
    yield 0;
    const { messages, cbytes, qbytes } = queueOf(names, q);
    return [messages.length, cbytes, qbytes];
  },
  msgqbytes: (k, names, [q, size]) =>
    simple(k, (on) => msg.msgctl_set(on, queueOf(names, q), n(size))),
  msgrm: (k, names, [q]) => simple(k, (on) => msg.freeque(on, queueOf(names, q))),
  semget: named((names, [name, values]) =>
    names.set(String(name), new sem.SemSet(String(name), values as number[])),
  ),
  semop: (k, names, [s, ops]) =>
    simple(k, (on) => sem.do_semtimedop(on, setOf(names, s), sops(ops), null)),
  semtimedop: (k, names, [s, ops, time]) =>
    simple(k, (on) => sem.do_semtimedop(on, setOf(names, s), sops(ops), n(time) * ms)),
  semval: (k, names, [s, i]) => simple(k, (on) => sem.semctl_getval(on, setOf(names, s), n(i))),
  semncnt: function* (_k, names, [s, i]) {
    yield 0;
    return sem.count_semcnt(setOf(names, s), n(i), false);
  },
  semzcnt: function* (_k, names, [s, i]) {
    yield 0;
    return sem.count_semcnt(setOf(names, s), n(i), true);
  },
  semset: (k, names, [s, i, value]) =>
    simple(k, (on) => sem.semctl_setval(on, setOf(names, s), n(i), n(value))),
  semrm: (k, names, [s]) => simple(k, (on) => sem.freeary(on, setOf(names, s))),
  child_semop: (k, names, [s, ops]) =>
    child(k, null, function* (on) {
      yield* simple(on, (inside) => sem.do_semtimedop(inside, setOf(names, s), sops(ops), null));
      return 0;
    }),
  sem_init: named((names, [name, value]) =>
    names.set(String(name), new posix.PosixSem(String(name), n(value))),
  ),
  sem_wait: (k, names, [s]) => posix.sem_wait(k, posixOf(names, s)),
  sem_trywait: (k, names, [s]) => posix.sem_trywait(k, posixOf(names, s)),
  sem_timedwait: (k, names, [s, time]) => posix.sem_timedwait(k, posixOf(names, s), n(time) * ms),
  sem_post: (k, names, [s]) => posix.sem_post(k, posixOf(names, s)),
  sem_getvalue: function* (_k, names, [s]) {
    yield 0;
    return posixOf(names, s).value;
  },
};

const fileWords: Readonly<Record<string, Call>> = {
  pipe: function* (k, names, [r, w]) {
    const ends = yield* pipe2(k, 0, null);
    names.set(String(r), ends.read).set(String(w), ends.write);
    return ends.error;
  },
  nonblock: named((names, [fd, on], k) => setNonblock(k, fdOf(names, fd), on === 1)),
  read: (k, names, [fd, size]) => read(k, fdOf(names, fd), new UserBuffer(n(size))),
  write: (k, names, [fd, size]) => write(k, fdOf(names, fd), new UserBuffer(n(size))),
  fill: function* (k, names, [fd, size]) {
    setNonblock(k, fdOf(names, fd), true);
    let calls = 0;
    let total = 0;
    for (;;) {
      const done = yield* write(k, fdOf(names, fd), new UserBuffer(n(size)));
      if (done < 0) break;
      total += done;
      calls++;
    }
    setNonblock(k, fdOf(names, fd), false);
    return [calls, total];
  },
  close: (k, names, [fd]) => close(k, fdOf(names, fd)),
  poll: function* (k, names, [fd]) {
    const events = pollEvents.POLLIN | pollEvents.POLLOUT;
    const entry = { fd: fdOf(names, fd), events, revents: 0 };
    yield* poll(k, [entry], 0);
    return entry.revents;
  },
  fionread: function* (k, names, [fd]) {
    yield 0;
    return pipeOf(k, fdOf(names, fd))!.length;
  },
  child_write: (k, names, [fd, size]) =>
    child(k, fdOf(names, fd), (on, own) => write(on, own, new UserBuffer(n(size)))),
};

const socketWords: Readonly<Record<string, Call>> = {
  socketpair: function* (k, names, [a, b, kind]) {
    const pair = yield* unix.socketpair(k, kindOf(kind));
    names.set(String(a), pair.first).set(String(b), pair.second);
    return pair.error;
  },
  socket: function* (k, names, [name, kind]) {
    names.set(String(name), yield* unix.socket(k, kindOf(kind)));
    return 0;
  },
  bind: (k, names, [s, name]) => unix.bind(k, fdOf(names, s), String(name)),
  listen: (k, names, [s, backlog]) => unix.listen(k, fdOf(names, s), n(backlog)),
  connect: (k, names, [s, name]) => unix.connect(k, fdOf(names, s), String(name)),
  accept: function* (k, names, [s, made]) {
    const fd = yield* unix.accept(k, fdOf(names, s));
    names.set(String(made), fd);
    return Math.min(fd, 0);
  },
  send: (k, names, [s, size, how]) =>
    unix.send(k, fdOf(names, s), new Uint8Array(n(size)), flags(how)),
  sendto: (k, names, [s, size, name, how]) =>
    unix.send(k, fdOf(names, s), new Uint8Array(n(size)), flags(how), String(name)),
  recv: (k, names, [s, size, how]) => unix.recv(k, fdOf(names, s), n(size), flags(how)),
  shutdown: (k, names, [s, how]) => unix.shutdown(k, fdOf(names, s), n(how)),
  setsockopt: (k, names, [s, name, value]) =>
    unix.setsockopt(k, fdOf(names, s), String(name), n(value)),
  getsockopt: (k, names, [s, name]) => unix.getsockopt(k, fdOf(names, s), String(name)),
};

const words: Readonly<Record<string, Call>> = { ...ipcWords, ...fileWords, ...socketWords };
