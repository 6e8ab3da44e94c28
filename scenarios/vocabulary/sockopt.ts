/*
 * Words for the options of PF_INET sockets that modules handle.
 */
import { inet_socket, ip_getsockopt, ip_setsockopt } from '../../models/net/inet.ts';
import { SOCK_DGRAM, SOCK_RAW } from '../../models/net/netlink/uapi.ts';
import {
  nf_register_sockopt,
  nf_unregister_sockopt,
  type NfSockoptOps,
} from '../../models/net/nf_sockopt.ts';
import { int, op, optional, symbol, userMode, type Arg, type Op } from './define.ts';
import { memory, placeOf } from './user-place.ts';

const NF_SOCKOPT = 'net/netfilter/nf_sockopt.c';
const IP = 'net/ipv4/ip_sockglue.c';

const ops: Arg<NfSockoptOps> = { name: 'ops', kind: 'object', types: ['nf_sockopt_ops'] };
const fd = int('fd');
const optname = int('optname');

const calls: readonly Op[] = [
  op(
    'inetSocket',
    [optional(symbol('type', { SOCK_RAW, SOCK_DGRAM }))],
    'int',
    'socket(PF_INET, type): its descriptor; SOCK_RAW if no type is given.',
    'net/ipv4/af_inet.c',
    (k, type) => inet_socket(k, type ?? SOCK_RAW),
  ),
  op(
    'ip_setsockopt',
    [fd, optname, memory, int('optlen')],
    'int',
    'setsockopt of the level SOL_IP; -ENOPROTOOPT if nobody handles the option.',
    IP,
    (k, s, name, place, len) => ip_setsockopt(k, s, name, placeOf(k, place), len),
  ),
  op(
    'ip_getsockopt',
    [fd, optname, memory, { ...memory, name: 'optlen' }],
    'int',
    'getsockopt of the level SOL_IP; the length is an int in memory, read and written.',
    IP,
    (k, s, name, place, len) => ip_getsockopt(k, s, name, placeOf(k, place), placeOf(k, len)),
  ),
];

const registration: readonly Op[] = [
  op(
    'nf_register_sockopt',
    [ops],
    'int',
    '0, or -EBUSY where others have one of the options.',
    NF_SOCKOPT,
    nf_register_sockopt,
  ),
  op(
    'nf_unregister_sockopt',
    [ops],
    'void',
    'Nobody handles the options from now on; before 2.6.23 it waits for calls inside.',
    NF_SOCKOPT,
    nf_unregister_sockopt,
  ),
];

export const sockoptOps: readonly Op[] = [...calls.map(userMode), ...registration];
