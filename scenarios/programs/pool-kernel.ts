/*
 * knl.c of the article: a module whose threads each send 784 bytes to "their" user socket, then
 * sleep 0.05*HZ jiffies on a wait queue of their own. Bugs that shape the measurements are kept:
 * the table of ids never changes once it is full (K-04), the sleep truncates at HZ=250 (K-14).
 */
import { z } from 'zod';
import type { RandomStream } from '../../engine/index.ts';
import type { Code, Context } from '../../models/context.ts';
import { errno, errnoText } from '../../models/errno.ts';
import { kthread_create, kthread_should_stop, kthread_stop } from '../../models/kthread.ts';
import {
  alloc_skb,
  netlink_kernel_create,
  netlink_kernel_release,
  netlink_unicast,
} from '../../models/net/netlink/kernel.ts';
import { NLMSG_SPACE, nlmsg_hdr, nlmsg_put } from '../../models/net/netlink/nlmsg.ts';
import type { NetlinkSock } from '../../models/net/netlink/af_netlink.ts';
import type { SkBuff } from '../../models/net/skb.ts';
import { printk } from '../../models/printk.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { interruptible_sleep_on_timeout } from '../../models/sched/sleep_on.ts';
import type { Task } from '../../models/sched/task.ts';
import { WaitQueueHead } from '../../models/sched/wait.ts';
import { allow_signal, signal_pending, signals } from '../../models/signal/signal.ts';
import { nanosleep } from '../../models/user/unistd.ts';
import { systemCall } from '../../models/user/signals.ts';
import { schedule_timeout_uninterruptible } from '../../models/time/sleep.ts';
import { duration } from '../load/index.ts';
import type { World } from '../run/world.ts';
import { program } from './define.ts';

const parameters = z.strictObject({
  protocol: z.int().min(0).max(31).default(21).describe('NETLINK_TEST.'),
  threads: z.int().min(1).max(4096).default(100).describe('MAX_PROCESS_COUNT.'),
  connections: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe('MAX_PID_COUNT (default: as many as threads).'),
  payload: z.int().min(0).max(65_536).default(768).describe('MAX_DATA_LEN in bytes.'),
  messages: z.int().min(0).default(10_000).describe('MSG_COUNT: loops of each thread.'),
  sleep: duration.default(50_000_000).describe('Between two messages (0.05*HZ).'),
  failureSleep: duration.default(100_000_000).describe('After a failed send (0.1*HZ).'),
  silence: duration
    .default(0)
    .describe('Threads send nothing for this time at first: not in the listing.'),
  spread: duration
    .default(0)
    .describe('Each thread begins its loop at random within this time: not in the listing.'),
  rmmod: duration.optional().describe('Unloads the module after this time.'),
});
type Parameters = z.output<typeof parameters>;

class PoolModule {
  private readonly world: World;
  private readonly p: Parameters;
  private readonly connections: number;
  private nl_sk: NetlinkSock | null = null;
  private readonly task_test: Task[] = [];
  private readonly pids: number[];
  private pidindex = 0;

  constructor(world: World, p: Parameters) {
    this.world = world;
    this.p = p;
    this.connections = p.connections ?? p.threads;
    this.pids = new Array<number>(this.connections).fill(0);
  }

  *knl_init(k: Context): Code<number> {
    this.nl_sk = netlink_kernel_create(this.world.net.netlink, {
      name: 'knl',
      unit: this.p.protocol,
      input: (on, skb) => this.nl_data_ready(on, skb),
    });
    printk(
      k,
      this.nl_sk === null
        ? 'net_link: Cannot create netlink socket.'
        : 'net_link: create socket ok.',
    );
    if (this.nl_sk === null) return -errno.EIO;
    for (let i = 0; i < this.p.threads; i++) {
      const name = `childDataThread-${i}`;
      const threadfn = (on: Context): Code<number> => this.childDataThread(on, i);
      this.task_test.push(kthread_create(k.machine, threadfn, { name, cpu: k.cpu.id }));
      printk(k, `init thread (${i}) ok!`);
    }
    return 0;
  }

  *knl_exit(k: Context): Code<number> {
    for (const task of this.task_test) yield* kthread_stop(k, task);
    if (this.nl_sk !== null) netlink_kernel_release(k, this.nl_sk);
    printk(k, 'net_link: remove ok.');
    return 0;
  }

