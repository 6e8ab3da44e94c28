/*
 * What holds whatever a module sends and its users read: kernel threads, a tasklet and an interrupt
 * handler send to random ports and groups, waiting for room or not, while user processes read,
 * pause and turn NETLINK_NO_ENOBUFS on and off, on random machines of every era.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import { costPresets } from '../../../models/costs.ts';
import { kernelNames } from '../../../models/era.ts';
import { errno } from '../../../models/errno.ts';
import { EV } from '../../../models/events.ts';
import { IrqLine } from '../../../models/irq/line.ts';
import { Tasklet, tasklet_schedule } from '../../../models/irq/tasklet.ts';
import type { NetlinkSock } from '../../../models/net/netlink/af_netlink.ts';
import {
  netlink_broadcast,
  netlink_kernel_create,
  netlink_unicast,
  netlinkOf,
  newMessage,
} from '../../../models/net/netlink/kernel.ts';
import { NLMSG_HDRLEN } from '../../../models/net/netlink/nlmsg.ts';
import * as net from '../../../models/net/netlink/syscalls.ts';
import { skb_store } from '../../../models/net/skb.ts';
import { msleep } from '../../../models/time/sleep.ts';
import { usleep } from '../../../models/user/unistd.ts';
import { MSG_DONTWAIT, open, sockOf } from '../../../scenarios/conformance/netlink-calls.ts';
import { Bench, ms } from '../user/bench.ts';
import { tagBytes } from './netlink-setup.ts';

const protocol = 31;
const firstPort = 5000;
const receivers = 3;

const to = fc.nat(receivers - 1);
const payload = fc.oneof(fc.constantFrom(4, 100, 176, 177, 768), fc.integer({ min: 4, max: 4000 }));
const where = fc.constantFrom('task', 'task', 'softirq', 'hardirq');
const sendStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('unicast' as const), where, to, payload }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('blocking' as const), to, payload }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('broadcast' as const),
      where,
      group: fc.constantFrom(1, 2, 3),
      payload,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleep' as const), ms: fc.nat(3) }) },
);
type SendStep = typeof sendStep extends fc.Arbitrary<infer T> ? T : never;

const readStep = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('recv' as const), wait: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause' as const), us: fc.nat(20_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('noEnobufs' as const), on: fc.nat(1) }) },
);
type ReadStep = typeof readStep extends fc.Arbitrary<infer T> ? T : never;

const plan = fc.record({
  kernel: fc.constantFrom(...kernelNames),
  machine: fc.record({
    cpus: fc.integer({ min: 1, max: 2 }),
    hz: fc.constantFrom(100, 250, 1000),
    preemption: fc.constantFrom('none', 'full'),
    costs: fc.constantFrom(...Object.values(costPresets)),
    seed: fc.nat(),
  }),
  senders: fc.array(fc.array(sendStep, { minLength: 5, maxLength: 25 }), {
    minLength: 1,
    maxLength: 3,
  }),
  readers: fc.array(
    fc.record({
      rcvbuf: fc.constantFrom(2304, 4096, 8192),
      groups: fc.nat(7),
      steps: fc.array(readStep, { maxLength: 30 }),
    }),
    { minLength: receivers, maxLength: receivers },
  ),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

interface Sent {
  readonly tag: number;
  /** The flow of control: its messages keep their order. */
  readonly sender: string;
  readonly to: number | null;
  readonly group: number | null;
  result: number | null;
  /** How long the sender was in the call. */
  took: number;
}

class Receiver {
  readonly groups: number;
  /** Tags in the order in which they were read. */
  readonly tags: number[] = [];
  /**
   * `lost`: an overrun while the reader wants to know; `silent`: while it does not; `told`: it
   * read ENOBUFS; `ended`: what would end a congestion.
   */
  readonly events: ('lost' | 'silent' | 'told' | 'ended')[] = [];
  sk!: NetlinkSock;

  constructor(groups: number) {
    this.groups = groups;
  }

  get lost(): number {
    return this.events.filter((event) => event === 'lost' || event === 'silent').length;
  }

  isMember(group: number): boolean {
    return (this.groups & (1 << (group - 1))) !== 0;
  }
}

class Run {
  readonly bench: Bench;
  readonly sent: Sent[] = [];
  readonly receivers: Receiver[];
  private readonly nl: NetlinkSock;
  private sending: number;

