/*
 * What the experiments of the netlink facts of Linux 6.18 share: the machine, and a receiver that
 * is full.
 */
import type { Code, Context } from '../../models/context.ts';
import { NetlinkBench } from './netlink-bench.ts';
import { type Attempt, fill, inThread, open, send } from './netlink-calls.ts';

/** Repeats an experiment; `recorded` holds its inputs, where it has any. */
export type NamedFactRun = (recorded: unknown) => unknown;

/** The recordings' machine had two CPUs; its kernel differs from 6.12 in net.core.rmem_max only. */
export function bench(): NetlinkBench {
  return new NetlinkBench('linux-6.12', 2);
}

/** An experiment of one process that collects what it sees. */
export function observing(main: (k: Context, seen: unknown[]) => Code): NamedFactRun {
  return () =>
    bench().observe(function* (k) {
      const seen: unknown[] = [];
      yield* main(k, seen);
      return seen;
    });
}

/** An experiment that the recorder made with several inputs, a row each. */
export function forEachRow<Row extends object>(
  body: (k: Context, row: Row) => Code<Partial<Row>>,
): NamedFactRun {
  return (recorded) =>
    (recorded as readonly Row[]).map((row) => ({
      ...row,
      ...bench().observe((k) => body(k, row)),
    }));
}

/** Time for the threads that a call has woken. */
export const settleUs = 1000;

/** The receiver's port. */
export const R = 100;

/** A receiver on port R that has no room for one more message of `len` bytes. */
export function* fullReceiver(k: Context, rcvbuf = 8192, len = 784): Code<number> {
  const receiver = yield* open(k, { port: R, rcvbuf });
  const filler = yield* open(k);
  yield* fill(k, filler, R, len);
  return receiver;
}

/** Sends to R from a thread and a socket of its own. */
export function* blockedSend(k: Context, len: number): Code<Attempt> {
  const sender = yield* open(k);
  return yield* inThread(k, (t) => send(t, sender, R, len));
}
