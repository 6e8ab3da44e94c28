/*
 * The network of a machine: buffers, hooks, receive side, IPv4, netlink.
 */
import type { Context, Code } from '../../models/context.ts';
import type { Machine } from '../../models/machine.ts';
import { NetDevice, type NetDeviceOptions } from '../../models/net/device.ts';
import { Ip } from '../../models/net/ip.ts';
import { NetRx } from '../../models/net/napi.ts';
import { Netfilter } from '../../models/net/netfilter.ts';
import { netlinkOf, type NetlinkStack } from '../../models/net/netlink/stack.ts';
import type { SkBuff } from '../../models/net/skb.ts';

export class NetStack {
  readonly netfilter = new Netfilter();
  readonly netlink: NetlinkStack;
  readonly ip: Ip;
  readonly devices: NetDevice[] = [];
  private readonly machine: Machine;
  readonly rx: NetRx;

  constructor(machine: Machine) {
    this.machine = machine;
    this.netlink = netlinkOf(machine);
    this.ip = new Ip(this.netfilter, this.netlink.memory);
    this.rx = new NetRx(machine, (k, skb) => this.ip.netif_receive_skb(k, skb));
  }

  addDevice(options: NetDeviceOptions): NetDevice {
    const receive = (k: Context, skb: SkBuff): Code => this.ip.netif_receive_skb(k, skb);
    const device = new NetDevice(this.machine, this.netlink.memory, this.rx, receive, options);
    this.devices.push(device);
    return device;
  }
}
