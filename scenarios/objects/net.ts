/*
 * Network cards, the frames that arrive at them, and the kernel's ends of netlink.
 */
import { z } from 'zod';
import type { RandomStream } from '../../engine/index.ts';
import { withoutResult, type Code, type Context } from '../../models/context.ts';
import { NetDevice } from '../../models/net/device.ts';
import { buildEchoRequest, parseIpv4 } from '../../models/net/ipv4.ts';
import { NETLINK_CB } from '../../models/net/netlink/af_netlink.ts';
import { netlink_kernel_create } from '../../models/net/netlink/kernel.ts';
import { NLMSG_HDRLEN, nlmsg_hdr } from '../../models/net/netlink/nlmsg.ts';
import { openCapture, type CapturedPacket } from '../../models/net/capture.ts';
import { LINKTYPE, PcapError, networkLayer } from '../../models/net/pcap.ts';
import type { SkBuff } from '../../models/net/skb.ts';
import { Traffic, type Frame } from '../../models/net/traffic.ts';
import { arrivals } from '../load/actor-schema.ts';
import { duration } from '../load/index.ts';
import { instants } from '../run/arrivals.ts';
import { ScenarioError } from '../run/error.ts';
import { serveFileCall } from '../run/file-calls.ts';
import { withInstants } from '../run/recorded-arrivals.ts';
import type { World } from '../run/world.ts';
import { objectType, type ObjectType } from './object-type.ts';

/** A dotted quad. */
const ipv4 = z.ipv4({ error: 'expected an IPv4 address such as 10.0.0.1' });

const netdev = objectType(
  {
    name: 'netdev',
    fields: z.strictObject({
      irq: z.int().min(16).max(223).default(19).describe('The number of its interrupt line.'),
      cpu: z.int().min(0).default(0).describe('The CPU that takes its interrupt.'),
      ring: z.int().min(1).max(65_536).default(256).describe('Frames its receive ring holds.'),
      napi: z
        .boolean()
        .default(true)
        .describe('Polls in NET_RX; without, the handler calls netif_rx for each packet.'),
      addresses: z
        .array(ipv4)
        .default([])
        .describe('IPv4 addresses of this host (none: it takes every packet for its own).'),
    }),
    about: 'A network card with its driver.',
    source: 'net/core/dev.c',
  },
  (world, name, { addresses, ...options }) => {
    const { length } = world.machine.cpus;
    if (options.cpu >= length) {
      const text = `the machine has ${length} of them, from CPU 0, got ${options.cpu}`;
      throw new ScenarioError(null, `objects.${name}.cpu: ${text}`);
    }
    for (const address of addresses) world.net.ip.addresses.add(parseIpv4(address));
    return world.net.addDevice({ name, linkType: LINKTYPE.ETHERNET, ...options });
  },
);

const netlink = objectType(
  {
    name: 'netlink',
    short: 'protocol',
    fields: z.strictObject({
      protocol: z.int().min(0).max(31).default(2).describe('The netlink protocol (unit).'),
      groups: z.int().min(0).max(1024).default(32).describe('Multicast groups.'),
      input: z
        .string()
        .optional()
        .describe(
          'The actor of kind callback that gets each message, in the context of its sender: ' +
            'portid, len, nlmsg_len, nlmsg_type, nlmsg_flags, nlmsg_seq, nlmsg_pid.',
        ),
    }),
    about: "The kernel's end of a netlink protocol (netlink_kernel_create).",
    source: 'net/netlink/af_netlink.c',
  },
  (world, name, { protocol, groups, input }) => {
    const sk = netlink_kernel_create(world.net.netlink, {
      name,
      unit: protocol,
      groups,
      ...(input === undefined ? {} : { input: inputOf(world, input) }),
    });
    if (sk === null) {
      throw new ScenarioError(null, `objects.${name}: protocol ${protocol} has a kernel socket`);
    }
    return sk;
  },
);

/**
 * Its arguments are what NETLINK_CB(skb) and the header of the first message say, and skb->len. The
 * result of the actor does not matter.
 */
