/*
 * What differs between kernel versions, as far as it shows from outside. One record per preset;
 * the models ask the record and never compare version numbers.
 *
 * Sources: kernel/softirq.c, kernel/timer.c and kernel/time/timer.c, kernel/sched_fair.c and
 * kernel/sched/fair.c, lib/semaphore-sleepers.c and kernel/semaphore.c, lib/rwsem.c and
 * kernel/locking/rwsem.c, kernel/mutex.c and kernel/locking/mutex.c, asm-x86/spinlock.h and
 * kernel/locking/qspinlock.c, qrwlock.c of 2.4.27, 2.6.24, 2.6.32.67, 6.1.192 and 6.12.
 */
export const kernelNames = [
  'linux-2.4.27',
  'linux-2.6.24',
  'linux-2.6.32',
  'linux-6.1',
  'linux-6.12',
] as const;
export type KernelName = (typeof kernelNames)[number];

export type SoftirqName =
  | 'HI'
  | 'TIMER'
  | 'NET_TX'
  | 'NET_RX'
  | 'BLOCK'
  | 'IRQ_POLL'
  | 'TASKLET'
  | 'SCHED'
  | 'HRTIMER'
  | 'RCU';

export interface Era {
  readonly name: KernelName;
  /** Softirq vectors, highest priority first: the position is the vector number. */
  readonly softirqs: readonly SoftirqName[];
  /** When __do_softirq looks again: while new vectors appear, 10 passes, or 10 passes and 2 ms. */
  readonly softirqRestart: 'newVectors' | 'passes' | 'passesAndTime';
  /** A runnable ksoftirqd takes over what interrupts raise (until about 6.5). */
  readonly ksoftirqdTakesOver: boolean;
  readonly ksoftirqdNice: number;
  /** ksoftirqd sleeps when it has served everything, without giving way before (3.7). */
  readonly smpbootThreads: boolean;
  /** TIMER runs as a bottom half in HI_SOFTIRQ of the CPU that took the tick. */
  readonly timersInBottomHalf: boolean;
  /** A handler that was not registered with IRQF_DISABLED runs with interrupts enabled. */
  readonly handlersNest: boolean;
  readonly taskletOrder: 'lifo' | 'fifo';
  /** tasklet_disable and tasklet_kill sleep while the tasklet runs (5.13), they spun before. */
  readonly taskletWaitSleeps: boolean;
  /** `exact`: expires = n runs at tick n. `rounded`: at n + 1 or the next coarse granule (4.8). */
  readonly timerWheel: 'exact' | 'rounded';
  /** msleep() adds a jiffy for the one that has begun (until 6.11). */
  readonly msleepExtraJiffy: boolean;
  /** usleep, select and poll time out by hrtimers and not by the tick. */
  readonly highResolutionSleeps: boolean;
  /** The tick stops on an idle CPU. */
  readonly nohzIdle: boolean;
  /** A task that ends goes behind the others of its priority (2.6.38 to 6.3). */
  readonly exitRequeues: boolean;
  /** udelay() turns preemption off and on all the time, so it is a preemption point (2.6.27). */
  readonly delayPreempts: boolean;
  /** Completions wait on a simple wait queue: one wake-up takes one waiter off (5.7). */
  readonly completionsUseSwait: boolean;
  readonly semaphore: 'twoCounter' | 'fifo';
  /** A mutex goes to a waiter that was woken in vain once (4.9). */
  readonly mutexHandoff: boolean;
  /**
   * Who spins for a mutex whose owner runs on another CPU: nobody, everybody at once (2.6.29), or
   * one after the other (osq, 3.16).
   */
  readonly mutexSpin: 'nobody' | 'anybody' | 'queued';
  /**
   * `fair`: in order of arrival, readers in a row together. `stealing`: whoever comes first takes a
   * free one, and all waiting readers get it at once (writers steal since 3.10, all readers 5.3).
   */
  readonly rwsem: 'fair' | 'stealing';
  /** The first to wait for an rt_mutex spins while its owner runs on another CPU (5.16). */
  readonly rtMutexSpins: boolean;
  readonly spinlock: 'unfair' | 'ticket' | 'queued';
  readonly rwlock: 'bias' | 'queued';
  readonly preemptionModels: readonly PreemptionModel[];
  /** CFS tunables in ns before scaling with the number of CPUs. */
  readonly cfs: { latency: number; minGranularity: number; wakeupGranularity: number };
  /** yield() lets the second in line run if it is not far behind (2.6.39); 2.4 likewise. */
  readonly yieldSkips: boolean;
  readonly kthreadNice: number;
  /** What executes works: keventd, a thread for each queue and CPU, or (2.6.36) worker pools. */
  readonly workqueues: 'keventd' | 'threads' | 'pools';
  /** A worker thread that flushes its own queue executes it instead of waiting (until 2.6.30). */
  readonly flushRunsOwnQueue: boolean;
  /** flush_work and flush_delayed_work exist (2.6.27, 2.6.32). */
  readonly flushWork: boolean;
  /** A poll that is to be scheduled while it runs is repeated when it ends (4.10). */
  readonly napiMissed: boolean;
  /** irq_work exists (2.6.37). */
  readonly irqWork: boolean;
  /** kthread_stop also ends interruptible sleeps that test for signals (TIF_NOTIFY_SIGNAL). */
  readonly kthreadStopNotifies: boolean;
  /** How many pending signals get a frame before the first handler runs (2.4: one). */
  readonly signalFrames: 'one' | 'all';
  /** A sleep that a signal without a handler has interrupted goes on (2.6), or ends (-EINTR). */
  readonly restartBlock: boolean;
  /** /proc/softirqs, and idle times of all CPUs in /proc/uptime (2.6.29 to 2.6.31). */
  readonly softirqStatistics: boolean;
  /** After so many seconds a task that nothing can wake is reported (2.6.25). */
  readonly hungTaskSeconds: number | null;
  /**
   * A CPU whose watchdog got no turn for so long is reported (2.6.17); since 4.12 with the name of
   * the subsystem before it.
   */
  readonly softLockup: { readonly seconds: number; readonly tag: string } | null;
  /** softlockup_thresh (2.6.26), watchdog_thresh (2.6.36) as they are at first, in seconds. */
  readonly softLockupThreshold: number | null;
}

