/*
 * A network card and its driver: a receive ring, an interrupt line, and either NAPI (the interrupt
 * masks the card and schedules a poll) or one netif_rx per packet in the handler.
 */
import type { Code, Context } from '../context.ts';
import type { Machine } from '../machine.ts';
import { EV } from '../events.ts';
import { IrqLine } from '../irq/line.ts';
import type { NetRx } from './napi.ts';
import { Napi, napi_complete_done } from './napi.ts';
import { alloc_skb, skb_put, skb_store, type SkBuff, type SkbMemory } from './skb.ts';

const devices = new WeakMap<SkBuff, NetDevice>();

/** skb->dev: the device on which a packet came in. */
export function skb_dev(skb: SkBuff): NetDevice {
  const device = devices.get(skb);
  if (device === undefined) throw new Error('the buffer came from no device');
  return device;
}

export interface NetDeviceOptions {
  readonly name: string;
  readonly irq: number;
  /** The CPU that takes the interrupt. */
  readonly cpu: number;
  /** Packets that the receive ring holds. */
  readonly ring: number;
  readonly napi: boolean;
  /** LINKTYPE_ of the frames that arrive. */
  readonly linkType: number;
}

export class NetDevice {
  readonly name: string;
  /** LINKTYPE_ of the frames that arrive; a capture that is replayed sets its own. */
  linkType: number;
  readonly line: IrqLine;
  readonly stats = { rx_packets: 0, rx_dropped: 0, tx_packets: 0 };
  private readonly machine: Machine;
  private readonly memory: SkbMemory;
  private readonly rx: NetRx;
  private readonly napi: Napi;
  private readonly ring: Uint8Array[] = [];
  private readonly options: NetDeviceOptions;
  /** The card raises no interrupts while it is being polled. */
  private masked = false;

  constructor(
    machine: Machine,
    memory: SkbMemory,
    rx: NetRx,
    receive: (k: Context, skb: SkBuff) => Code,
    options: NetDeviceOptions,
  ) {
    this.machine = machine;
    this.memory = memory;
    this.rx = rx;
    this.options = options;
    this.name = options.name;
    this.linkType = options.linkType;
    this.napi = new Napi(rx, options.name, (k, weight) => this.poll(k, weight, receive));
    this.line = new IrqLine({
      name: options.name,
      number: options.irq,
      handler: (k) => this.interrupt(k),
      entryEvent: EV.irq_handler_entry,
      exitEvent: EV.irq_handler_exit,
    });
    machine.irqLines.push(this.line);
  }

  /** A frame comes in from the wire; a full ring loses it. */
  arrive(frame: Uint8Array): void {
    if (this.ring.length >= this.options.ring) {
      this.stats.rx_dropped++;
      return;
    }
    this.ring.push(frame);
    if (!this.masked) this.machine.cpus[this.options.cpu]!.raise(this.line);
  }

  private *interrupt(k: Context): Code {
    if (this.options.napi) {
      this.masked = true;
      this.rx.napi_schedule(k.cpu, this.napi);
      yield 0;
      return;
    }
    for (let skb = this.next(); skb !== null; skb = this.next()) {
      yield k.machine.costs.skb;
      this.rx.netif_rx(k.cpu, skb);
    }
  }

  private *poll(
    k: Context,
    weight: number,
    receive: (k: Context, skb: SkBuff) => Code,
  ): Code<number> {
    let work = 0;
    while (work < weight) {
      const skb = this.next();
      if (skb === null) {
        if (napi_complete_done(k.cpu, this.napi)) this.masked = false;
        break;
      }
      yield k.machine.costs.skb;
      yield* receive(k, skb);
      work++;
    }
    return work;
  }

  /** The next packet of the ring as a buffer; frames for which there is no memory are lost. */
  private next(): SkBuff | null {
    for (let frame = this.ring.shift(); frame !== undefined; frame = this.ring.shift()) {
      const skb = alloc_skb(this.memory, frame.length, 'GFP_ATOMIC');
      if (skb !== null) {
        this.stats.rx_packets++;
        skb_store(skb, skb_put(skb, frame.length), frame);
        devices.set(skb, this);
        return skb;
      }
      this.stats.rx_dropped++;
    }
    return null;
  }

  /** dev_queue_xmit(): the packet leaves the machine. */
  transmit(k: Context, skb: SkBuff): void {
    this.stats.tx_packets++;
    const { machine } = k;
    if (!machine.trace.on) return;
    k.cpu.emit(EV.net_dev_queue, machine.texts.intern(this.name), skb.len, skb.id);
  }
}