function inputOf(world: World, actor: string): (k: Context, skb: SkBuff) => Code {
  return (k, skb) => {
    const args = new Map([
      ['portid', NETLINK_CB(skb).portid],
      ['len', skb.len],
      ...Object.entries(skb.len < NLMSG_HDRLEN ? {} : nlmsg_hdr(skb)),
    ]);
    return withoutResult(serveFileCall(k, { args }, world.callback(actor)));
  };
}

const echo = z.strictObject({
  saddr: ipv4.default('10.0.0.2').describe('The source address.'),
  daddr: ipv4.default('10.0.0.1').describe('The destination address.'),
  payload: z.int().min(0).max(1472).default(56).describe('Bytes behind the ICMP header.'),
});

const traffic = objectType(
  {
    name: 'traffic',
    fields: z.strictObject({
      device: z.string().describe('The network card at which the frames arrive.'),
      pcap: z
        .string()
        .optional()
        .describe(
          'A capture (pcap, pcapng) to replay at its recorded distances, beside the scenario.',
        ),
      echo: echo.optional().describe('ICMP echo requests, at `arrivals`.'),
      arrivals: arrivals.optional().describe('When the echo requests arrive.'),
      start: duration.default(0).describe('When the replay of a capture begins.'),
    }),
    about: 'Frames that arrive at a network card: a capture, or ICMP echo requests.',
    source: 'pcap: draft-ietf-opsawg-pcap, pcapng: draft-ietf-opsawg-pcapng',
  },
  (world, name, fields) => {
    const device = world.object(fields.device);
    if (!(device instanceof NetDevice)) {
      const text = `objects.${name}.device: no netdev '${fields.device}' stands before it`;
      throw new ScenarioError(null, text);
    }
    if ((fields.pcap === undefined) === (fields.arrivals === undefined)) {
      throw new ScenarioError(null, `objects.${name}: expected 'pcap' or 'arrivals', one of them`);
    }
    const frames =
      fields.pcap === undefined
        ? drawn(
            world,
            name,
            fields.echo ?? echo.parse({}),
            withInstants(fields.arrivals!, world.readFile),
          )
        : recorded(device, capture(world, fields.pcap));
    const source = new Traffic(world.machine, device, frames);
    source.start(fields.start);
    return source;
  },
);

/** A capture, read to its end so that what is wrong with it shows before the run. */
function capture(world: World, path: string): CapturedPacket[] {
  try {
    const packets = [...openCapture(world.readFile(path)).packets()];
    for (const { linkType, data } of packets) {
      networkLayer(linkType, data);
      if (linkType === packets[0]!.linkType) continue;
      const both = `${packets[0]!.linkType} and ${linkType}`;
      throw new RangeError(`its packets have several link types (${both}), and a card has one`);
    }
    return packets;
  } catch (error) {
    if (!(error instanceof PcapError || error instanceof RangeError)) throw error;
    throw new ScenarioError(null, `${path}: ${error.message}`);
  }
}

/** The frames of a capture; the device takes its link type. */
function* recorded(device: NetDevice, packets: readonly CapturedPacket[]): Generator<Frame> {
  if (packets.length > 0) device.linkType = packets[0]!.linkType;
  let last = 0;
  for (const { timeNs, data } of packets) {
    yield { afterNs: timeNs - last, bytes: data };
    last = timeNs;
  }
}

function* drawn(
  world: World,
  name: string,
  { saddr, daddr, payload }: z.output<typeof echo>,
  when: z.output<typeof arrivals>,
): Generator<Frame> {
  const stream: RandomStream = world.machine.random.stream(`${name}/arrivals`);
  let last = 0;
  let sequence = 0;
  for (const time of instants(when, stream)) {
    const bytes = buildEchoRequest({
      saddr: parseIpv4(saddr),
      daddr: parseIpv4(daddr),
      id: 1,
      sequence,
      payloadLength: payload,
    });
    yield { afterNs: Math.max(0, time - last), bytes };
    last = Math.max(last, time);
    sequence = (sequence + 1) & 0xffff;
  }
}

export const netTypes: readonly ObjectType[] = [netdev, traffic, netlink];
