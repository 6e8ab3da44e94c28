/*
 * Sockets of PF_INET as far as their options go: net/ipv4/af_inet.c, net/socket.c and
 * net/ipv4/ip_sockglue.c. What IP itself has options for is left out, so every option is one of
 * netfilter's or -ENOPROTOOPT; so are data and addresses.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { mutex_lock, mutex_unlock, Mutex } from '../locking/mutex.ts';
import { get_user, put_user } from '../mm/uaccess.ts';
import { might_sleep } from '../sched/core.ts';
import { File, processOf, withFile } from '../user/file.ts';
import { systemCall } from '../user/signals.ts';
import { ThreadGroup } from '../user/thread-group.ts';
import { SOCK_RAW } from './netlink/uapi.ts';
import { nf_getsockopt, nf_setsockopt, PF_INET, type Length } from './nf_sockopt.ts';
import { sockoptEras } from './nf_sockopt-era.ts';

const ENOTSOCK = 88;

class InetFile extends File {
  /** lock_sock(): one process at a time. */
  readonly sk_lock = new Mutex('sk_lock-AF_INET');

  override poll(): number {
    return 0;
  }

  protected override *destroy(k: Context): Code {
    yield k.machine.costs.call;
  }
}

/** socket(PF_INET, type, ...): a descriptor; a raw one is for the privileged (-EPERM). */
export function inet_socket(k: Context, type: number): Code<number> {
  return systemCall(k, 'socket', function* () {
    yield* might_sleep(k, 'sock_alloc');
    yield k.machine.costs.call;
    const process = processOf(k);
    const uid = process instanceof ThreadGroup ? process.uid : 0;
    if (type === SOCK_RAW && uid !== 0) return -errno.EPERM;
    return process.install(new InetFile());
  });
}

/** setsockopt(fd, SOL_IP, optname, user, optlen). */
export function ip_setsockopt(
  k: Context,
  fd: number,
  optname: number,
  user: number,
  optlen: number,
): Code<number> {
  return socketCall(k, 'setsockopt', fd, function* (file) {
    if (optlen < 0) return -errno.EINVAL;
    yield k.machine.costs.call;
    return yield* locked(k, file, () => nf_setsockopt(k, PF_INET, optname, user, optlen));
  });
}

/** getsockopt(fd, SOL_IP, optname, user, optlen): the length is read and written at `optlen`. */
export function ip_getsockopt(
  k: Context,
  fd: number,
  optname: number,
  user: number,
  optlen: number,
): Code<number> {
  return socketCall(k, 'getsockopt', fd, function* (file) {
    yield k.machine.costs.call;
    const { error, value } = yield* get_user(k, optlen);
    if (error < 0) return error;
    if (value < 0) return -errno.EINVAL;
    const len: Length = { value };
    const result = yield* locked(k, file, () => nf_getsockopt(k, PF_INET, optname, user, len));
    return result < 0 ? result : yield* put_user(k, len.value, optlen);
  });
}

function* locked(k: Context, file: InetFile, body: () => Code<number>): Code<number> {
  if (!sockoptEras[k.machine.era.name].locksSocket) return yield* body();
  yield* mutex_lock(k, file.sk_lock);
  const result = yield* body();
  yield* mutex_unlock(k, file.sk_lock);
  return result;
}

function socketCall(
  k: Context,
  name: string,
  fd: number,
  body: (file: InetFile) => Code<number>,
): Code<number> {
  return systemCall(k, name, () =>
    withFile(k, fd, (file) => (file instanceof InetFile ? body(file) : -ENOTSOCK)),
  );
}