  /** Runs in the context of the sender; the last handshake starts the threads. */
  private *nl_data_ready(k: Context, skb: SkBuff): Code {
    if (skb.len < NLMSG_SPACE(0) || this.pidindex >= this.connections) return;
    this.pids[this.pidindex] = nlmsg_hdr(skb).nlmsg_pid;
    if (this.pidindex === this.connections - 1) {
      for (const [i, task] of this.task_test.entries()) {
        wake_up_process(k.cpu, task);
        printk(k, `wake up the thread [${i}].`);
      }
    }
    this.pidindex++;
  }

  /** What the listing lacks: a silence, and phases that are spread over some jiffies. */
  private *firstWait(k: Context, silence: number, spread: number, random: RandomStream): Code {
    const wait = silence + (spread > 0 ? random.below(spread) : 0);
    if (wait > 0) yield* schedule_timeout_uninterruptible(k, wait);
  }

  private *childDataThread(k: Context, threadindex: number): Code<number> {
    const { machine } = k;
    const { metrics } = this.world;
    const { messages, payload } = this.p;
    const devi = Math.floor(this.connections / this.p.threads);
    const random = machine.random.stream(`pool/${threadindex}`);
    const timeout_wq = new WaitQueueHead('timeout_wq');
    const jiffies = (ns: number): number => Math.floor((ns * machine.hz) / 1_000_000_000);
    printk(k, `start thread [${threadindex}].`);
    allow_signal(k.current, signals.SIGKILL);
    yield* this.firstWait(k, jiffies(this.p.silence), jiffies(this.p.spread), random);
    for (let a = messages; a > 0 && !kthread_should_stop(k); a--) {
      const skb = yield* alloc_skb(k, NLMSG_SPACE(payload), 'GFP_ATOMIC');
      if (skb === null) {
        printk(k, 'net_link: allocate failed.');
        return -1;
      }
      nlmsg_put(skb, 0, 0, 0, payload, 0);
      // An 8-bit index in the listing: right for up to 256 threads (K-15).
      const randomindex = ((random.below(256) % Math.max(1, devi)) + threadindex * devi) & 0xff;
      const peerpid = this.pids[randomindex] ?? 0;
      if (peerpid !== 0) {
        const rc = yield* netlink_unicast(k, this.nl_sk!, skb, peerpid, true);
        metrics.count(rc < 0 ? 'pool.send_failures' : 'pool.sent');
        if (rc < 0) {
          metrics.count('pool.send_failures', errnoText(rc));
          printk(k, `net_link: can not unicast skb: ${rc}, a is: ${a - 1}, peerpid is: ${peerpid}`);
          yield* interruptible_sleep_on_timeout(k, timeout_wq, jiffies(this.p.failureSleep));
        }
      }
      yield* interruptible_sleep_on_timeout(k, timeout_wq, jiffies(this.p.sleep));
      if (signal_pending(k.current)) break;
    }
    printk(k, `thread ${threadindex} exit!`);
    return 0;
  }
}

export const poolKernel = program(
  {
    name: 'pool_knl',
    kind: 'user',
    about: "Loads the connection pool's module knl (insmod); its threads send to the user sockets.",
    with: parameters,
  },
  (world, p) => {
    const { metrics } = world;
    for (const metric of ['sent', 'received', 'send_failures'])
      metrics.count(`pool.${metric}`, '', 0);
    world.atEnd.push(() => {
      const arrived = metrics.get('pool.received')! + queued(world, p.protocol);
      metrics.set('pool.lost', '', metrics.get('pool.sent')! - arrived, 'count');
    });
    return function* (k) {
      const module = new PoolModule(world, p);
      const loaded = yield* systemCall(k, 'init_module', (on) => module.knl_init(on));
      if (loaded < 0 || p.rmmod === undefined) return loaded;
      yield* nanosleep(k, p.rmmod);
      return yield* systemCall(k, 'delete_module', (on) => module.knl_exit(on));
    };
  },
);

/** Messages that wait in the receive queues of user sockets. */
function queued(world: World, protocol: number): number {
  let count = 0;
  for (const sockets of world.net.netlink.netlink.table(protocol).hash.values()) {
    for (const sk of sockets.values()) if (!sk.isKernel) count += sk.sk_receive_queue.length;
  }
  return count;
}
