/*
 * Recorded facts of users of a kernel socket: their ports, and what the socket's input sees of
 * the process that sends.
 */
import type { Code, Context } from '../../models/context.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { processOf } from '../../models/user/file.ts';
import { spawnUser } from '../../models/user/spawn.ts';
import { usleep } from '../../models/user/unistd.ts';
import type { FactRun } from './facts.ts';
import { send } from './netlink-calls.ts';
import { PROTOCOL } from './netlink-commands.ts';
import { experiment, nlsock, rx } from './netlink-experiment.ts';

/** The recorder's message to the kernel: a header and 8 bytes. */
const requestBytes = 24;

export const portFacts: Record<string, FactRun> = {
  'bind-auto-portid': experiment({}, function* (k) {
    const { port } = yield* nlsock(k);
    return { portid_equals_getpid: port === processOf(k).tgid };
  }),
  'bind-second-socket-same-process': experiment({}, function* (k) {
    yield* nlsock(k);
    const { port } = yield* nlsock(k);
    return {
      portid_equals_getpid: port === processOf(k).tgid,
      negative_as_int: (port | 0) < 0,
    };
  }),
  'socket-of-unregistered-protocol': experiment({}, function* (k) {
    const fd = yield* net.socket(k, uapi.AF_NETLINK, uapi.SOCK_RAW, PROTOCOL - 1);
    return { socket: fd < 0 ? -1 : 'ok', errno: fd < 0 ? -fd : 0 };
  }),
};

export const senderFacts: Record<string, FactRun> = {
  'input-callback-context': experiment({}, function* (k, module, _given, fact) {
    const socket = yield* nlsock(k);
    const asked = fact['info'] as { len?: number } | undefined;
    const sent = yield* send(k, socket.fd, 0, asked?.len ?? requestBytes);
    const { curpid, portid, ...info } = module.info!;
    return {
      send_returned: sent,
      info,
      curpid_is_sender: curpid === processOf(k).tgid,
      portid_is_bound_portid: portid === socket.port,
      callback_done_before_send_returned: module.calls === 1,
    };
  }),
  'reply-from-input-is-queued-when-send-returns': experiment(
    { send: requestBytes },
    function* (k, module, given) {
      const socket = yield* nlsock(k);
      module.reply = true;
      const sent = yield* send(k, socket.fd, 0, given.send);
      const first = yield* rx(k, socket);
      return { send: sent, recv_nonblock: first, recv_again: yield* rx(k, socket) };
    },
  ),
  'send-through-inherited-socket-by-child': experiment({}, function* (k, module) {
    const socket = yield* nlsock(k);
    const child = yield* forkAndSend(k, socket.fd);
    const { curpid, portid } = module.info!;
    return {
      curpid_is_child: curpid === child,
      portid_is_parents_bound_portid: portid === socket.port,
    };
  }),
  'send-from-unbound-socket-autobinds': experiment(
    { send: requestBytes },
    function* (k, module, given) {
      yield* nlsock(k);
      const fd = yield* net.socket(k, uapi.AF_NETLINK, uapi.SOCK_RAW, PROTOCOL);
      const sent = yield* send(k, fd, 0, given.send);
      return { send: sent, portid_nonzero: module.info!.portid !== 0 };
    },
  ),
  'user-send-size': experiment({ bytes: requestBytes }, function* (k, _module, { bytes }) {
    const { fd } = yield* nlsock(k);
    return { sendto: yield* send(k, fd, 0, bytes) };
  }),
};

/** A child that inherits the socket sends through it and exits; returns its pid. */
function* forkAndSend(k: Context, fd: number): Code<number> {
  const { machine } = k;
  const file = (processOf(k).file(fd) as net.NetlinkFile).get();
  const child = spawnUser(machine, { name: k.current.comm }, function* (c) {
    return Math.min(yield* send(c, processOf(c).install(file), 0, requestBytes), 0);
  });
  wake_up_process(k.cpu, child);
  while (machine.tasks.has(child.pid)) yield* usleep(k, 1000);
  return child.pid;
}