export const preemptionModels = ['none', 'voluntary', 'full', 'lazy', 'rt'] as const;
export type PreemptionModel = (typeof preemptionModels)[number];

const linux24: Era = {
  name: 'linux-2.4.27',
  softirqs: ['HI', 'NET_TX', 'NET_RX', 'TASKLET'],
  softirqRestart: 'newVectors',
  ksoftirqdTakesOver: false,
  ksoftirqdNice: 19,
  smpbootThreads: false,
  timersInBottomHalf: true,
  handlersNest: true,
  taskletOrder: 'lifo',
  taskletWaitSleeps: false,
  timerWheel: 'exact',
  msleepExtraJiffy: true,
  highResolutionSleeps: false,
  nohzIdle: false,
  exitRequeues: false,
  delayPreempts: false,
  completionsUseSwait: false,
  semaphore: 'twoCounter',
  mutexHandoff: false,
  mutexSpin: 'nobody',
  rwsem: 'fair',
  rtMutexSpins: false,
  spinlock: 'unfair',
  rwlock: 'bias',
  preemptionModels: ['none'],
  cfs: { latency: 20_000_000, minGranularity: 4_000_000, wakeupGranularity: 10_000_000 },
  yieldSkips: true,
  kthreadNice: 0,
  workqueues: 'keventd',
  flushRunsOwnQueue: false,
  flushWork: false,
  napiMissed: false,
  irqWork: false,
  kthreadStopNotifies: false,
  signalFrames: 'one',
  restartBlock: false,
  softirqStatistics: false,
  hungTaskSeconds: null,
  softLockup: null,
  softLockupThreshold: null,
};

const linux2624: Era = {
  ...linux24,
  name: 'linux-2.6.24',
  softirqs: ['HI', 'TIMER', 'NET_TX', 'NET_RX', 'BLOCK', 'TASKLET', 'SCHED', 'HRTIMER'],
  softirqRestart: 'passes',
  ksoftirqdNice: -5,
  timersInBottomHalf: false,
  taskletOrder: 'fifo',
  highResolutionSleeps: true,
  nohzIdle: true,
  preemptionModels: ['none', 'voluntary', 'full'],
  yieldSkips: false,
  kthreadNice: -5,
  workqueues: 'threads',
  flushRunsOwnQueue: true,
  signalFrames: 'all',
  softLockup: { seconds: 11, tag: '' },
  restartBlock: true,
};

const linux2632: Era = {
  ...linux2624,
  name: 'linux-2.6.32',
  softirqs: [
    'HI',
    'TIMER',
    'NET_TX',
    'NET_RX',
    'BLOCK',
    'IRQ_POLL',
    'TASKLET',
    'SCHED',
    'HRTIMER',
    'RCU',
  ],
  ksoftirqdNice: 0,
  delayPreempts: true,
  semaphore: 'fifo',
  mutexSpin: 'anybody',
  spinlock: 'ticket',
  cfs: { latency: 5_000_000, minGranularity: 1_000_000, wakeupGranularity: 1_000_000 },
  kthreadNice: 0,
  flushRunsOwnQueue: false,
  softirqStatistics: true,
  hungTaskSeconds: 120,
  softLockup: { seconds: 61, tag: '' },
  softLockupThreshold: 60,
  flushWork: true,
};

const linux61: Era = {
  ...linux2632,
  name: 'linux-6.1',
  softirqRestart: 'passesAndTime',
  ksoftirqdTakesOver: true,
  smpbootThreads: true,
  handlersNest: false,
  taskletWaitSleeps: true,
  timerWheel: 'rounded',
  exitRequeues: true,
  completionsUseSwait: true,
  mutexHandoff: true,
  mutexSpin: 'queued',
  rwsem: 'stealing',
  rtMutexSpins: true,
  spinlock: 'queued',
  rwlock: 'queued',
  preemptionModels: ['none', 'voluntary', 'full'],
  cfs: { latency: 6_000_000, minGranularity: 750_000, wakeupGranularity: 1_000_000 },
  yieldSkips: true,
  workqueues: 'pools',
  napiMissed: true,
  softLockup: { seconds: 26, tag: 'watchdog: ' },
  softLockupThreshold: 10,
  irqWork: true,
  kthreadStopNotifies: true,
};

const linux612: Era = {
  ...linux61,
  name: 'linux-6.12',
  ksoftirqdTakesOver: false,
  exitRequeues: false,
  msleepExtraJiffy: false,
};

export const eras: Readonly<Record<KernelName, Era>> = {
  'linux-2.4.27': linux24,
  'linux-2.6.24': linux2624,
  'linux-2.6.32': linux2632,
  'linux-6.1': linux61,
  'linux-6.12': linux612,
};
