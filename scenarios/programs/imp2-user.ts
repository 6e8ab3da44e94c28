/*
 * imp2_u: registers with the imp2 module, prints the address pairs that come, and deregisters when
 * Ctrl+C ends it.
 */
import { z } from 'zod';
import type { Code, Context } from '../../models/context.ts';
import { formatIpv4 } from '../../models/net/ipv4.ts';
import { NLMSG_HDRLEN, NLMSG_SPACE, encodeNlmsghdr } from '../../models/net/netlink/nlmsg.ts';
import { bind, recvmsg, sendto, socket, type msghdr } from '../../models/net/netlink/syscalls.ts';
import { AF_NETLINK, SOCK_RAW } from '../../models/net/netlink/uapi.ts';
import { signals } from '../../models/signal/signal.ts';
import { signal } from '../../models/user/signals.ts';
import { exit } from '../../models/user/spawn.ts';
import { getpid, printf } from '../../models/user/unistd.ts';
import { program } from './define.ts';
import { IMP2_CLOSE, IMP2_U_PID, NL_IMP2 } from './imp2-kernel.ts';

const KERNEL = { nl_pid: 0, nl_groups: 0 };

export const imp2User = program(
  {
    name: 'imp2_u',
    kind: 'user',
    about: 'Prints the addresses that the imp2 module reports, until SIGINT ends it.',
    with: z.strictObject({
      protocol: z.int().min(0).max(31).default(NL_IMP2).describe('The netlink protocol.'),
    }),
  },
  (world, { protocol }) =>
    function* (k) {
      const pid = yield* getpid(k);
      const fd = yield* socket(k, AF_NETLINK, SOCK_RAW, protocol);
      if (fd < 0) return yield* complain(k, 'can not create a netlink socket');
      if ((yield* bind(k, fd, { nl_pid: pid, nl_groups: 0 })) < 0) {
        return yield* complain(k, 'can not bind');
      }
      yield* signal(k, signals.SIGINT, function* (on) {
        yield* sendto(on, fd, NLMSG_HDRLEN, 0, KERNEL, header(IMP2_CLOSE, pid));
        yield* exit(on, 0);
      });
      const registration = header(IMP2_U_PID, pid);
      const sent = yield* sendto(k, fd, NLMSG_HDRLEN, 0, KERNEL, registration);
      if (sent < 0) return yield* complain(k, `can not register: ${sent}`);
      for (;;) {
        const msg: msghdr = { size: NLMSG_SPACE(8), received: null };
        if ((yield* recvmsg(k, fd, msg, 0)) < NLMSG_SPACE(8)) continue;
        const { buffer, byteOffset } = msg.received!.data;
        const view = new DataView(buffer, byteOffset + NLMSG_HDRLEN, 8);
        world.metrics.count('imp2.printed');
        const src = formatIpv4(view.getUint32(0));
        const dest = formatIpv4(view.getUint32(4));
        yield* printf(k, `src: ${src}, dest: ${dest}`);
      }
    },
);

/** A message that is nothing but its header. */
function header(type: number, pid: number): Uint8Array {
  return encodeNlmsghdr({
    nlmsg_len: NLMSG_HDRLEN,
    nlmsg_type: type,
    nlmsg_flags: 0,
    nlmsg_seq: 0,
    nlmsg_pid: pid,
  });
}

function* complain(k: Context, text: string): Code<number> {
  yield* printf(k, text);
  return 1;
}
