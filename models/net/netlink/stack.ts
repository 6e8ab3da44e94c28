/*
 * AF_NETLINK on a machine: ties the rules, which neither block nor wake, to wait queues, trace and
 * findings. What follows from a step (wake-ups, freed buffers) happens on the CPU that executes it.
 */
import type { Cpu } from '../../cpu/cpu.ts';
import { errno } from '../../errno.ts';
import { EV } from '../../events.ts';
import type { Machine } from '../../machine.ts';
import { TASK_INTERRUPTIBLE } from '../../sched/task.ts';
import { WaitQueueHead, __wake_up } from '../../sched/wait.ts';
import { SkbMemory, type SkBuff } from '../skb.ts';
import { Netlink, type NetlinkSock } from './af_netlink.ts';
import { netlinkEras } from './era.ts';
import { errorKey, readableKey } from './socket.ts';

/** What the machine keeps for a socket. */
export interface SockState {
  /** Name in the trace's text table. */
  readonly text: number;
  /** sk_sleep(sk): readers and pollers. */
  readonly readers: WaitQueueHead;
  /** nlk->wait: senders for whom there is no room. */
  readonly senders: WaitQueueHead;
}

/** What became of messages between sockets. */
export interface NetlinkStats {
  sent: number;
  /** -ECONNREFUSED: nobody there. */
  refused: number;
  /** -EAGAIN: no room. */
  full: number;
  /** Any other error. */
  failed: number;
  received: number;
}

const stacks = new WeakMap<Machine, NetlinkStack>();

/** The AF_NETLINK of a machine, made when it is first asked for. */
export function netlinkOf(machine: Machine): NetlinkStack {
  return stacks.get(machine) ?? new NetlinkStack(machine);
}

/** The AF_NETLINK of a machine if anything has asked for it. */
export function netlinkIfUsed(machine: Machine): NetlinkStack | null {
  return stacks.get(machine) ?? null;
}

export class NetlinkStack {
  readonly machine: Machine;
  readonly memory: SkbMemory;
  readonly netlink: Netlink;
  readonly stats: NetlinkStats = { sent: 0, refused: 0, full: 0, failed: 0, received: 0 };
  private readonly states = new WeakMap<NetlinkSock, SockState>();

  /** Throws if the machine has one: `netlinkOf` returns it. */
  constructor(machine: Machine) {
    if (stacks.has(machine)) throw new Error('the machine has its AF_NETLINK already');
    stacks.set(machine, this);
    this.machine = machine;
    const era = netlinkEras[machine.era.name];
    this.memory = this.watched(new SkbMemory(era.geometry));
    const rover = machine.random.stream('netlink/rover');
    this.netlink = new Netlink(era, this.memory, (ceiling) => rover.below(ceiling), machine.sysctl);
  }

  /** The CPU that executes. Throws before the first one does. */
  get cpu(): Cpu {
    const { active } = this.machine;
    if (active === null) throw new Error('netlink was used before the machine ran');
    return active;
  }

  /** Counts a send by its result. */
  countSend(result: number): void {
    if (result >= 0) this.stats.sent++;
    else if (result === -errno.ECONNREFUSED) this.stats.refused++;
    else if (result === -errno.EAGAIN) this.stats.full++;
    else this.stats.failed++;
  }

  /** Gives a socket its wait queues. */
  adopt(sk: NetlinkSock, name: string): void {
    const readers = new WaitQueueHead(`${name} receive`);
    const senders = new WaitQueueHead(`${name} send`);
    this.states.set(sk, { text: this.machine.texts.intern(name), readers, senders });
    sk.sk_data_ready = () => this.wake(readers, readableKey);
    sk.queued = (skb) => this.noteQueue(sk, skb);
    sk.sk_error_report = () => this.wake(readers, errorKey);
    sk.wakeSenders = () => this.wake(senders, 0);
  }

  state(sk: NetlinkSock): SockState {
    const state = this.states.get(sk);
    if (state === undefined) throw new Error('a netlink socket was not made by its machine');
    return state;
  }

  private wake(queue: WaitQueueHead, key: number): void {
    __wake_up(this.cpu, queue, TASK_INTERRUPTIBLE, 1, key);
  }

  private watched(memory: SkbMemory): SkbMemory {
    memory.onFree = (skb, dropped) => this.noteFree(skb, dropped);
    memory.onFinding = ({ kind, skb, message }) => {
      this.machine.findings.report(this.cpu, kind, message, `skb ${skb.id}`);
    };
    return memory;
  }

  private noteFree(skb: SkBuff, dropped: boolean): void {
    const { trace, texts } = this.machine;
    if (!trace.on) return;
    const event = dropped ? EV.kfree_skb : EV.consume_skb;
    this.cpu.emit(event, texts.intern('skb'), skb.id, skb.id);
  }

  private noteQueue(sk: NetlinkSock, skb: SkBuff): void {
    if (!this.machine.trace.on) return;
    const { length } = sk.sk_receive_queue;
    this.cpu.emit(EV.netlinkQueue, this.state(sk).text, length, sk.portid, skb.id);
  }

  /** Does a delivery, and records the messages that `receivers` lost by it. */
  delivers<T>(receivers: readonly NetlinkSock[], act: () => T): T {
    if (!this.machine.trace.on) return act();
    const drops = receivers.map((sk) => sk.sk_drops);
    const result = act();
    receivers.forEach((sk, i) => {
      if (sk.sk_drops > drops[i]!) {
        const untold = sk.sk_err === 0 ? 0 : 1;
        this.cpu.emit(EV.netlinkOverrun, this.state(sk).text, sk.portid, untold);
      }
    });
    return result;
  }
}