  constructor({ kernel, machine, senders, readers }: Plan) {
    this.bench = new Bench(kernel, machine);
    this.nl = netlink_kernel_create(netlinkOf(this.bench.machine), {
      name: 'nl',
      unit: protocol,
      groups: 4,
      nonroot: { recv: true },
      input: () => {},
    })!;
    this.sending = senders.length;
    this.receivers = readers.map(({ groups }) => new Receiver(groups));
    this.watchOverruns();
    readers.forEach((reader, i) => {
      this.bench.run(`reader-${i}`, (k) => this.read(k, i, reader.rcvbuf, reader.steps));
    });
    senders.forEach((steps, i) => {
      this.bench.kthread(`sender-${i}`, (k) => this.send(k, `sender-${i}`, steps));
    });
    this.bench.until(5_000 * ms);
  }

  private watchOverruns(): void {
    const { trace } = this.bench.machine;
    trace.subscribe((_t, _cpu, _context, _pid, _comm, _flags, event, _object, port) => {
      if (event !== EV.netlinkOverrun) return;
      const receiver = this.receivers[port - firstPort]!;
      const silent = receiver.sk.flags.has('NETLINK_NO_ENOBUFS');
      receiver.events.push(silent ? 'silent' : 'lost');
    });
  }

  private *send(k: Context, name: string, steps: readonly SendStep[]): Code {
    const queued: SendStep[] = [];
    const deferred = (from: string) => {
      const run = this.flush.bind(this);
      return (on: Context) => run(on, `${name} ${from}`, queued);
    };
    const tasklet = new Tasklet(`${name} tasklet`, deferred('softirq'));
    const line = new IrqLine({
      name: `${name} irq`,
      number: 5,
      handler: deferred('hardirq'),
      entryEvent: EV.irq_handler_entry,
      exitEvent: EV.irq_handler_exit,
    });
    yield* msleep(k, 1);
    for (const step of steps) {
      if (step.kind === 'sleep') yield* msleep(k, step.ms);
      else if (!('where' in step) || step.where === 'task') yield* this.deliver(k, name, step);
      else {
        queued.push(step);
        if (step.where === 'softirq') tasklet_schedule(k.cpu, tasklet);
        else k.cpu.raise(line);
        while (queued.length > 0) yield* msleep(k, 1);
      }
    }
    this.sending--;
  }

  private *flush(k: Context, name: string, queued: SendStep[]): Code {
    for (let step = queued[0]; step !== undefined; step = queued[0]) {
      yield* this.deliver(k, name, step);
      queued.shift();
    }
  }

  private *deliver(k: Context, sender: string, step: SendStep): Code {
    if (step.kind === 'sleep') return;
    const atomic = 'where' in step && step.where !== 'task';
    const gfp = atomic ? 'GFP_ATOMIC' : 'GFP_KERNEL';
    const skb = (yield* newMessage(k, step.payload, 16, gfp))!;
    const target = 'group' in step ? null : step.to;
    const group = 'group' in step ? step.group : null;
    const message: Sent = {
      tag: this.sent.length,
      sender,
      to: target,
      group,
      result: null,
      took: 0,
    };
    skb_store(skb, NLMSG_HDRLEN, tagBytes(message.tag));
    this.sent.push(message);
    const before = k.machine.sim.now;
    if (group !== null) {
      message.result = yield* netlink_broadcast(k, this.nl, skb, 0, this.groupOf(group), gfp);
    } else {
      const nonblock = step.kind !== 'blocking';
      message.result = yield* netlink_unicast(k, this.nl, skb, firstPort + target!, nonblock);
    }
    message.took = k.machine.sim.now - before;
  }

  /** The kernel of 2.4 broadcasts to a mask. */
  private groupOf(group: number): number {
    const { era } = netlinkOf(this.bench.machine).netlink;
    return era.groups === 'mask' ? 1 << (group - 1) : group;
  }

