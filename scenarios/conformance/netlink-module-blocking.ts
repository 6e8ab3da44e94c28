/*
 * Recorded facts of a kernel module's unicasts that may sleep. The recorder's reader came after
 * 100 ms, its alarm(3) ended what still slept after 3 s.
 */
import type { Code, Context } from '../../models/context.ts';
import { signals } from '../../models/signal/signal.ts';
import { processOf } from '../../models/user/file.ts';
import { sigaction } from '../../models/user/signals.ts';
import { pthread_create } from '../../models/user/spawn.ts';
import { gettimeofday, kill, usleep } from '../../models/user/unistd.ts';
import type { Fact, FactRun } from './facts.ts';
import { drain, MSG_DONTWAIT, recv, sockOf } from './netlink-calls.ts';
import type { NetlinkModule } from './netlink-commands.ts';
import { experiment, nlsock, rx, type UserSocket } from './netlink-experiment.ts';

const readerAfterUs = 100_000;
const alarmAfterUs = 3_000_000;
/** The grain of the recorder's `waited_about_ms`. */
const grainMs = 50;

function* startThread(k: Context, body: (t: Context) => Code): Code {
  yield* pthread_create(k, function* (t) {
    yield* body(t);
    return 0;
  });
}

/** alarm() with a handler that does nothing and does not restart calls. */
function* alarm(k: Context, us: number): Code {
  const { tgid } = processOf(k);
  yield* sigaction(k, signals.SIGALRM, { handler: function* () {}, flags: 0 });
  yield* startThread(k, function* (t) {
    yield* usleep(t, us);
    yield* kill(t, tgid, signals.SIGALRM);
  });
}

/** Fills until the next message would not fit. */
function* fillToTheBrim(
  k: Context,
  module: NetlinkModule,
  { fd, port }: UserSocket,
  payload: number,
): Code {
  const sk = sockOf(k, fd);
  for (;;) {
    const { ret, truesize } = yield* module.fill(k, port, payload, 1);
    if (ret < 0 || sk.sk_rmem_alloc + truesize > sk.sk_rcvbuf) return;
  }
}

/**
 * What sleepers waited was not the same in every round of the recording, because the recorder's
 * virtual time followed a busy host: the recorded figure stands for all within its grain.
 */
function withinGrain(fact: Fact, info: { ret: number; waited_ms: number }) {
  const { waited_ms } = fact['info'] as { waited_ms: number };
  return Math.abs(info.waited_ms - waited_ms) < grainMs ? { ...info, waited_ms } : info;
}

function toFullSocket(read: (t: Context, fd: number) => Code<number>): FactRun {
  return experiment({ sk_rcvbuf: 8192, payload: 100 }, function* (k, module, given, fact) {
    const { payload } = given;
    const socket = yield* nlsock(k, given.sk_rcvbuf / 2);
    const sk = sockOf(k, socket.fd);
    yield* fillToTheBrim(k, module, socket, payload);
    const { ret: last } = yield* module.fill(k, socket.port, payload, 1);
    const rmem = sk.sk_rmem_alloc;
    if (last < 0) yield* rx(k, socket);
    yield* startThread(k, function* (t) {
      yield* usleep(t, readerAfterUs);
      yield* read(t, socket.fd);
    });
    yield* alarm(k, alarmAfterUs);
    const before = yield* gettimeofday(k);
    const info = yield* module.block(k, socket.port, payload);
    const waitedMs = ((yield* gettimeofday(k)) - before) / 1000;
    return {
      rmem_before: rmem,
      sk_rcvbuf: sk.sk_rcvbuf,
      last_nonblocking_ret: last,
      info: withinGrain(fact, info),
      waited_about_ms: Math.floor(waitedMs / grainMs) * grainMs,
    };
  });
}

export const blockingFacts: Record<string, FactRun> = {
  'blocking-unicast-with-room': experiment(
    { so_rcvbuf_set: 4096, payload: 100 },
    function* (k, module, { so_rcvbuf_set, payload }) {
      const { port } = yield* nlsock(k, so_rcvbuf_set);
      yield* module.fill(k, port, payload, 3);
      return { info: yield* module.block(k, port, payload) };
    },
  ),
  'blocking-unicast-to-full-socket-reader-reads-one-after-100ms': toFullSocket((t, fd) =>
    recv(t, fd, MSG_DONTWAIT),
  ),
  'blocking-unicast-to-full-socket-reader-drains-all-after-100ms': toFullSocket(drain),
};
