/*
 * Words of user programs: sockets, waiting for them, time, signals, output. They return what the
 * system call returns, errors as negative numbers.
 */
import type { Code, Context } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import { encodeNlmsghdr, NLM_F_REQUEST, NLMSG_HDRLEN } from '../../models/net/netlink/nlmsg.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import { MSG_NOSIGNAL, MSG_WAITALL } from '../../models/net/unix/data.ts';
import * as unix from '../../models/net/unix/syscalls.ts';
import { unixSocketOf } from '../../models/net/unix/syscalls.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import { signals, type Disposition } from '../../models/signal/signal.ts';
import * as polling from '../../models/user/poll.ts';
import { FD_SET, fd_set, select } from '../../models/user/select.ts';
import { setitimer } from '../../models/user/itimer.ts';
import {
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  sigaction,
  signal,
} from '../../models/user/signals.ts';
import * as unistd from '../../models/user/unistd.ts';
import {
  duration,
  flags,
  int,
  op,
  optional,
  symbol,
  task,
  text,
  userMode,
  type Arg,
  type Op,
} from './define.ts';
import { payload } from './ipc.ts';

const SOCKET = 'net/socket.c';
const NETLINK = 'net/netlink/af_netlink.c';
const SELECT = 'fs/select.c';
const SIGNAL = 'kernel/signal.c';
const OURS = 'of the simulator';

const fd = int('fd');
const port = int('port');
/** A local that must be given. */
const required = (name: string): Arg<(value: number) => void> => ({ name, kind: 'out' });

const messageFlags = flags('flags', {
  MSG_OOB: uapi.MSG_OOB,
  MSG_PEEK: uapi.MSG_PEEK,
  MSG_TRUNC: uapi.MSG_TRUNC,
  MSG_DONTWAIT: uapi.MSG_DONTWAIT,
  MSG_WAITALL,
  MSG_NOSIGNAL,
});

const socketType = symbol('type', { SOCK_RAW: uapi.SOCK_RAW, SOCK_DGRAM: uapi.SOCK_DGRAM });

/** Socket options by number: a symbol's value is a number. */
const optionNames = [
  'SO_RCVBUF',
  'SO_RCVBUFFORCE',
  'SO_SNDBUF',
  'SO_SNDBUFFORCE',
  'SO_RCVTIMEO',
  'SO_SNDTIMEO',
  'SO_ERROR',
  'SO_TYPE',
  'SO_PROTOCOL',
  'SO_DOMAIN',
  'NETLINK_ADD_MEMBERSHIP',
  'NETLINK_DROP_MEMBERSHIP',
  'NETLINK_PKTINFO',
  'NETLINK_BROADCAST_ERROR',
  'NETLINK_NO_ENOBUFS',
  'NETLINK_CAP_ACK',
] as const;
const option = symbol(
  'option',
  Object.fromEntries(optionNames.map((name, number) => [name, number])),
);

const address = (nl_pid: number, groups = 0): uapi.sockaddr_nl => ({
  nl_pid,
  nl_groups: groups >>> 0,
});

/** A message as programs build one: a header that covers all of it. */
function* sendMessage(
  k: Context,
  to: number,
  len: number,
  how: number,
  type: number,
  name?: uapi.sockaddr_nl,
): Code<number> {
  const data = encodeNlmsghdr({
    nlmsg_len: len,
    nlmsg_type: type,
    nlmsg_flags: NLM_F_REQUEST,
    nlmsg_seq: 0,
    nlmsg_pid: k.current.process?.tgid ?? 0,
  });
  return yield* net.sendto(k, to, len, how, name, data.subarray(0, Math.min(len, NLMSG_HDRLEN)));
}

function familyOf(k: Context, s: number): Pick<typeof net, 'setsockopt' | 'getsockopt'> {
  return unixSocketOf(k, s) === null ? net : unix;
}

