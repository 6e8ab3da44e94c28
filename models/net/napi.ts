/*
 * The receive side of the network core, net/core/dev.c: poll lists per CPU, the NET_RX softirq with
 * its budgets, and the backlog through which drivers without NAPI pass their packets.
 */
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import type { Machine } from '../machine.ts';
import { EV } from '../events.ts';
import { raise_softirq } from '../irq/softirq.ts';
import { kfree_skb, type SkBuff } from './skb.ts';

/** The weight of one poll. */
const NAPI_WEIGHT = 64;
const NET_RX_JIFFIES = 2;

/** struct napi_struct: somebody with packets to hand over. */
export class Napi {
  readonly rx: NetRx;
  readonly name: string;
  /** Handles up to `weight` packets; returns how many. Fewer means it called napi_complete. */
  readonly poll: (k: Context, weight: number) => Code<number>;
  scheduled = false;
  /** NAPI_STATE_MISSED: it was to be scheduled while it was. */
  missed = false;

  constructor(rx: NetRx, name: string, poll: (k: Context, weight: number) => Code<number>) {
    this.rx = rx;
    this.name = name;
    this.poll = poll;
  }
}

/** struct softnet_data of one CPU. */
class Softnet {
  pollList: Napi[] = [];
  readonly queue: SkBuff[] = [];
  readonly backlog: Napi;
  processed = 0;
  dropped = 0;
  time_squeeze = 0;

  constructor(rx: NetRx, receive: (k: Context, skb: SkBuff) => Code) {
    this.backlog = new Napi(rx, 'backlog', (k, weight) => this.process(k, weight, receive));
  }

  /** process_backlog(). */
  private *process(
    k: Context,
    weight: number,
    receive: (k: Context, skb: SkBuff) => Code,
  ): Code<number> {
    let work = 0;
    while (work < weight) {
      const skb = this.queue.shift();
      if (skb === undefined) {
        napi_complete_done(k.cpu, this.backlog);
        break;
      }
      yield* receive(k, skb);
      work++;
    }
    return work;
  }
}

export class NetRx {
  private readonly softnets: readonly Softnet[];

  /** `receive`: netif_receive_skb, what happens to each packet. */
  constructor(machine: Machine, receive: (k: Context, skb: SkBuff) => Code) {
    this.softnets = machine.cpus.map(() => new Softnet(this, receive));
    machine.softirqActions.set('NET_RX', (k) => this.action(k));
  }

  softnet(cpu: Cpu): Softnet {
    return this.softnets[cpu.id]!;
  }

  /** Puts `napi` on this CPU's poll list, once, and raises NET_RX; false if it is scheduled. */
  napi_schedule(cpu: Cpu, napi: Napi): boolean {
    if (napi.scheduled) {
      napi.missed = cpu.machine.era.napiMissed;
      return false;
    }
    this.__napi_schedule(cpu, napi);
    return true;
  }

  __napi_schedule(cpu: Cpu, napi: Napi): void {
    napi.scheduled = true;
    this.softnet(cpu).pollList.push(napi);
    raise_softirq(cpu, 'NET_RX');
  }

  /** Queues the packet on this CPU's backlog; a full one drops it. */
  netif_rx(cpu: Cpu, skb: SkBuff): void {
    const softnet = this.softnet(cpu);
    if (softnet.queue.length >= cpu.machine.sysctl.netdev_max_backlog) {
      softnet.dropped++;
      kfree_skb(skb);
      return;
    }
    softnet.queue.push(skb);
    if (cpu.machine.trace.on) cpu.emit(EV.netif_rx, 0, skb.len, skb.id);
    if (!softnet.backlog.scheduled) this.__napi_schedule(cpu, softnet.backlog);
  }

  /** net_rx_action(): polls in turn until the list, the budget or two jiffies are used up. */
  private *action(k: Context): Code {
    const { machine, cpu } = k;
    const softnet = this.softnet(cpu);
    const end = machine.jiffies + NET_RX_JIFFIES;
    let budget = machine.sysctl.netdev_budget;
    const list = softnet.pollList;
    softnet.pollList = [];
    while (list.length > 0) {
      const napi = list.shift()!;
      const work = yield* napi.poll(k, NAPI_WEIGHT);
      softnet.processed += work;
      if (machine.trace.on) cpu.emit(EV.napi_poll, machine.texts.intern(napi.name), work);
      if (work >= NAPI_WEIGHT) list.push(napi);
      budget -= work;
      if (budget <= 0 || machine.jiffies >= end) {
        if (list.length > 0) softnet.time_squeeze++;
        break;
      }
    }
    softnet.pollList.unshift(...list);
    if (softnet.pollList.length > 0) raise_softirq(cpu, 'NET_RX');
  }
}

/**
 * The packets are used up: interrupts bring the next ones. False if it goes on, since somebody
 * wanted to schedule it meanwhile (from 4.10).
 */
export function napi_complete_done(cpu: Cpu, napi: Napi): boolean {
  const { missed } = napi;
  napi.missed = false;
  napi.scheduled = false;
  if (missed) napi.rx.__napi_schedule(cpu, napi);
  return !missed;
}
