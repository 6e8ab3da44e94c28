/* Kernel code that sends and receives: contexts, overruns, misuse, wake-ups across CPUs. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import type { KernelName } from '../../../models/era.ts';
import { errno } from '../../../models/errno.ts';
import { EV } from '../../../models/events.ts';
import { IrqLine } from '../../../models/irq/line.ts';
import { Tasklet, tasklet_schedule } from '../../../models/irq/tasklet.ts';
import {
  alloc_skb,
  kfree_skb,
  netlinkOf,
  netlink_broadcast,
  netlink_kernel_create,
  netlink_unicast,
  newMessage,
  type KernelSocketOptions,
} from '../../../models/net/netlink/kernel.ts';
import type { NetlinkSock } from '../../../models/net/netlink/af_netlink.ts';
import * as net from '../../../models/net/netlink/syscalls.ts';
import { mutex_lock, mutex_unlock, Mutex } from '../../../models/locking/mutex.ts';
import { spin_lock, spin_unlock, Spinlock } from '../../../models/locking/spinlock.ts';
import { signals } from '../../../models/signal/signal.ts';
import { syscall } from '../../../models/syscall.ts';
import { msleep } from '../../../models/time/sleep.ts';
import { kill, nanosleep, usleep } from '../../../models/user/unistd.ts';
import { MSG_DONTWAIT, open, recv, send } from '../../../scenarios/conformance/netlink-calls.ts';
import { Bench, ms } from '../user/bench.ts';

const PROTOCOL = 31;

/** A machine with a kernel socket, as the recorded module had it. */
class ModuleBench extends Bench {
  readonly nl: NetlinkSock;

  constructor(
    kernel: KernelName = 'linux-6.1',
    options: Partial<KernelSocketOptions> = {},
    machine: ConstructorParameters<typeof Bench>[1] = {},
  ) {
    super(kernel, machine);
    const nl = netlink_kernel_create(netlinkOf(this.machine), {
      name: 'nl',
      unit: PROTOCOL,
      groups: 32,
      nonroot: { recv: true },
      ...options,
    });
    if (nl === null) throw new Error('no kernel socket');
    this.nl = nl;
  }

  /** nlmsg_new(payload, GFP_ATOMIC), nlmsg_put, netlink_unicast. */
  *unicast(k: Context, port: number, payload: number, nonblock = true): Code<number> {
    const skb = yield* newMessage(k, payload, 16, 'GFP_ATOMIC');
    return yield* netlink_unicast(k, this.nl, skb!, port, nonblock);
  }

  *broadcast(k: Context, group: number, payload: number): Code<number> {
    const skb = yield* newMessage(k, payload, 16, 'GFP_ATOMIC');
    return yield* netlink_broadcast(k, this.nl, skb!, 0, group, 'GFP_ATOMIC');
  }

  /** Sends until it fails: how many went in, and the failure. */
  *fillUp(k: Context, port: number, payload: number): Code<[number, number]> {
    for (let accepted = 0; ; accepted++) {
      const result = yield* this.unicast(k, port, payload);
      if (result < 0) return [accepted, result];
    }
  }
}

const P = 5000;
const bound = { port: P, protocol: PROTOCOL };

describe('the input of a kernel socket', () => {
  it('may sleep, and then the sender sleeps', () => {
    const lock = new Mutex('cb_mutex');
    const order: string[] = [];
    const bench = new ModuleBench('linux-6.1', {
      *input(k) {
        yield* mutex_lock(k, lock);
        order.push(`${k.current.comm} in`);
        yield* msleep(k, 10);
        order.push(`${k.current.comm} out`);
        yield* mutex_unlock(k, lock);
      },
    });
    for (const name of ['first', 'second']) {
      bench.run(name, function* (k) {
        const fd = yield* open(k, { protocol: PROTOCOL });
        yield* send(k, fd, 0, 24);
      });
    }
    bench.until();
    const [one, , other] = order.map((line) => line.split(' ')[0]);
    expect(order).toEqual([`${one} in`, `${one} out`, `${other} in`, `${other} out`]);
    expect(bench.machine.sim.now).toBeGreaterThan(20 * ms);
    expect(bench.machine.findings.all).toEqual([]);
  });

  it('in 2.4 finds the message in the queue of the socket', () => {
    const lengths: number[] = [];
    const bench = new ModuleBench('linux-2.4.27', {
      data_ready(k, sk, len) {
        lengths.push(len, sk.sk_receive_queue.length);
        kfree_skb(k, sk.sk_receive_queue.dequeue()!);
      },
    });
    const seen: number[] = [];
    bench.run('utest', function* (k) {
      const fd = yield* open(k, bound);
      seen.push(yield* send(k, fd, 0, 24), bench.nl.sk_rmem_alloc);
    });
    bench.until(100 * ms);
    expect(lengths).toEqual([24, 1]);
    expect(seen).toEqual([24, 0]);
    expect(netlinkOf(bench.machine).memory.live).toBe(0);
  });

  it.each(['linux-2.4.27', 'linux-2.6.24', 'linux-6.12'] as const)(
    'is called once for each message and leaves no buffer behind: %s',
    (kernel) => {
      const lengths: number[] = [];
      const bench = new ModuleBench(kernel, { input: (_k, skb) => void lengths.push(skb.len) });
      bench.run('utest', function* (k) {
        const fd = yield* open(k, bound);
        for (const len of [16, 20, 300]) yield* send(k, fd, 0, len);
      });
      bench.until(100 * ms);
      expect(lengths).toEqual([16, 20, 300]);
      expect(netlinkOf(bench.machine).memory.live).toBe(0);
    },
  );
});

