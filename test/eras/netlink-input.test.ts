/*
 * docs/semantics.md section 15, Netlink: kernel socket and input: in every version the kernel's
 * input function runs in the context of the sender, in its system call, before that returns. It is
 * not serialised, and it may sleep. 2.4 queues the message first.
 */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
import { in_task } from '../../models/cpu/preempt.ts';
import { kernelNames, type KernelName } from '../../models/era.ts';
import { netlinkOf, netlink_kernel_create } from '../../models/net/netlink/kernel.ts';
import { msleep } from '../../models/time/sleep.ts';
import { Bench, ms } from '../models/user/bench.ts';
import { open, send } from '../../scenarios/conformance/netlink-calls.ts';

const PROTOCOL = 31;

/** `count` processes send a message each; `input` gets them. */
function senders(kernel: KernelName, count: number, input: (k: Context) => Code) {
  const bench = new Bench(kernel, { cpus: 2, preemption: 'none' });
  const nl = netlink_kernel_create(netlinkOf(bench.machine), {
    name: 'nl',
    unit: PROTOCOL,
    input,
  });
  if (nl === null) throw new Error('no kernel socket');
  const log: string[] = [];
  const pids = Array.from({ length: count }, (_, i) => {
    const task = bench.run(`p${i}`, function* (k) {
      const fd = yield* open(k, { protocol: PROTOCOL });
      log.push(`${k.current.comm} sent ${yield* send(k, fd, 0, 24)}`);
    });
    return task.pid;
  });
  return { bench, nl, log, pids };
}

describe.each(kernelNames)('the input function of %s', (kernel) => {
  it('runs in the system call of the sender, before send returns', () => {
    const seen: unknown[] = [];
    const { bench, log, pids } = senders(kernel, 1, function* (k) {
      log.push(`${k.current.comm} in`);
      seen.push([k.current.pid, k.current.inUser, in_task(k.cpu), k.cpu.irqs_disabled]);
      yield* msleep(k, 10);
      log.push(`${k.current.comm} out`);
    });
    bench.until(200 * ms);
    expect(seen).toEqual([[pids[0], false, true, false]]);
    expect(log).toEqual(['p0 in', 'p0 out', 'p0 sent 24']);
    expect(bench.machine.findings.all).toEqual([]);
  });

  it('may run for two senders at the same time', () => {
    let [inside, most] = [0, 0];
    const { bench, log } = senders(kernel, 2, function* (k) {
      most = Math.max(most, ++inside);
      yield* msleep(k, 10);
      inside--;
    });
    bench.until(200 * ms);
    expect(most).toBe(2);
    expect([...log].sort()).toEqual(['p0 sent 24', 'p1 sent 24']);
  });
});
