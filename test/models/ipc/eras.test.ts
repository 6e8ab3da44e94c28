/* How pipes and UNIX sockets differ between kernel versions. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import type { KernelName } from '../../../models/era.ts';
import { O_NONBLOCK } from '../../../models/fs/open.ts';
import { read, write } from '../../../models/fs/read_write.ts';
import { UserBuffer } from '../../../models/fs/uio.ts';
import { ipcEras } from '../../../models/ipc/era.ts';
import { MsgQueue, do_msgrcv, do_msgsnd } from '../../../models/ipc/msg.ts';
import { Pipe, pipe2 } from '../../../models/ipc/pipe.ts';
import { SOCK_DGRAM } from '../../../models/net/unix/af_unix.ts';
import { socketpair } from '../../../models/net/unix/syscalls.ts';
import { Bench, ms } from '../user/bench.ts';

/** Wake-ups of three readers of a pipe by a write of one byte. */
function wakeups(kernel: KernelName): number {
  const bench = new Bench(kernel);
  const pipe = new Pipe('p', ipcEras[kernel]);
  const readers = ['a', 'b', 'c'].map((name) =>
    bench.run(name, function* (k) {
      const ends = yield* pipe2(k, 0, pipe);
      yield* read(k, ends.read, new UserBuffer(1));
    }),
  );
  bench.until(10 * ms);
  bench.run('w', function* (k) {
    const ends = yield* pipe2(k, 0, pipe);
    yield* write(k, ends.write, new UserBuffer(1));
  });
  bench.until(20 * ms);
  return readers.reduce((sum, { wakeups: count }) => sum + count, 0);
}

/** What fits by writes of `size` bytes that do not wait. */
function* fill(k: Context, fd: number, size: number): Code<number> {
  let total = 0;
  for (;;) {
    const done = yield* write(k, fd, new UserBuffer(size));
    if (done < 0) return total;
    total += done;
  }
}

function capacity(kernel: KernelName, size: number): number {
  let total = 0;
  const bench = new Bench(kernel);
  bench.run('w', function* (k) {
    const ends = yield* pipe2(k, O_NONBLOCK, null);
    total = yield* fill(k, ends.write, size);
  });
  bench.until(100 * ms);
  return total;
}

describe('a pipe', () => {
  it('wakes all its readers for each write until 5.4, and since then one', () => {
    expect(wakeups('linux-2.6.24')).toBe(3);
    expect(wakeups('linux-2.6.32')).toBe(3);
    expect(wakeups('linux-6.1')).toBe(1);
    expect(wakeups('linux-6.12')).toBe(1);
  });

  it('holds one page in 2.4 and sixteen later', () => {
    expect(capacity('linux-2.4.27', 4096)).toBe(4096);
    expect(capacity('linux-2.6.24', 4096)).toBe(65_536);
  });
});

/** Datagrams of one byte that fit into a new socket. */
function datagrams(kernel: KernelName): number {
  let total = 0;
  const bench = new Bench(kernel);
  bench.run('w', function* (k) {
    const { first } = yield* socketpair(k, SOCK_DGRAM, O_NONBLOCK);
    total = yield* fill(k, first, 1);
  });
  bench.until(100 * ms);
  return total;
}

it('a socket holds what its kernel charges: 212992 bytes of 768 each, or 124928 of 296', () => {
  expect(datagrams('linux-6.1')).toBe(Math.ceil(212_992 / 768));
  expect(datagrams('linux-2.6.32')).toBe(Math.ceil(124_928 / 296));
});

/** Wake-ups of a sender whose message does not fit, while another takes a small one out. */
function vainWakeups(kernel: KernelName): number {
  const bench = new Bench(kernel);
  const queue = new MsgQueue('q', ipcEras[kernel], 100);
  const message = (m_ts: number) => ({ m_type: 1, m_ts, value: 0 });
  bench.kthread('first', function* (k) {
    yield* do_msgsnd(k, queue, message(10), 0);
    yield* do_msgsnd(k, queue, message(60), 0);
  });
  bench.until(5 * ms);
  const sender = bench.kthread('second', function* (k) {
    yield* do_msgsnd(k, queue, message(90), 0);
  });
  bench.until(10 * ms);
  const before = sender.wakeups;
  bench.kthread('receiver', function* (k) {
    yield* do_msgrcv(k, queue, 100, 0, 0);
  });
  bench.until(20 * ms);
  return sender.wakeups - before;
}

it('a message queue wakes senders for nothing until 4.8', () => {
  expect(vainWakeups('linux-2.6.32')).toBe(1);
  expect(vainWakeups('linux-6.1')).toBe(0);
});
