/*
 * What can be tuned while a machine runs, kernel/sysctl.c and net/core/sysctl_net_core.c: the
 * values that models look at. fs/proc/sys.ts shows them in /proc/sys.
 */
import type { Machine } from './machine.ts';
import { netlinkEras } from './net/netlink/era.ts';

/** net.core: sizes of socket buffers. */
export interface SocketLimits {
  readonly rmem_default: number;
  readonly rmem_max: number;
  readonly wmem_default: number;
  readonly wmem_max: number;
}

/** The pids of a machine without other orders (PID_MAX_DEFAULT). */
const PID_MAX_DEFAULT = 0x8000;
/** After the largest pid it goes on here: the first ones are daemons. */
export const RESERVED_PIDS = 300;

export class Sysctl implements SocketLimits {
  rmem_default: number;
  rmem_max: number;
  wmem_default: number;
  wmem_max: number;
  pid_max: number;
  /** Packets that wait at each CPU for the softirq (netif_rx). */
  netdev_max_backlog: number;
  /** Packets that one NET_RX softirq handles. */
  netdev_budget = 300;
  /** 0: nobody looks. */
  hung_task_timeout_secs: number;
  /** softlockup_thresh, since 2.6.36 watchdog_thresh: 0: nobody looks. */
  watchdog_thresh: number;
  /** For this number of CPUs, in ns. */
  sched_latency: number;
  sched_min_granularity: number;
  sched_wakeup_granularity: number;

  constructor({ era }: Machine, cpus: number) {
    const { rmem_default, rmem_max, wmem_default, wmem_max } = netlinkEras[era.name];
    this.rmem_default = rmem_default;
    this.rmem_max = rmem_max;
    this.wmem_default = wmem_default;
    this.wmem_max = wmem_max;
    this.netdev_max_backlog = era.timersInBottomHalf ? 300 : 1000;
    this.pid_max = era.irqWork ? Math.max(PID_MAX_DEFAULT, 1024 * cpus) : PID_MAX_DEFAULT;
    this.hung_task_timeout_secs = era.hungTaskSeconds ?? 0;
    this.watchdog_thresh = era.softLockupThreshold ?? 0;
    // Tunables grow with 1 + log2(cpus), 8 CPUs at most.
    const factor = 32 - Math.clz32(Math.min(cpus, 8));
    this.sched_latency = factor * era.cfs.latency;
    this.sched_min_granularity = factor * era.cfs.minGranularity;
    this.sched_wakeup_granularity = factor * era.cfs.wakeupGranularity;
  }
}
