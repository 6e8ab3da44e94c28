/*
 * The ops of recorded AF_NETLINK scripts, carried out on the model. A script is one thread of
 * one privileged process; where an op would sleep its timeout passes at once, because nobody
 * else could wake it.
 */
import { errno } from '../../models/errno.ts';
import {
  MAX_SCHEDULE_TIMEOUT,
  Netlink,
  type NetlinkCaller,
  type NetlinkSock,
} from '../../models/net/netlink/af_netlink.ts';
import { netlink_bind, netlink_connect, netlink_getname } from '../../models/net/netlink/bind.ts';
import type { NetlinkEra } from '../../models/net/netlink/era.ts';
import * as options from '../../models/net/netlink/options.ts';
import { netlink_recvmsg, type Received } from '../../models/net/netlink/recv.ts';
import {
  netlink_prepare_send,
  netlink_send_multicast,
  type SendRequest,
} from '../../models/net/netlink/send.ts';
import { datagram_poll, sk_get_meminfo } from '../../models/net/netlink/socket.ts';
import { netlink_create, netlink_release } from '../../models/net/netlink/table.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import { netlink_trim, netlink_unicast_step } from '../../models/net/netlink/unicast.ts';
import { SkbMemory } from '../../models/net/skb.ts';
import { PortNames } from './netlink-ports.ts';

/** One op: `op` names it, the other fields are its arguments. */
export interface NetlinkOp {
  readonly op: string;
  readonly [field: string]: unknown;
}

export type NetlinkResult = Record<string, unknown>;

/** The recorder's receive buffer. */
const bufferSize = 300000;

const types: Readonly<Record<string, number>> = { raw: 3, dgram: 2, stream: 1, seqpacket: 5 };

const messageFlags: Readonly<Record<string, number>> = {
  DONTWAIT: uapi.MSG_DONTWAIT,
  PEEK: uapi.MSG_PEEK,
  TRUNC: uapi.MSG_TRUNC,
  OOB: uapi.MSG_OOB,
};

const pollNames: readonly (readonly [string, number])[] = [
  ['IN', uapi.EPOLLIN],
  ['PRI', uapi.EPOLLPRI],
  ['OUT', uapi.EPOLLOUT],
  ['ERR', uapi.EPOLLERR],
  ['RDNORM', uapi.EPOLLRDNORM],
  ['RDBAND', uapi.EPOLLRDBAND],
  ['WRNORM', uapi.EPOLLWRNORM],
  ['WRBAND', uapi.EPOLLWRBAND],
];

const socketOptions = new Set(
  'RCVBUF RCVBUFFORCE SNDBUF SNDBUFFORCE ERROR TYPE PROTOCOL DOMAIN'.split(' '),
);

function errorName(result: number): string {
  const found = Object.entries(errno).find(([, number]) => number === -result);
  return found === undefined ? String(-result) : found[0];
}

/** The result of a call that returns a number. */
function outcome(result: number): NetlinkResult {
  return result < 0 ? { e: errorName(result) } : { r: result };
}

function number(op: NetlinkOp, field: string, fallback?: number): number {
  const value = op[field] ?? fallback;
  if (typeof value !== 'number') throw new RangeError(`${op.op}: ${field} is not a number`);
  return value;
}

function list(op: NetlinkOp, field: string): readonly unknown[] {
  const value = op[field] ?? [];
  if (!Array.isArray(value)) throw new RangeError(`${op.op}: ${field} is not an array`);
  return value;
}

function flagsOf(op: NetlinkOp): number {
  return list(op, 'flags').reduce<number>((mask, flag) => {
    const bit = messageFlags[String(flag)];
    if (bit === undefined) throw new RangeError(`${op.op}: unknown flag ${String(flag)}`);
    return mask | bit;
  }, 0);
}

/** The recorder's process id: any number that no script uses as a port of its own. */
function freePid(ops: readonly NetlinkOp[]): number {
  const ports = new Set(ops.map((op) => op['port']));
  let pid = 1000;
  while (ports.has(pid)) pid++;
  return pid;
}

type OpCode = (script: NetlinkScript, sk: NetlinkSock, op: NetlinkOp) => NetlinkResult;

export class NetlinkScript {
  readonly ports: PortNames;
  readonly caller: NetlinkCaller;
  readonly sockets = new Map<unknown, NetlinkSock>();
  private readonly netlink: Netlink;
  private tag = 0;
  private draws = 0;

  constructor(ops: readonly NetlinkOp[], era: NetlinkEra) {
    const pid = freePid(ops);
    this.ports = new PortNames(pid);
    this.caller = { pid, tgid: pid, uid: 0, gid: 0, net_admin: true };
    // Scripts name chosen ports by their order, so any sequence of different draws will do.
    this.netlink = new Netlink(era, new SkbMemory(era.geometry), () => 0x1000 * ++this.draws);
  }

