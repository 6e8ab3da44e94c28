/*
 * Words for interprocess communication: the system calls of programs, and the kernel functions
 * behind them, which any context may try to call.
 */
import type { Code, Context } from '../../models/context.ts';
import { O_NONBLOCK } from '../../models/fs/open.ts';
import { IovIter, UserBuffer } from '../../models/fs/uio.ts';
import * as msg from '../../models/ipc/msg.ts';
import { pipe2, pipe_read, pipe_write, type Pipe } from '../../models/ipc/pipe.ts';
import * as posix from '../../models/ipc/posix-sem.ts';
import * as sem from '../../models/ipc/sem.ts';
import * as shm from '../../models/ipc/shm.ts';
import { IPC_NOWAIT } from '../../models/ipc/util.ts';
import { active_mm } from '../../models/mm/pagefault.ts';
import { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC } from '../../models/net/netlink/uapi.ts';
import { SOCK_DGRAM, SOCK_STREAM, type UnixSock } from '../../models/net/unix/af_unix.ts';
import { MSG_NOSIGNAL, MSG_WAITALL } from '../../models/net/unix/data.ts';
import * as unix from '../../models/net/unix/syscalls.ts';
import { systemCall } from '../../models/user/signals.ts';
import {
  duration,
  flags,
  int,
  op,
  optional,
  out,
  symbol,
  text,
  userMode,
  type Arg,
  type Op,
} from './define.ts';

const PIPE = 'fs/pipe.c';
const MSG = 'ipc/msg.c';
const SEM = 'ipc/sem.c';
const SHM = 'ipc/shm.c';
const FUTEX = 'kernel/futex/waitwake.c';
const UNIX = 'net/unix/af_unix.c';
const SOCKET = 'net/socket.c';

function object<T>(name: string, type: string): Arg<T> {
  return { name, kind: 'object', types: [type] };
}

const pipe = object<Pipe>('pipe', 'pipe');
const queue = object<msg.MsgQueue>('queue', 'msg_queue');
const semSet = object<sem.SemSet>('set', 'sem_set');
const posixSem = object<posix.PosixSem>('sem', 'posix_sem');
const segment = object<shm.ShmSegment>('shm', 'shm');
const kernelSocket = object<UnixSock>('sock', 'unix_socket');

const fd = int('fd');
const size = int('size');
const required = (name: string): Arg<(value: number) => void> => ({ name, kind: 'out' });
const nonblock = optional(flags('flags', { O_NONBLOCK }));
const messageFlags = optional(
  flags('flags', {
    MSG_PEEK,
    MSG_TRUNC,
    MSG_DONTWAIT,
    MSG_WAITALL,
    MSG_NOSIGNAL,
  }),
);

/** The bytes of a message: the value in front, as far as there is room for it. */
export function payload(bytes: number, value = 0): Uint8Array {
  const data = new Uint8Array(Math.max(0, bytes));
  for (let i = 0; i < Math.min(4, data.length); i++) data[i] = value >>> (8 * i);
  return data;
}

const pipeOps: readonly Op[] = [
  op(
    'pipe',
    [required('r'), required('w'), optional(pipe), nonblock],
    'int',
    'A new pipe, or the ends of one that the process has from its parent; sets two locals.',
    PIPE,
    function* (k, setRead, setWrite, of, how) {
      const ends = yield* pipe2(k, how ?? 0, of ?? null);
      setRead(ends.read);
      setWrite(ends.write);
      return ends.error;
    },
  ),
  op(
    'pipe2',
    [required('r'), required('w'), nonblock],
    'int',
    'A new pipe, whose ends may be O_NONBLOCK (since 2.6.27; before, fcntl() did that).',
    PIPE,
    function* (k, setRead, setWrite, how) {
      const ends = yield* pipe2(k, how ?? 0, null);
      setRead(ends.read);
      setWrite(ends.write);
      return ends.error;
    },
  ),
].map(userMode);

const kernelPipeOps: readonly Op[] = [
  op(
    'pipe_read',
    [pipe, size],
    'int',
    'What read() of a pipe does in the kernel.',
    PIPE,
    (k, p, n) => pipe_read(k, p, new IovIter(new UserBuffer(n), n), false),
  ),
  op('pipe_write', [pipe, size], 'int', 'And what write() does.', PIPE, (k, p, n) =>
    pipe_write(k, p, new IovIter(new UserBuffer(n), n), false),
  ),
];

const sendFlags = optional(flags('flags', { IPC_NOWAIT }));
const receiveFlags = optional(
  flags('flags', { IPC_NOWAIT, MSG_NOERROR: msg.MSG_NOERROR, MSG_EXCEPT: msg.MSG_EXCEPT }),
);
const value = optional(int('value'));

