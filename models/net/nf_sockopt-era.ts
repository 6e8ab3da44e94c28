/*
 * Socket options of netfilter by version: net/core/netfilter.c of 2.4, nf_sockopt.c of 2.6.24,
 * 2.6.32 and 6.1, net/ipv4/ip_sockglue.c.
 */
import type { KernelName } from '../era.ts';

export interface SockoptEra {
  readonly lock: 'semaphore' | 'mutex';
  /** A signal ends the wait for the lock (until 3.16). */
  readonly interruptible: boolean;
  /** What a call inside a handler holds: a count of the handlers, or their module (2.6.23). */
  readonly holds: 'use' | 'module';
  /** lock_sock() is held around the handlers (until 4.15). */
  readonly locksSocket: boolean;
}

const linux24: SockoptEra = {
  lock: 'semaphore',
  interruptible: true,
  holds: 'use',
  locksSocket: true,
};
const linux26: SockoptEra = { ...linux24, lock: 'mutex', holds: 'module' };
const linux61: SockoptEra = { ...linux26, interruptible: false, locksSocket: false };

export const sockoptEras: Readonly<Record<KernelName, SockoptEra>> = {
  'linux-2.4.27': linux24,
  'linux-2.6.24': linux26,
  'linux-2.6.32': linux26,
  'linux-6.1': linux61,
  'linux-6.12': linux61,
};
