/*
 * The kernel module that made the recordings of Linux 6.1 (protocol 31, 4 groups): what a user
 * process can ask it to do by a write() to its proc file, and what its input noted last.
 */
import type { Code, Context } from '../../models/context.ts';
import { in_hardirq, in_serving_softirq, in_task } from '../../models/cpu/preempt.ts';
import { EV } from '../../models/events.ts';
import { IrqLine } from '../../models/irq/line.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import { Tasklet, tasklet_schedule } from '../../models/irq/tasklet.ts';
import { NETLINK_CB, type NetlinkSock } from '../../models/net/netlink/af_netlink.ts';
import { netlink_has_listeners } from '../../models/net/netlink/broadcast.ts';
import {
  netlink_broadcast,
  netlink_kernel_create,
  netlink_unicast,
  netlinkOf,
  newMessage,
  nlmsg_unicast,
} from '../../models/net/netlink/kernel.ts';
import type { gfp_t, SkBuff } from '../../models/net/skb.ts';
import { syscall } from '../../models/syscall.ts';
import { jiffies_to_msecs } from '../../models/time/jiffies.ts';
import { NetlinkBench } from './netlink-bench.ts';

export const PROTOCOL = 31;

/** Where the module sends from. */
export type Sender = 'task' | 'softirq' | 'hardirq';

/** What the module noted of its input's last call. */
export interface InputInfo {
  readonly in_task: number;
  readonly hard: number;
  readonly soft: number;
  readonly irqs_off: number;
  readonly preempt_count: number;
  readonly curpid: number;
  readonly portid: number;
  readonly len: number;
  readonly comm: string;
}

export class NetlinkModule extends NetlinkBench {
  readonly nl: NetlinkSock;
  calls = 0;
  info: InputInfo | null = null;
  /** The input answers with 8 bytes of payload. */
  reply = false;

  constructor() {
    super('linux-6.1');
    const nl = netlink_kernel_create(netlinkOf(this.machine), {
      name: 'nls',
      unit: PROTOCOL,
      groups: 4,
      nonroot: { recv: true },
      input: (k, skb) => this.input(k, skb),
    });
    if (nl === null) throw new Error('no kernel socket');
    this.nl = nl;
  }

  private *input(k: Context, skb: SkBuff): Code {
    const { cpu, current } = k;
    this.calls++;
    this.info = {
      in_task: Number(in_task(cpu)),
      hard: Number(in_hardirq(cpu)),
      soft: Number(in_serving_softirq(cpu)),
      irqs_off: Number(cpu.irqs_disabled),
      preempt_count: cpu.preempt_count,
      curpid: current.pid,
      portid: NETLINK_CB(skb).portid,
      len: skb.len,
      comm: current.comm,
    };
    if (!this.reply) return;
    yield* nlmsg_unicast(k, this.nl, yield* message(k, 8, 'GFP_KERNEL'), this.info.portid);
  }

  /** nl_fill: unicasts until one fails or `max` went in. */
  *fill(k: Context, portid: number, payload: number, max: number, nonblock = true) {
    const filled = { accepted: 0, ret: 0, truesize: 0 };
    const { nl } = this;
    yield* command(k, function* (on) {
      while (filled.accepted < max) {
        const skb = yield* message(on, payload, 'GFP_KERNEL');
        filled.truesize = skb.truesize;
        filled.ret = yield* netlink_unicast(on, nl, skb, portid, nonblock);
        if (filled.ret < 0) return;
        filled.accepted++;
      }
    });
    return filled;
  }

  /** nl_one: one message to a port, or to a group, from one of the contexts; its result. */
  *one(k: Context, where: Sender, payload: number, to: { portid: number } | { group: number }) {
    const { nl } = this;
    let result: number | null = null;
    const body = function* (on: Context): Code {
      const skb = yield* message(on, payload, 'GFP_ATOMIC');
      result =
        'group' in to
          ? yield* netlink_broadcast(on, nl, skb, 0, to.group, 'GFP_ATOMIC')
          : yield* netlink_unicast(on, nl, skb, to.portid, true);
    };
    yield* command(k, function* (on) {
      yield* runIn(on, where, body);
      while (result === null) yield 1;
    });
    return result!;
  }

  /** nl_block: one unicast that may sleep. */
  *block(k: Context, portid: number, payload: number) {
    const seen = { ret: 0, waited_ms: 0 };
    const { machine, nl } = this;
    yield* command(k, function* (on) {
      const skb = yield* message(on, payload, 'GFP_KERNEL');
      const before = machine.jiffies;
      seen.ret = yield* netlink_unicast(on, nl, skb, portid, false);
      seen.waited_ms = jiffies_to_msecs(machine, machine.jiffies - before);
    });
    return seen;
  }

  /** nl_bcast: broadcasts until one fails or `max` went out. */
  *broadcast(k: Context, group: number, payload: number, max: number) {
    const sent = { ok: 0, last_ret: 0 };
    const { nl } = this;
    yield* command(k, function* (on) {
      while (sent.ok < max && sent.last_ret === 0) {
        const skb = yield* message(on, payload, 'GFP_KERNEL');
        sent.last_ret = yield* netlink_broadcast(on, nl, skb, 0, group, 'GFP_KERNEL');
        if (sent.last_ret === 0) sent.ok++;
      }
    });
    return sent;
  }

  listeners(group: number): number {
    return Number(netlink_has_listeners(this.nl, group));
  }
}

/** nlmsg_new() and nlmsg_put(). */
function* message(k: Context, payload: number, gfp: gfp_t): Code<SkBuff> {
  const skb = yield* newMessage(k, payload, 100, gfp);
  if (skb === null) throw new Error('no memory for a message');
  return skb;
}

/** The write() that carries a command to the module. */
function* command(k: Context, body: (k: Context) => Code): Code {
  yield* syscall(k, 'write', function* (on) {
    yield* body(on);
    return 0;
  });
}

/** Runs `body` in this task, in a tasklet at local_bh_enable(), or in an interrupt that comes. */
function* runIn(k: Context, where: Sender, body: (k: Context) => Code): Code {
  if (where === 'task') {
    yield* body(k);
  } else if (where === 'softirq') {
    local_bh_disable(k);
    tasklet_schedule(k.cpu, new Tasklet('tl_fn', body));
    yield* local_bh_enable(k);
  } else {
    const entryEvent = EV.irq_handler_entry;
    const exitEvent = EV.irq_handler_exit;
    k.cpu.raise(new IrqLine({ name: 'iw_fn', number: 5, handler: body, entryEvent, exitEvent }));
  }
}