function* receive(
  k: Context,
  q: msg.MsgQueue,
  n: number,
  type: number,
  how: number,
  set: ((value: number) => void) | undefined,
): Code<number> {
  const got = yield* msg.do_msgrcv(k, q, n, type, how);
  if (typeof got === 'number') return got;
  set?.(got.value);
  return got.m_ts;
}

const msgArgs = [queue, int('type'), size, sendFlags, value] as const;
const rcvArgs = [queue, size, int('type'), receiveFlags, out('value')] as const;

const msgOps: readonly Op[] = [
  op(
    'msgsnd',
    msgArgs,
    'int',
    'Sends a message: 0; waits for room.',
    MSG,
    (k, q, type, n, how, v) =>
      systemCall(k, 'msgsnd', (on) =>
        msg.do_msgsnd(on, q, { m_type: type, m_ts: n, value: v ?? 0 }, how ?? 0),
      ),
  ),
  op(
    'msgrcv',
    rcvArgs,
    'int',
    'Takes a message of a type (0: any, < 0: the lowest up to it): its length.',
    MSG,
    (k, q, n, type, how, set) =>
      systemCall(k, 'msgrcv', (on) => receive(on, q, n, type, how ?? 0, set)),
  ),
  op('msgctl_rmid', [queue], 'int', 'Removes the queue: who waits gets -EIDRM.', MSG, (k, q) =>
    systemCall(k, 'msgctl', (on) => msg.freeque(on, q)),
  ),
  op('msgctl_set', [queue, int('qbytes')], 'int', 'Another msg_qbytes.', MSG, (k, q, n) =>
    systemCall(k, 'msgctl', (on) => msg.msgctl_set(on, q, n)),
  ),
].map(userMode);

const kernelMsgOps: readonly Op[] = [
  op('do_msgsnd', msgArgs, 'int', 'What msgsnd does in the kernel.', MSG, (k, q, type, n, how, v) =>
    msg.do_msgsnd(k, q, { m_type: type, m_ts: n, value: v ?? 0 }, how ?? 0),
  ),
  op(
    'do_msgrcv',
    rcvArgs,
    'int',
    'What msgrcv does in the kernel.',
    MSG,
    (k, q, n, type, how, set) => receive(k, q, n, type, how ?? 0, set),
  ),
];

const semFlags = optional(flags('flags', { IPC_NOWAIT, SEM_UNDO: sem.SEM_UNDO }));
const FORM = /^(\d+)(?:([+-]\d+)|=0)$/;

/** `0-1,2+3,1=0`: the semaphore's number and the operation. */
function sembufs(operations: string, how: number): sem.SemOp[] {
  return operations.split(/[,;]/).map((one) => {
    const [, num, change = '0'] = FORM.exec(one) ?? [];
    if (num !== undefined) return { num: Number(num), op: Number(change), flags: how };
    throw new RangeError(`expected operations such as 0-1,1+2,2=0, got '${operations}'`);
  });
}

const semopArgs = [semSet, text('operations'), semFlags] as const;
const num = int('num');

const semOps: readonly Op[] = [
  op(
    'semop',
    semopArgs,
    'int',
    'Operations such as `0-1`, `0-1,1+2`, `0=0` (wait for zero), all at once: 0.',
    SEM,
    (k, set, ops, how) =>
      systemCall(k, 'semop', (on) => sem.do_semtimedop(on, set, sembufs(ops, how ?? 0), null)),
  ),
  op(
    'semtimedop',
    [semSet, text('operations'), duration('timeout'), semFlags],
    'int',
    'As semop; -EAGAIN after the timeout.',
    SEM,
    (k, set, ops, timeout, how) =>
      systemCall(k, 'semtimedop', (on) =>
        sem.do_semtimedop(on, set, sembufs(ops, how ?? 0), timeout),
      ),
  ),
  op('semctl_getval', [semSet, num], 'int', 'The value.', SEM, (k, set, i) =>
    systemCall(k, 'semctl', (on) => sem.semctl_getval(on, set, i)),
  ),
  op('semctl_setval', [semSet, num, int('value')], 'int', 'Sets it.', SEM, (k, set, i, v) =>
    systemCall(k, 'semctl', (on) => sem.semctl_setval(on, set, i, v)),
  ),
  op('semctl_rmid', [semSet], 'int', 'Removes the set: who waits gets -EIDRM.', SEM, (k, set) =>
    systemCall(k, 'semctl', (on) => sem.freeary(on, set)),
  ),
  op('sem_wait', [posixSem], 'int', 'Takes one or sleeps: 0, -EINTR.', FUTEX, posix.sem_wait),
  op('sem_trywait', [posixSem], 'int', '0, or -EAGAIN.', FUTEX, posix.sem_trywait),
  op(
    'sem_timedwait',
    [posixSem, duration('timeout')],
    'int',
    '0, or -ETIMEDOUT.',
    FUTEX,
    (k, s, t) => posix.sem_timedwait(k, s, t),
  ),
  op('sem_post', [posixSem], 'int', 'Gives one back: 0.', FUTEX, posix.sem_post),
  op('sem_getvalue', [posixSem], 'int', 'The value.', FUTEX, (_k, s) => s.value),
].map(userMode);