  run(op: NetlinkOp): NetlinkResult {
    const sk = this.sockets.get(op['s']);
    const code = netlinkOps[op.op];
    if (code === undefined) throw new RangeError(`unknown op ${op.op}`);
    if (op.op === 'open') return this.open(op);
    if (sk === undefined) return { e: 'EBADF' };
    const result = code(this, sk, op);
    if (!sk.dead) this.name(sk, false);
    return result;
  }

  open(op: NetlinkOp): NetlinkResult {
    const type = types[String(op['type'] ?? 'raw')];
    if (type === undefined) throw new RangeError(`open: unknown type ${String(op['type'])}`);
    if (this.sockets.has(op['s'])) throw new RangeError(`open: ${String(op['s'])} is open`);
    const proto = number(op, 'proto', uapi.NETLINK_USERSOCK);
    const sk = netlink_create(this.netlink, number(op, 'ns', 0), type, proto);
    if (typeof sk === 'number') return outcome(sk);
    this.sockets.set(op['s'], sk);
    return { r: 0 };
  }

  address(op: NetlinkOp): uapi.sockaddr_nl {
    return { nl_pid: this.ports.real(op['port']), nl_groups: number(op, 'groups', 0) >>> 0 };
  }

  /** getsockname or getpeername; also names a port that the socket just got. */
  name(sk: NetlinkSock, peer: boolean): NetlinkResult {
    const { nl_pid, nl_groups } = netlink_getname(sk, peer);
    return { r: [this.ports.name(nl_pid), nl_groups] };
  }

  /** A send attempt, which takes the next tag; an op without a port has no address. */
  send(sk: NetlinkSock, op: NetlinkOp, len: number, flags: number): number {
    this.tag = (this.tag + 1) & 0xffff;
    // The rest of the recorded payload follows from the tag; only the tag is looked at.
    const data = Uint8Array.of(this.tag & 0xff, this.tag >>> 8);
    const request: SendRequest = { len, data, flags };
    if (op['port'] === undefined) return this.sendmsg(sk, request);
    return this.sendmsg(sk, { ...request, name: this.address(op) });
  }

  private sendmsg(sk: NetlinkSock, request: SendRequest): number {
    const send = netlink_prepare_send(sk, this.caller, request);
    if (typeof send === 'number') return send;
    netlink_send_multicast(sk, send);
    const skb = netlink_trim(send.skb, 'GFP_KERNEL');
    const timeo = options.sock_sndtimeo(sk, (request.flags & uapi.MSG_DONTWAIT) !== 0);
    let step = netlink_unicast_step(sk, skb, send.portid, timeo > 0);
    if (step.then === 'wait') {
      sleep(timeo);
      step = netlink_unicast_step(sk, skb, send.portid, false);
    }
    if (step.then !== 'done') throw new RangeError('the script sends to a kernel socket');
    return step.result;
  }

  recv(sk: NetlinkSock, op: NetlinkOp, flags: number): NetlinkResult {
    const got = netlink_recvmsg(sk, Math.min(number(op, 'size'), bufferSize), flags);
    if (typeof got === 'number') {
      if (got === -errno.EAGAIN) {
        sleep(options.sock_rcvtimeo(sk, (flags & uapi.MSG_DONTWAIT) !== 0));
      }
      return outcome(got);
    }
    const result = this.describe(got);
    return got.pktinfo === null ? result : { ...result, pktinfo: got.pktinfo };
  }

  private describe({ result, placed, data, from, flags }: Received): NetlinkResult {
    const [low = 0, high = 0] = data;
    const tag = placed === 0 ? null : low | (high << 8);
    const described = { r: result, from: [this.ports.name(from.nl_pid), from.nl_groups], tag };
    return flags === 0 ? described : { ...described, mf: ['TRUNC'] };
  }
}

/** A wait that ends with its timeout. */
function sleep(timeo: number): void {
  if (timeo === MAX_SCHEDULE_TIMEOUT) throw new RangeError('the script would sleep for ever');
}

const ok: NetlinkResult = { r: 0 };
/** What the family does not offer: sock_no_listen, sock_no_accept, sock_no_shutdown. */
const unsupported: OpCode = () => outcome(-errno.EOPNOTSUPP);