const socketOps: readonly Op[] = [
  op(
    'socket',
    [required('fd'), int('protocol'), optional(socketType)],
    'int',
    'Opens a netlink socket (SOCK_RAW by default); sets the local to its descriptor.',
    SOCKET,
    function* (k, set, protocol, type) {
      const result = yield* net.socket(k, uapi.AF_NETLINK, type ?? uapi.SOCK_RAW, protocol);
      set(result);
      return result;
    },
  ),
  op(
    'bind',
    [fd, port, optional(int('groups'))],
    'int',
    'Gives the socket a port (0: any) and joins the groups of a mask.',
    NETLINK,
    (k, s, pid, groups) => net.bind(k, s, address(pid, groups)),
  ),
  op(
    'connect',
    [fd, port, optional(int('groups'))],
    'int',
    'Sets the destination of send.',
    NETLINK,
    (k, s, pid, groups) => net.connect(k, s, address(pid, groups)),
  ),
  op('getsockname', [fd], 'int', 'The port.', NETLINK, net.getsockname),
  op('getpeername', [fd], 'int', 'The port of the destination.', NETLINK, net.getpeername),
  op(
    'sendto',
    [fd, port, int('len'), optional(messageFlags), optional(int('type'))],
    'int',
    'Sends len bytes with an nlmsghdr of that type; waits for room without MSG_DONTWAIT.',
    NETLINK,
    (k, s, to, len, how, type) => sendMessage(k, s, len, how ?? 0, type ?? 0, address(to)),
  ),
  op(
    'send',
    [fd, int('len'), optional(messageFlags), optional(int('type'))],
    'int',
    'As sendto, to the connected port; through a UNIX socket bytes that begin with the int `type`.',
    SOCKET,
    (k, s, len, how, type) =>
      unixSocketOf(k, s) === null
        ? sendMessage(k, s, len, how ?? 0, type ?? 0)
        : unix.send(k, s, payload(len, type), how ?? 0),
  ),
  op(
    'recv',
    [fd, int('size'), optional(messageFlags)],
    'int',
    'Takes one message, or bytes of a stream; the length, at most size.',
    SOCKET,
    (k, s, size, how) =>
      unixSocketOf(k, s) === null
        ? net.recvfrom(k, s, { size, received: null }, how ?? 0)
        : unix.recv(k, s, size, how ?? 0),
  ),
  op(
    'recvfrom',
    [fd, int('size'), required('port'), optional(messageFlags)],
    'int',
    'As recv; sets the local to the port of the sender, 0 for the kernel.',
    NETLINK,
    function* (k, s, size, set, how) {
      const msg: net.msghdr = { size, received: null };
      const result = yield* net.recvfrom(k, s, msg, how ?? 0);
      set(msg.received?.from.nl_pid ?? 0);
      return result;
    },
  ),
  op(
    'setsockopt',
    [fd, option, int('value')],
    'int',
    'Sets an option; SO_RCVTIMEO and SO_SNDTIMEO take a duration.',
    NETLINK,
    (k, s, name, value) => familyOf(k, s).setsockopt(k, s, optionNames[name]!, value),
  ),
  op('getsockopt', [fd, option], 'int', 'The value of an option.', NETLINK, (k, s, name) =>
    familyOf(k, s).getsockopt(k, s, optionNames[name]!),
  ),
  op(
    'shutdown',
    [fd, optional(symbol('how', { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 }))],
    'int',
    'Ends one direction or (by default) both; -EOPNOTSUPP for netlink.',
    SOCKET,
    (k, s, how) =>
      unixSocketOf(k, s) === null ? net.shutdown(k, s) : unix.shutdown(k, s, how ?? 2),
  ),
  op('close', [fd], 'int', 'Closes the descriptor.', SOCKET, unistd.close),
];

const pollEvents = flags('events', polling.pollEvents);