const kernelSemOps: readonly Op[] = [
  op('do_semtimedop', semopArgs, 'int', 'What semop does in the kernel.', SEM, (k, set, ops, how) =>
    sem.do_semtimedop(k, set, sembufs(ops, how ?? 0), null),
  ),
];

const offset = int('offset');

const shmOps: readonly Op[] = [
  op(
    'shmat',
    [segment],
    'int',
    'Makes the segment part of the process: its address.',
    SHM,
    (k, s) =>
      systemCall(k, 'shmat', function* (on) {
        yield on.machine.costs.call;
        return s.map(active_mm(on)!);
      }),
  ),
  op('shmdt', [segment], 'int', 'Takes it away again: 0, or -EINVAL.', SHM, (k, s) =>
    systemCall(k, 'shmdt', function* (on) {
      yield on.machine.costs.call;
      return s.unmap(active_mm(on)!);
    }),
  ),
  op('shmLoad', [segment, offset], 'int', 'Reads an int of it.', SHM, shm.load),
  op('shmStore', [segment, offset, int('value')], 'void', 'Writes one.', SHM, shm.store),
  op(
    'shmFetchAdd',
    [segment, offset, int('by')],
    'int',
    'Adds to one in one atomic instruction: the value before.',
    SHM,
    shm.fetchAdd,
  ),
].map(userMode);

const unixType = optional(symbol('type', { SOCK_STREAM, SOCK_DGRAM }));

const unixOps: readonly Op[] = [
  op(
    'socketpair',
    [required('a'), required('b'), unixType, nonblock],
    'int',
    'Two connected UNIX sockets (SOCK_STREAM by default); sets two locals.',
    SOCKET,
    function* (k, setFirst, setSecond, type, how) {
      const pair = yield* unix.socketpair(k, type ?? SOCK_STREAM, how ?? 0);
      setFirst(pair.first);
      setSecond(pair.second);
      return pair.error;
    },
  ),
  op(
    'socketUnix',
    [required('fd'), unixType, nonblock],
    'int',
    'socket(AF_UNIX): opens one; sets the local to its descriptor.',
    SOCKET,
    function* (k, set, type, how) {
      const result = yield* unix.socket(k, type ?? SOCK_STREAM, how ?? 0);
      set(result);
      return result;
    },
  ),
  op('bindUnix', [fd, text('name')], 'int', 'bind() to an abstract name.', UNIX, unix.bind),
  op('connectUnix', [fd, text('name')], 'int', 'connect() to a name.', UNIX, unix.connect),
  op('listen', [fd, int('backlog')], 'int', 'Lets others connect.', UNIX, unix.listen),
  op(
    'accept',
    [fd, required('conn')],
    'int',
    'Waits for a connection; sets the local to its descriptor.',
    UNIX,
    function* (k, s, set) {
      const result = yield* unix.accept(k, s);
      set(result);
      return result;
    },
  ),
  op(
    'sendtoUnix',
    [fd, size, text('name'), messageFlags],
    'int',
    'sendto() of a datagram to a name.',
    UNIX,
    (k, s, n, name, how) => unix.send(k, s, payload(n), how ?? 0, name),
  ),
].map(userMode);

const kernelSocketOps: readonly Op[] = [
  op(
    'kernel_recvmsg',
    [kernelSocket, size, messageFlags],
    'int',
    'Receives a datagram: its length.',
    SOCKET,
    (k, sk, n, how) => unix.sock_recvmsg(k, sk, n, how ?? 0),
  ),
  op(
    'kernel_sendmsg',
    [kernelSocket, size, text('name'), messageFlags],
    'int',
    'Sends a datagram to a name.',
    SOCKET,
    (k, sk, n, name, how) => unix.sock_sendmsg(k, sk, payload(n), how ?? 0, name),
  ),
];

export const ipcOps: readonly Op[] = [
  ...pipeOps,
  ...kernelPipeOps,
  ...msgOps,
  ...kernelMsgOps,
  ...semOps,
  ...kernelSemOps,
  ...shmOps,
  ...unixOps,
  ...kernelSocketOps,
];
