/*
 * The values in /proc/sys that the models look at: kern_table of kernel/sysctl.c and
 * net_core_table of net/core/sysctl_net_core.c, as far as they are here.
 */
import type { Machine } from '../../machine.ts';
import { RESERVED_PIDS, type Sysctl } from '../../sysctl.ts';
import type { CtlTable } from './sys.ts';
import { release, utsVersion } from './version.ts';

type Tunable = {
  [K in keyof Sysctl]: Sysctl[K] extends number ? K : never;
}[keyof Sysctl];

function tunable(
  name: string,
  key: Tunable,
  min: number,
  others: Pick<CtlTable, 'exists' | 'max'> = {},
): CtlTable {
  return {
    name,
    get: ({ sysctl }) => sysctl[key],
    set: ({ sysctl }, value) => {
      sysctl[key] = value;
    },
    min,
    ...others,
  };
}

const is24 = ({ era }: Machine): boolean => era.timersInBottomHalf;
const since26 = (machine: Machine): boolean => !is24(machine);
/** CONFIG_SCHED_DEBUG; since 5.13 in debugfs. */
const hasCfs = ({ era }: Machine): boolean => !era.timersInBottomHalf && !era.irqWork;

/** Less than a packet must fit (SOCK_MIN_RCVBUF, checked since 2.6.39). */
const leastBuffer = 1;

export const sysctlTable: readonly CtlTable[] = [
  { name: 'kernel/ostype', get: () => 'Linux' },
  { name: 'kernel/osrelease', get: release },
  { name: 'kernel/version', get: utsVersion },
  { name: 'kernel/hostname', get: () => 'lockstep' },
  tunable('kernel/pid_max', 'pid_max', RESERVED_PIDS + 1, {
    exists: since26,
    max: ({ era }) => (era.irqWork ? 4_194_304 : 0x8000),
  }),
  tunable('kernel/hung_task_timeout_secs', 'hung_task_timeout_secs', 0, {
    exists: ({ era }) => era.hungTaskSeconds !== null,
  }),
  tunable('kernel/softlockup_thresh', 'watchdog_thresh', 0, {
    exists: ({ era }) => era.softLockupThreshold !== null && !era.irqWork,
    max: () => 60,
  }),
  tunable('kernel/watchdog_thresh', 'watchdog_thresh', 0, {
    exists: ({ era }) => era.irqWork,
    max: () => 60,
  }),
  tunable('kernel/sched_latency_ns', 'sched_latency', 100_000, {
    exists: hasCfs,
    max: () => 1_000_000_000,
  }),
  tunable('kernel/sched_min_granularity_ns', 'sched_min_granularity', 100_000, {
    exists: hasCfs,
    max: () => 1_000_000_000,
  }),
  tunable('kernel/sched_wakeup_granularity_ns', 'sched_wakeup_granularity', 0, {
    exists: hasCfs,
    max: () => 1_000_000_000,
  }),
  tunable('net/core/rmem_default', 'rmem_default', leastBuffer),
  tunable('net/core/rmem_max', 'rmem_max', leastBuffer),
  tunable('net/core/wmem_default', 'wmem_default', leastBuffer),
  tunable('net/core/wmem_max', 'wmem_max', leastBuffer),
  tunable('net/core/netdev_max_backlog', 'netdev_max_backlog', 0),
  tunable('net/core/netdev_budget', 'netdev_budget', 0, { exists: since26 }),
];
