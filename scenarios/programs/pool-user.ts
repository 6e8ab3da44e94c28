/*
 * usr.c of the article: opens a pool of netlink sockets, shakes hands on each, then selects and
 * reads. Its bugs are kept, among them the set of descriptors that a timeout empties for ever
 * (U-01) and messages counted twice (U-04). Statistics come by both formulas: as the listing has
 * it, and as the program must have had it that printed the article's figures (single count, whole
 * seconds).
 */
import { z } from 'zod';
import type { Code, Context } from '../../models/context.ts';
import {
  NLMSG_HDRLEN,
  NLMSG_SPACE,
  decodeNlmsghdr,
  encodeNlmsghdr,
} from '../../models/net/netlink/nlmsg.ts';
import { bind, recvmsg, sendto, socket, type msghdr } from '../../models/net/netlink/syscalls.ts';
import { AF_NETLINK, SOCK_RAW } from '../../models/net/netlink/uapi.ts';
import { FD_CLR, FD_ISSET, FD_SET, fd_set, select } from '../../models/user/select.ts';
import { getpid, gettimeofday, printf, usleep } from '../../models/user/unistd.ts';
import { duration } from '../load/index.ts';
import { program } from './define.ts';
import { PoolReports } from './pool-reports.ts';

const parameters = z.strictObject({
  protocol: z.int().min(0).max(31).default(21).describe('NETLINK_TEST.'),
  connections: z.int().min(1).max(1000).default(100).describe('MAX_PID_COUNT: sockets.'),
  payload: z.int().min(8).max(65_536).default(1024).describe('MAX_PAYLOAD of a handshake.'),
  buffer: z
    .int()
    .min(16)
    .max(1_048_576)
    .default(1040)
    .describe('Bytes that one recvmsg can take (iov_len of the handshake, U-08).'),
  threshold: z.int().min(1).default(512_000).describe('STATIC_PEROID: bytes between two reports.'),
  unit: z.enum(['Kbytes', 'Mbytes']).default('Kbytes').describe('Unit of the reports.'),
  select: duration.default(1_000_000_000).describe('Timeout of select.'),
  refill: z
    .boolean()
    .default(false)
    .describe('Fills the set anew before each select: U-01 repaired.'),
});
type Parameters = z.output<typeof parameters>;

interface Endpoint {
  readonly fd: number;
  readonly pid: number;
}

class PoolReader {
  private readonly p: Parameters;
  private readonly reports: PoolReports;
  private readonly endpoints: Endpoint[] = [];
  private readonly rset = new fd_set();
  private maxfd = 0;

  constructor(reports: PoolReports, p: Parameters) {
    this.p = p;
    this.reports = reports;
  }

  *main(k: Context): Code<number> {
    yield* this.listen_user(k);
    yield* this.handwithknl(k);
    this.reports.start(yield* gettimeofday(k));
    for (;;) {
      if (this.p.refill) for (const { fd } of this.endpoints) FD_SET(fd, this.rset);
      yield* this.doselect(k);
      if (this.reports.due) yield* this.staticsout(k);
    }
  }

  private *listen_user(k: Context): Code {
    const own = yield* getpid(k);
    for (let i = 0; i < this.p.connections; i++) {
      const fd = yield* socket(k, AF_NETLINK, SOCK_RAW, this.p.protocol);
      const pid = own + i;
      yield* bind(k, fd, { nl_pid: pid, nl_groups: 0 });
      this.endpoints.push({ fd, pid });
      yield* printf(k, `init the socket ${fd} of pid ${pid} successful.`);
      yield* usleep(k, 10_000);
    }
  }

  private *handwithknl(k: Context): Code {
    for (const { fd, pid } of this.endpoints) {
      const length = NLMSG_SPACE(this.p.payload);
      const header = encodeNlmsghdr({
        nlmsg_len: length,
        nlmsg_type: 0,
        nlmsg_flags: 0,
        nlmsg_seq: 0,
        nlmsg_pid: pid,
      });
      yield* sendto(k, fd, length, 0, { nl_pid: 0, nl_groups: 0 }, header);
      if (fd > this.maxfd) this.maxfd = fd;
      FD_SET(fd, this.rset);
    }
  }

  private *doselect(k: Context): Code {
    const { rset, p } = this;
    const selected = yield* select(k, this.maxfd + 1, rset, null, null, p.select);
    if (selected === 0) return;
    if (selected < 0) {
      yield* printf(k, 'selected error!');
      return;
    }
    for (const { fd } of this.endpoints) {
      if (FD_ISSET(fd, rset)) yield* this.readMessage(k, fd);
      FD_CLR(fd, rset);
      FD_SET(fd, rset);
    }
  }

  /** Reads until the bytes make up the length that the first header says (U-03). */
  private *readMessage(k: Context, fd: number): Code {
    let count = 0;
    let msglen = -1;
    for (;;) {
      const msg: msghdr = { size: this.p.buffer, received: null };
      const length = yield* recvmsg(k, fd, msg, 0);
      if (length < 0) {
        yield* printf(k, `recieved error! ${fd} `);
        break;
      }
      count += length;
      if (msglen === -1 && count >= NLMSG_HDRLEN) msglen = lengthOf(msg.received!.data);
      if (count === msglen) {
        this.reports.message();
        break;
      }
    }
    this.reports.flushcount(count);
  }

  private *staticsout(k: Context): Code {
    const lines = this.reports.report(yield* gettimeofday(k));
    for (const line of lines) yield* printf(k, line);
    this.reports.start(yield* gettimeofday(k));
  }
}

/** nlmsg_len of a message whose unwritten bytes read as zero. */
function lengthOf(data: Uint8Array): number {
  const head = new Uint8Array(NLMSG_HDRLEN);
  head.set(data.subarray(0, NLMSG_HDRLEN));
  return decodeNlmsghdr(head).nlmsg_len;
}

export const poolUser = program(
  {
    name: 'pool_usr',
    kind: 'user',
    about: "The connection pool's reader usr: opens the sockets, shakes hands, selects, reads.",
    with: parameters,
  },
  (world, p) => {
    const reports = new PoolReports(world.metrics, p);
    world.atEnd.push(() => reports.complete());
    return (k) => new PoolReader(reports, p).main(k);
  },
);