  private *read(k: Context, i: number, rcvbuf: number, steps: readonly ReadStep[]): Code {
    const receiver = this.receivers[i]!;
    const { groups } = receiver;
    const fd = yield* open(k, { port: firstPort + i, protocol, groups, rcvbuf });
    receiver.sk = sockOf(k, fd);
    yield* net.setsockopt(k, fd, 'SO_RCVTIMEO', 20 * ms);
    for (const step of steps) {
      if (step.kind === 'pause') yield* usleep(k, step.us);
      else if (step.kind === 'recv')
        yield* this.recv(k, fd, receiver, step.wait ? 0 : MSG_DONTWAIT);
      else if ((yield* net.setsockopt(k, fd, 'NETLINK_NO_ENOBUFS', step.on)) === 0 && step.on) {
        receiver.events.push('ended');
      }
    }
    while (this.sending > 0 || (yield* this.recv(k, fd, receiver, MSG_DONTWAIT))) {
      yield* this.recv(k, fd, receiver, 0);
    }
    expect(receiver.sk.sk_rmem_alloc).toBe(0);
  }

  /** False at an empty queue. */
  private *recv(k: Context, fd: number, receiver: Receiver, flags: number): Code<boolean> {
    const msg: net.msghdr = { size: 10_000, received: null };
    const length = yield* net.recvmsg(k, fd, msg, flags);
    if (length === -errno.ENOBUFS) receiver.events.push('told');
    else if (length > 0) {
      const bytes = new DataView(msg.received!.data.buffer);
      receiver.tags.push(bytes.getUint32(NLMSG_HDRLEN, true));
    } else expect(length).toBe(-errno.EAGAIN);
    if (receiver.sk.sk_receive_queue.length === 0) receiver.events.push('ended');
    return length !== -errno.EAGAIN;
  }
}

/** Sent messages that this receiver should have: read, or refused, or counted as lost. */
function checkReceiver(run: Run, receiver: Receiver, index: number): void {
  const read = new Set(receiver.tags);
  expect(read.size).toBe(receiver.tags.length);
  let lost = 0;
  for (const { tag, to: target, group, result } of run.sent) {
    expect(result).not.toBeNull();
    if (target !== null) {
      expect(read.has(tag)).toBe(target === index && result! > 0);
      if (target === index && result! < 0) {
        expect(result).toBe(-errno.EAGAIN);
        lost++;
      }
    } else if (!receiver.isMember(group!)) expect(read.has(tag)).toBe(false);
    else if (!read.has(tag)) lost++;
  }
  expect(receiver.lost).toBe(lost);
  const senderOf = new Map(run.sent.map(({ tag, sender }) => [tag, sender]));
  const last = new Map<string, number>();
  for (const tag of receiver.tags) {
    const sender = senderOf.get(tag)!;
    expect(tag).toBeGreaterThan(last.get(sender) ?? -1);
    last.set(sender, tag);
  }
}

/** Every loss is followed by an ENOBUFS, or is part of a congestion that was told of. */
function checkTold({ events }: Receiver): void {
  let toldSinceEnd = false;
  events.forEach((event, i) => {
    if (event === 'told') toldSinceEnd = true;
    else if (event === 'ended') toldSinceEnd = false;
    else if (event === 'lost' && !toldSinceEnd) expect(events.slice(i)).toContain('told');
  });
}

function checkBroadcasts({ sent, receivers: all }: Run): void {
  for (const { tag, group, result } of sent) {
    if (group === null) continue;
    const got = all.some(({ tags }) => tags.includes(tag));
    expect(result).toBe(got ? 0 : -errno.ESRCH);
  }
}

it('loses no message without telling the reader or the sender, and keeps their order', () => {
  const reached = { told: 0, silent: 0, waited: 0 };
  fc.assert(
    fc.property(plan, (one) => {
      const run = new Run(one);
      const { machine } = run.bench;
      const left = machine.blockedTasks().map(({ comm }) => comm);
      expect(left.filter((comm) => !comm.startsWith('ksoftirqd'))).toEqual([]);
      expect(machine.findings.all).toEqual([]);
      run.receivers.forEach((receiver, i) => {
        checkReceiver(run, receiver, i);
        checkTold(receiver);
        reached.told += receiver.events.filter((event) => event === 'told').length;
        reached.silent += receiver.events.filter((event) => event === 'silent').length;
      });
      checkBroadcasts(run);
      reached.waited += run.sent.filter(({ to: port, took }) => port !== null && took > ms).length;
      expect(netlinkOf(machine).memory.live).toBe(0);
    }),
    { numRuns: 100 },
  );
  // The plans reach what the property is about.
  expect(Math.min(...Object.values(reached))).toBeGreaterThan(5);
});
