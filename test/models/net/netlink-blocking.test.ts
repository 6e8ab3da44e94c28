/* Timeouts and signals of readers and senders that wait, beyond what the recordings show. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import * as net from '../../../models/net/netlink/syscalls.ts';
import { signals } from '../../../models/signal/signal.ts';
import { SA_RESTART, sigaction } from '../../../models/user/signals.ts';
import { kill, usleep } from '../../../models/user/unistd.ts';
import {
  fill,
  inThread,
  ok,
  open,
  recv,
  send,
  shown,
} from '../../../scenarios/conformance/netlink-calls.ts';
import { Bench, ms } from '../user/bench.ts';

/** Runs one process with everything recorded into `seen`. */
function observe(main: (k: Context, seen: unknown[]) => Code): unknown[] {
  const bench = new Bench('linux-6.12');
  const seen: unknown[] = [];
  const task = bench.run('test', (k) => main(k, seen));
  bench.until(60_000 * ms);
  expect(task.exitCode).toBe(0);
  expect(bench.machine.tasks.size).toBe(0);
  expect(bench.machine.findings.all).toEqual([]);
  return seen;
}

it('a sender to its own full socket waits as long as SO_SNDTIMEO says', () => {
  const [result, took] = observe(function* (k, results) {
    const self = yield* open(k, { port: 100, rcvbuf: 8192 });
    yield* fill(k, self, 100, 784);
    ok(yield* net.setsockopt(k, self, 'SO_SNDTIMEO', 30 * ms));
    const before = k.machine.sim.now;
    results.push(shown(yield* send(k, self, 100, 784)), k.machine.sim.now - before);
  });
  expect(result).toBe('EAGAIN');
  expect(took).toBeGreaterThan(29 * ms);
  expect(took).toBeLessThan(32 * ms);
});

describe('a blocked reader', () => {
  it('gets EINTR by a signal, and with SA_RESTART waits on for its message', () => {
    const seen = observe(function* (k, results) {
      for (const flags of [0, SA_RESTART]) {
        yield* sigaction(k, signals.SIGUSR1, { handler: function* () {}, flags });
        const reader = yield* open(k);
        const port = yield* net.getsockname(k, reader);
        let tid = 0;
        const read = yield* inThread(k, (t) => {
          tid = t.current.pid;
          return recv(t, reader);
        });
        ok(yield* kill(k, tid, signals.SIGUSR1));
        yield* usleep(k, 1000);
        results.push(read.result);
        yield* send(k, reader, port, 40);
        yield* usleep(k, 1000);
        results.push(read.result);
      }
    });
    expect(seen).toEqual(['EINTR', 'EINTR', 'blocked', 40]);
  });

  it('with SO_RCVTIMEO gets EAGAIN when the time is over, and EINTR even with SA_RESTART', () => {
    const seen = observe(function* (k, results) {
      yield* sigaction(k, signals.SIGUSR1, { handler: function* () {}, flags: SA_RESTART });
      const reader = yield* open(k);
      ok(yield* net.setsockopt(k, reader, 'SO_RCVTIMEO', 50 * ms));
      const before = k.machine.sim.now;
      results.push(shown(yield* recv(k, reader)));
      const took = k.machine.sim.now - before;
      expect([took > 49 * ms, took < 52 * ms]).toEqual([true, true]);
      let tid = 0;
      const read = yield* inThread(k, (t) => {
        tid = t.current.pid;
        return recv(t, reader);
      });
      ok(yield* kill(k, tid, signals.SIGUSR1));
      yield* usleep(k, 1000);
      results.push(read.result);
    });
    expect(seen).toEqual(['EAGAIN', 'EINTR']);
  });
});