describe('a kernel sender', () => {
  it('wakes a reader that waits', () => {
    const bench = new ModuleBench('linux-6.12', {}, { costs: { wakeup: 500 } });
    const read: unknown[] = [];
    bench.run('reader', function* (k) {
      const fd = yield* open(k, bound);
      const msg: net.msghdr = { size: 1024, received: null };
      read.push(yield* net.recvmsg(k, fd, msg, 0), k.machine.sim.now, msg.received?.from);
    });
    bench.kthread('childDataThread-0', function* (k) {
      yield* msleep(k, 5);
      read.push(yield* bench.unicast(k, P, 768));
    });
    bench.until();
    const [sent, length, at, from] = read;
    expect([sent, length, from]).toEqual([784, 784, { nl_pid: 0, nl_groups: 0 }]);
    expect(at).toBeGreaterThan(5 * ms);
  });

  it.each([
    ['linux-2.6.32', 118],
    ['linux-6.1', 92],
  ] as const)('on %s gets %i messages of 784 bytes in before -EAGAIN', (kernel, admitted) => {
    const bench = new ModuleBench(kernel);
    const rows = bench.watch('netlinkSend', 'netlinkOverrun');
    const filled: number[] = [];
    bench.run('usr', function* (k) {
      yield* open(k, bound);
      yield* nanosleep(k, 100 * ms);
    });
    bench.kthread('sender', function* (k) {
      yield* msleep(k, 1);
      filled.push(...(yield* bench.fillUp(k, P, 768)));
    });
    bench.until(50 * ms);
    expect(filled).toEqual([admitted, -errno.EAGAIN]);
    expect(rows.slice(-3)).toEqual([
      'netlinkSend nl 784',
      `netlinkOverrun netlink/31 ${P}`,
      `netlinkSend nl ${-errno.EAGAIN}`,
    ]);
  });

  it('gets ECONNREFUSED once the receiver is killed, because its sockets are closed', () => {
    const bench = new ModuleBench('linux-2.6.32');
    const results: number[] = [];
    const victim = bench.run('usr', function* (k) {
      const fd = yield* open(k, bound);
      for (;;) yield* recv(k, fd);
    });
    bench.kthread('sender', function* (k) {
      for (let i = 0; i < 4; i++) {
        yield* msleep(k, 10);
        results.push(yield* bench.unicast(k, P, 8));
      }
    });
    bench.run('killer', function* (k) {
      yield* usleep(k, 25_000);
      yield* kill(k, victim.pid, signals.SIGKILL);
    });
    bench.until();
    expect(results).toEqual([24, 24, -errno.ECONNREFUSED, -errno.ECONNREFUSED]);
    expect(netlinkOf(bench.machine).memory.live).toBe(0);
  });

  it.each(['task', 'softirq', 'hardirq'] as const)('may send from %s', (where) => {
    for (const [kind, act] of [
      ['unicast', (bench: ModuleBench, k: Context) => bench.unicast(k, P, 8)],
      ['broadcast', (bench: ModuleBench, k: Context) => bench.broadcast(k, 1, 52)],
    ] as const) {
      const bench = new ModuleBench('linux-6.1');
      const seen: unknown[] = [];
      const contexts: string[] = [];
      const body = function* (k: Context): Code {
        contexts.push(k.cpu.contextName(), k.current.comm);
        seen.push(yield* act(bench, k));
      };
      const tasklet = new Tasklet('sender', body);
      const line = new IrqLine({
        name: 'dev',
        number: 5,
        handler: body,
        entryEvent: EV.irq_handler_entry,
        exitEvent: EV.irq_handler_exit,
      });
      bench.run('utest', function* (k) {
        const fd = yield* open(k, { ...bound, groups: 1 });
        yield* syscall(k, 'write', function* () {
          if (where === 'task') yield* body(k);
          else if (where === 'softirq') tasklet_schedule(k.cpu, tasklet);
          else k.cpu.raise(line);
          yield 10 * ms;
          return 0;
        });
        seen.push(yield* recv(k, fd, MSG_DONTWAIT));
      });
      bench.until();
      expect(seen).toEqual(kind === 'unicast' ? [24, 24] : [0, 68]);
      const context = where === 'task' ? 'kernel' : where;
      expect(contexts[0]).toBe(context);
      expect(bench.machine.findings.all).toEqual([]);
    }
  });

  it('that waits for room under a spinlock schedules while atomic', () => {
    const bench = new ModuleBench('linux-6.12');
    const lock = new Spinlock('lock');
    bench.run('usr', function* (k) {
      const fd = yield* open(k, { ...bound, rcvbuf: 2304 });
      yield* usleep(k, 10_000);
      while ((yield* recv(k, fd, MSG_DONTWAIT)) !== -errno.EAGAIN);
    });
    bench.kthread('sender', function* (k) {
      yield* msleep(k, 1);
      yield* spin_lock(k, lock);
      for (let i = 0; i < 4; i++) yield* bench.unicast(k, P, 0, false);
      yield* spin_unlock(k, lock);
    });
    bench.until(100 * ms);
    expect(bench.machine.findings.all[0]).toMatchObject({
      kind: 'sleep-in-atomic',
      text: expect.stringMatching(/^BUG: scheduling while atomic: sender\//),
    });
  });

  it('that allocates with GFP_KERNEL in an interrupt is reported, with GFP_ATOMIC not', () => {
    const bench = new ModuleBench('linux-6.12');
    const tasklet = new Tasklet('alloc', function* (k) {
      kfree_skb(k, (yield* alloc_skb(k, 100, 'GFP_ATOMIC'))!);
      expect(bench.machine.findings.all).toEqual([]);
      kfree_skb(k, (yield* alloc_skb(k, 100, 'GFP_KERNEL'))!);
    });
    bench.kthread('starter', function* (k) {
      tasklet_schedule(k.cpu, tasklet);
      yield 0;
    });
    bench.until();
    expect(bench.machine.findings.all.map(({ text }) => text)).toEqual([
      'WARNING: inconsistent lock state',
      'BUG: sleeping function called from invalid context at include/linux/sched/mm.h',
    ]);
  });

  it('that frees a buffer twice or uses it after the send is reported', () => {
    const bench = new ModuleBench('linux-6.12');
    const rows = bench.watch('kfree_skb', 'consume_skb', 'finding');
    bench.kthread('driver', function* (k) {
      const skb = (yield* alloc_skb(k, 100, 'GFP_ATOMIC'))!;
      yield* netlink_unicast(k, bench.nl, skb, 4711, true);
      kfree_skb(k, skb);
    });
    bench.until();
    const text = 'refcount_t: underflow; use-after-free.';
    expect(bench.machine.findings.all).toMatchObject([
      { kind: 'double-free', text, actor: 'driver', object: 'skb 1' },
    ]);
    expect(rows).toEqual(['kfree_skb skb 1', `finding double-free: ${text} NaN`]);
  });
});

describe('two CPUs', () => {
  it('a sender on one wakes the reader on the other, each in its own name', () => {
    const bench = new ModuleBench('linux-6.12', {}, { cpus: 2, costs: { ipi: 700 } });
    const cpus: number[] = [];
    const { trace, texts } = bench.machine;
    trace.subscribe((_time, cpu, _context, _pid, comm, _flags, event) => {
      if (event !== EV.netlinkSend && event !== EV.netlinkReceive) return;
      cpus.push(cpu);
      expect(texts.text(comm)).toBe(event === EV.netlinkSend ? 'sender' : 'reader');
    });
    bench.run(
      'reader',
      function* (k) {
        const fd = yield* open(k, bound);
        for (let i = 0; i < 3; i++) yield* recv(k, fd);
      },
      { cpu: 1, allowed: [1] },
    );
    bench.run(
      'sender',
      function* (k) {
        for (let i = 0; i < 3; i++) {
          yield* usleep(k, 100);
          yield* syscall(k, 'write', (on) => bench.unicast(on, P, 8));
        }
      },
      { cpu: 0, allowed: [0] },
    );
    bench.until();
    expect(cpus).toEqual([0, 1, 0, 1, 0, 1]);
    expect(bench.machine.tasks.size).toBe(0);
  });
});

describe('a user sender', () => {
  it('without privilege may send but not join groups', () => {
    const bench = new Bench('linux-6.12');
    const results: number[] = [];
    bench.run(
      'nobody',
      function* (k) {
        const fd = yield* open(k, { port: 9 });
        results.push(yield* net.setsockopt(k, fd, 'NETLINK_ADD_MEMBERSHIP', 1));
        results.push(yield* net.setsockopt(k, fd, 'SO_RCVBUFFORCE', 4096));
        results.push(yield* send(k, fd, 9, 2));
      },
      { uid: 65534 },
    );
    bench.until();
    expect(results).toEqual([-errno.EPERM, -errno.EPERM, 2]);
  });

  it('pays for the system call, the buffer, the send and the copy', () => {
    const netlink = { netlink_send: 1000, netlink_recv: 500, copy_per_kib: 64 };
    const bench = new Bench('linux-6.12', { costs: { syscall: 100, skb: 20, ...netlink } });
    const took: number[] = [];
    bench.run('usr', function* (k) {
      const fd = yield* open(k, { port: 9 });
      let before = k.machine.sim.now;
      yield* send(k, fd, 9, 2048);
      took.push(k.machine.sim.now - before);
      before = k.machine.sim.now;
      yield* recv(k, fd);
      took.push(k.machine.sim.now - before);
    });
    bench.until();
    expect(took).toEqual([100 + 20 + 1000 + 128, 100 + 500 + 128]);
  });
});