/** Every op but `open`, which has no socket yet. */
export const netlinkOps: Readonly<Record<string, OpCode>> = {
  open: () => ok,
  close: (script, sk, op) => {
    script.sockets.delete(op['s']);
    netlink_release(sk);
    return ok;
  },
  bind: (script, sk, op) => outcome(netlink_bind(sk, script.caller, script.address(op))),
  connect: (script, sk, op) => outcome(netlink_connect(sk, script.caller, script.address(op))),
  disconnect: (script, sk) =>
    outcome(netlink_connect(sk, script.caller, { nl_family: 0, nl_pid: 0, nl_groups: 0 })),
  getsockname: (script, sk) => script.name(sk, false),
  getpeername: (script, sk) => script.name(sk, true),
  setsockopt,
  getsockopt,
  send: (script, sk, op) => outcome(script.send(sk, op, number(op, 'len'), flagsOf(op))),
  sendto: (script, sk, op) => outcome(script.send(sk, op, number(op, 'len'), flagsOf(op))),
  sendmsg: (script, sk, op) => {
    const len = list(op, 'iov').reduce<number>((sum, piece) => sum + Number(piece), 0);
    return outcome(script.send(sk, op, len, flagsOf(op)));
  },
  fill,
  recv: (script, sk, op) => script.recv(sk, op, flagsOf(op)),
  drain,
  poll: (_script, sk) => {
    const mask = datagram_poll(sk);
    return { r: pollNames.filter(([, bit]) => (mask & bit) !== 0).map(([name]) => name) };
  },
  stat: (_script, sk) => sk_get_meminfo(sk),
  fionread: () => outcome(-errno.ENOTTY),
  shutdown: unsupported,
  listen: unsupported,
  accept: unsupported,
  filter: (_script, sk, op) => {
    const keep = number(op, 'ret') >>> 0;
    sk.sk_filter = () => keep;
    return ok;
  },
};

function setsockopt(script: NetlinkScript, sk: NetlinkSock, op: NetlinkOp): NetlinkResult {
  const opt = String(op['opt']);
  const val = number(op, 'val');
  if (opt === 'SNDTIMEO_MS' || opt === 'RCVTIMEO_MS') {
    const tv_sec = Math.floor(val / 1000);
    const tv = { tv_sec, tv_usec: (val - tv_sec * 1000) * 1000 };
    const optname = opt === 'SNDTIMEO_MS' ? 'SO_SNDTIMEO' : 'SO_RCVTIMEO';
    return outcome(options.sock_set_timeout(sk, optname, tv));
  }
  if (socketOptions.has(opt)) {
    return outcome(options.sock_setsockopt(sk, script.caller, `SO_${opt}`, val));
  }
  return outcome(options.netlink_setsockopt(sk, script.caller, `NETLINK_${opt}`, val));
}

function getsockopt(_script: NetlinkScript, sk: NetlinkSock, op: NetlinkOp): NetlinkResult {
  const opt = String(op['opt']);
  if (opt === 'LIST_MEMBERSHIPS') {
    const [low = 0, high = 0] = options.netlink_list_memberships(sk);
    return { r: low + high * 0x100000000 };
  }
  if (opt === 'ERROR') {
    const error = options.sock_getsockopt(sk, 'SO_ERROR');
    return { r: error === 0 ? 0 : errorName(-error) };
  }
  if (socketOptions.has(opt)) return outcome(options.sock_getsockopt(sk, `SO_${opt}`));
  return outcome(options.netlink_getsockopt(sk, `NETLINK_${opt}`));
}

function fill(script: NetlinkScript, sk: NetlinkSock, op: NetlinkOp): NetlinkResult {
  const ignore = list(op, 'ignore');
  const max = number(op, 'max');
  const counts = { count: 0, ...(ignore.length > 0 ? { ignored: 0 } : {}) };
  for (let attempt = 0; attempt < max; attempt++) {
    const result = script.send(sk, op, number(op, 'len'), uapi.MSG_DONTWAIT);
    if (result >= 0) counts.count++;
    else if (ignore.includes(errorName(result))) counts.ignored = (counts.ignored ?? 0) + 1;
    else return { ...counts, e: errorName(result) };
  }
  return counts;
}

/** Messages in a row that differ only in their tags, which grow by one. */
interface Run {
  n: number;
  tags: [number | null, number | null];
  [field: string]: unknown;
}

function continues(run: Run | undefined, message: NetlinkResult): run is Run {
  if (run?.tags === undefined || run.tags[1] === null) return false;
  const alike = JSON.stringify([run['len'], run['from'], run['mf']]);
  if (alike !== JSON.stringify([message['r'], message['from'], message['mf']])) return false;
  return message['tag'] === ((run.tags[1] + 1) & 0xffff);
}

function drain(script: NetlinkScript, sk: NetlinkSock, op: NetlinkOp): NetlinkResult {
  const runs: (Run | NetlinkResult)[] = [];
  let got = 0;
  for (let call = 0; call < number(op, 'max'); call++) {
    const { pktinfo: _, ...message } = script.recv(sk, op, uapi.MSG_DONTWAIT);
    if (message['e'] === 'EAGAIN') return { got, runs, end: 'EAGAIN' };
    if (message['e'] !== undefined) {
      runs.push(message);
      continue;
    }
    got++;
    const last = runs.at(-1) as Run | undefined;
    const tag = message['tag'] as number | null;
    if (continues(last, message)) {
      last.n++;
      last.tags[1] = tag;
    } else {
      const { r: len, from, mf } = message;
      runs.push({ n: 1, len, from, tags: [tag, tag], ...(mf === undefined ? {} : { mf }) });
    }
  }
  return { got, runs, end: 'MAX' };
}