const waitOps: readonly Op[] = [
  op(
    'poll',
    [fd, duration('timeout'), optional(pollEvents)],
    'int',
    'Waits for events (POLLIN) of one descriptor: those found, 0 after the timeout; < 0: no end.',
    SELECT,
    function* (k, of, timeout, events) {
      const entry = { fd: of, events: events ?? polling.pollEvents.POLLIN, revents: 0 };
      const found = yield* polling.poll(k, [entry], timeout);
      return found > 0 ? entry.revents : found;
    },
  ),
  op(
    'select',
    [fd, duration('timeout')],
    'int',
    'Waits until one descriptor is readable: 1, or 0 after the timeout; < 0: no end.',
    SELECT,
    (k, of, timeout) => {
      const set = new fd_set();
      FD_SET(of, set);
      return select(k, of + 1, set, null, null, timeout < 0 ? null : timeout);
    },
  ),
  op('usleep', [int('us')], 'int', 'Sleeps that many microseconds at least.', SIGNAL, (k, us) =>
    unistd.usleep(k, us),
  ),
  op(
    'nanosleep',
    [duration('time')],
    'int',
    'Sleeps at least that long; -EINTR by a handler.',
    'kernel/time/hrtimer.c',
    unistd.nanosleep,
  ),
  op(
    'clock_nanosleep',
    [duration('time')],
    'int',
    'Sleeps until an instant (CLOCK_MONOTONIC, TIMER_ABSTIME); -EINTR by a handler.',
    'kernel/time/hrtimer.c',
    unistd.clock_nanosleep,
  ),
  op(
    'pause',
    [],
    'int',
    'Sleeps until a signal has run its handler: -EINTR.',
    SIGNAL,
    unistd.pause,
  ),
];

/** What a program can do about a signal without a handler. */
const dispositions: readonly Disposition[] = ['default', 'ignore'];
const disposition = symbol('disposition', { SIG_DFL: 0, SIG_IGN: 1 });
const sig = symbol('signal', { ...signals });
const handler: Arg<unknown> = { name: 'handler', kind: 'actor', types: ['handler'] };
const actionFlags = flags('flags', { SA_RESTART, SA_NODEFER, SA_RESETHAND });

const processOps: readonly Op[] = [
  op('compute', [duration('time')], 'void', 'Computes in user mode.', OURS, unistd.compute),
  op(
    'gettimeofday',
    [],
    'int',
    'Microseconds since the beginning of the run.',
    'kernel/time/time.c',
    unistd.gettimeofday,
  ),
  op(
    'clock_gettime',
    [required('now')],
    'void',
    'Sets the local to the ns since the beginning of the run (CLOCK_MONOTONIC), in user mode.',
    'lib/vdso/gettimeofday.c',
    function* (k, set) {
      set(yield* unistd.clock_gettime(k));
    },
  ),
  op('getpid', [], 'int', 'The id of the process.', 'kernel/sys.c', unistd.getpid),
  op(
    'kill',
    [task, sig],
    'int',
    'Sends a signal; -ESRCH if the task has ended.',
    SIGNAL,
    (k, to, number) =>
      k.machine.tasks.get(to.pid) === to ? unistd.kill(k, to.pid, number) : -errno.ESRCH,
  ),
  op(
    'signal',
    [sig, disposition],
    'int',
    'What the program does about a signal.',
    SIGNAL,
    (k, number, what) => signal(k, number, dispositions[what]!),
  ),
  op(
    'sigaction',
    [sig, handler, optional(actionFlags)],
    'int',
    'Has an actor of kind handler run, in user mode, when the signal comes.',
    SIGNAL,
    (k, number, code, how) => {
      if (typeof code !== 'function') throw new RangeError('a handler is an actor of kind handler');
      return sigaction(k, number, { handler: code as (k: Context) => Code, flags: how ?? 0 });
    },
  ),
  op(
    'setitimer',
    [duration('value'), optional(duration('interval'))],
    'int',
    'SIGALRM after a time, then at intervals; a time of 0 stops that.',
    'kernel/time/itimer.c',
    (k, value, interval) => setitimer(k, value, interval ?? 0),
  ),
  op('printf', [text('text')], 'int', 'Prints a line to standard output.', OURS, unistd.printf),
  op(
    'printfValue',
    [int('value'), text('format')],
    'int',
    'Prints a line in which the value stands for %d.',
    OURS,
    (k, value, format) => unistd.printf(k, format.replace('%d', String(value))),
  ),
];

export const userOps: readonly Op[] = [...socketOps, ...waitOps, ...processOps].map(userMode);
