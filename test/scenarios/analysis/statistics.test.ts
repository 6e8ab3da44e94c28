/*
 * Each statistic on a trace whose figures can be checked by eye.
 */
import { expect, test } from 'vitest';
import { fileOf, figures } from './hand-written.ts';

const to = (next: string, state: string): string =>
  `sched_switch,${next},prev_prio=120 prev_state=${state} next_prio=120`;

/** A packet arrives, and a task that slept reads of it. */
const PACKET = `
  100,0,hardirq,0,swapper/0,d.h1.,irq_handler_entry,eth0,19,
  130,0,hardirq,0,swapper/0,d.h1.,softirq_raise,NET_RX,3,
  150,0,hardirq,0,swapper/0,d.h1.,irq_handler_exit,eth0,19,
  160,0,softirq,0,swapper/0,..s1.,softirq_entry,NET_RX,3,
  190,0,softirq,0,swapper/0,..s1.,sched_waking,a,2,prio=120 target_cpu=0
  190,0,softirq,0,swapper/0,.Ns1.,sched_wakeup,a,2,prio=120 target_cpu=0
  195,0,softirq,0,swapper/0,.Ns1.,netlinkQueue,nl,1,portid=2 skbaddr=7
  195,0,softirq,0,swapper/0,.Ns1.,netlinkSend,k,24,dst_portid=2 len=24 skbaddr=7
  200,0,softirq,0,swapper/0,.Ns1.,softirq_exit,NET_RX,3,
  200,0,idle,0,swapper/0,...1.,${to('a,2', 'R')}
  260,0,kernel,2,a,.....,netlinkReceive,nl,24,src_portid=0 len=24 skbaddr=7
  270,0,kernel,2,a,.....,sys_exit,recvmsg,24,
  400,0,kernel,2,a,.....,${to('swapper/0,0', 'S')}
  450,0,idle,0,swapper/0,...1.,log,end,,
`;

test('the time of a CPU goes to whatever is on top', () => {
  expect(figures(PACKET, 'cpu.')).toEqual([
    'cpu.hardirq,0,50',
    'cpu.softirq,0,40',
    'cpu.task,0,200',
    'cpu.idle,0,160',
    'cpu.switches,0,2',
  ]);
  expect(figures(PACKET, 'time')).toEqual([
    'time,swapper/0,160',
    'time,eth0/hardirq/0,50',
    'time,NET_RX/softirq/0,40',
    'time,a/2,200',
  ]);
});

test('from the interrupt on, every stage is timed', () => {
  expect(figures(PACKET, 'irq_to').filter((line) => line.includes('.max'))).toEqual([
    'irq_to_softirq.max,eth0 > NET_RX,60',
    'irq_to_task.max,eth0 > a/2,100',
    'irq_to_user.max,eth0 > a/2,170',
    'irq_to_receive.max,eth0 > a/2,160',
  ]);
  expect(figures(PACKET, 'softirq_delay.max')).toEqual(['softirq_delay.max,NET_RX,30']);
  expect(figures(PACKET, 'handler_time.max')).toEqual([
    'handler_time.max,irq_handler eth0,50',
    'handler_time.max,softirq NET_RX,40',
  ]);
});

test('wake-up latency ends with the switch; who has the CPU when it is woken needs none', () => {
  expect(figures(PACKET, 'wakeup_latency.p50')).toEqual(['wakeup_latency.p50,a/2,10']);
  const awake = `
    10,0,idle,0,swapper/0,...1.,${to('a,2', 'R')}
    20,0,kernel,2,a,.....,sched_waking,a,2,prio=120 target_cpu=0
    30,0,kernel,2,a,.....,${to('swapper/0,0', 'S')}
    90,0,idle,0,swapper/0,...1.,${to('a,2', 'R')}
  `;
  expect(figures(awake, 'wakeup_latency')).toEqual([]);
});

test('a preempted task waits in the run queue', () => {
  const preempted = `
    10,0,kernel,2,a,.N...,${to('b,3', 'R+')}
    50,0,kernel,3,b,.....,${to('a,2', 'S')}
  `;
  expect(figures(preempted, 'runqueue_latency.max')).toEqual(['runqueue_latency.max,a/2,40']);
  expect(fileOf(preempted, 'queues.csv')).toEqual(['10,run queue 0,1', '50,run queue 0,0']);
  expect(figures(preempted, 'queue.')).toEqual([
    'queue.mean,run queue 0,0.8',
    'queue.max,run queue 0,1',
    'queue.at_end,run queue 0,0',
  ]);
});

const LOCKS = `
  10,0,kernel,2,a,...1.,lock_acquire,L,0,
  12,1,kernel,3,b,...1.,lock_acquire,L,0,
  15,1,kernel,3,b,...1.,lock_contended,L,,
  20,2,kernel,4,c,...1.,lock_acquire,L,0,
  20,2,kernel,4,c,...1.,lock_contended,L,,
  40,0,kernel,2,a,...1.,lock_release,L,30,
  40,1,kernel,3,b,...1.,lock_acquired,L,25,
  70,1,kernel,3,b,...1.,lock_release,L,30,
  70,2,kernel,4,c,...1.,lock_acquired,L,50,
  75,2,kernel,4,c,...1.,lock_release,L,5,
`;

test('locks are waited for and held', () => {
  expect(figures(LOCKS, 'lock.').filter((line) => !line.includes('pair'))).toEqual([
    'lock.acquired,L,3',
    'lock.contended,L,2',
    'lock.given_up,L,0',
    'lock.hold_max,L,30',
    'lock.hold_total,L,65',
    'lock.wait_max,L,50',
    'lock.wait_total,L,75',
  ]);
  expect(figures(LOCKS, 'lock_wait.p')).toContain('lock_wait.p50,L,25');
});

test('a wait is counted for each holder in its time', () => {
  expect(figures(LOCKS, 'lock.pair.total')).toEqual([
    'lock.pair.total,L: c/4 for b/3,30',
    'lock.pair.total,L: b/3 for a/2,25',
    'lock.pair.total,L: c/4 for a/2,20',
  ]);
});

test('who looks late and finds the lock taken has not had it', () => {
  const late = `
    10,0,kernel,2,a,...1.,lock_acquire,L,0,
    11,1,kernel,3,b,...1.,lock_acquire,L,0,
    12,2,kernel,4,c,...1.,lock_acquire,L,0,
    13,1,kernel,3,b,...1.,lock_contended,L,,
    14,2,kernel,4,c,...1.,lock_contended,L,,
    20,0,kernel,2,a,...1.,lock_release,L,9,
  `;
  expect(figures(late, 'lock.acquired')).toEqual(['lock.acquired,L,1']);
});

test('a wait in vain is none that ended with the lock', () => {
  const vain = `
    10,0,kernel,2,a,.....,lock_acquire,M,1,
    11,1,kernel,3,b,.....,lock_acquire,M,0,
    11,1,kernel,3,b,.....,lock_contended,M,,
    30,1,kernel,3,b,.....,lock_release,M,,
    40,0,kernel,2,a,.....,lock_release,M,30,
  `;
  expect(figures(vain, 'lock.')).toEqual([
    'lock.acquired,M,1',
    'lock.contended,M,1',
    'lock.given_up,M,1',
    'lock.hold_max,M,30',
    'lock.hold_total,M,30',
    'lock.wait_max,M,0',
    'lock.wait_total,M,0',
    'lock.pair.count,M: b/3 for a/2,1',
    'lock.pair.max,M: b/3 for a/2,19',
    'lock.pair.total,M: b/3 for a/2,19',
  ]);
});

test('drops are counted by what was lost', () => {
  const lost = `
    1,0,softirq,0,swapper/0,..s1.,netlinkOverrun,nl,3,
    2,0,softirq,0,swapper/0,..s1.,netlinkSend,k,-11,dst_portid=3 len=8
    3,0,softirq,0,swapper/0,..s1.,netlinkQueue,nl,1,portid=3 skbaddr=7
    3,0,softirq,0,swapper/0,..s1.,netlinkSend,k,8,dst_portid=3 len=8 skbaddr=7
    4,0,softirq,0,swapper/0,..s1.,kfree_skb,skb,7,skbaddr=7
    5,0,softirq,0,swapper/0,..s1.,kfree_skb,skb,8,skbaddr=8
  `;
  expect(figures(lost, 'drops')).toEqual([
    'drops,netlinkOverrun nl,1',
    'drops,netlinkSend k -11,1',
    'drops,kfree_skb skb,2',
  ]);
  expect(fileOf(lost, 'queues.csv')).toEqual(['3,nl port 3,1', '4,nl port 3,0']);
});

test('work waits from its queueing to its execution, and its time includes what it sleeps', () => {
  const work = `
    10,0,kernel,2,a,.....,workqueue_queue_work,w,,req_cpu=0 cpu=0
    25,1,kernel,9,kworker,.....,workqueue_execute_start,w,,
    65,0,kernel,9,kworker,.....,workqueue_execute_end,w,,
  `;
  expect(figures(work, 'work_delay.max')).toEqual(['work_delay.max,w,15']);
  expect(figures(work, 'handler_time.max')).toEqual(['handler_time.max,workqueue w,40']);
  expect(fileOf(work, 'queues.csv')).toEqual(['10,work w,1', '25,work w,0']);
});

test('a section ends with the interrupt that began it, or with the release of its lock', () => {
  const sections = `
    100,0,user,2,a,.....,log,x,,
    200,0,hardirq,2,a,d.h..,irq_handler_entry,eth0,19,
    230,0,hardirq,2,a,d.h..,irq_handler_exit,eth0,19,
    300,0,kernel,2,a,...1.,lock_acquire,L,0,
    390,0,kernel,2,a,...1.,lock_release,L,90,
    900,0,kernel,2,a,...1.,lock_acquire,L,0,
    910,0,kernel,2,a,...1.,lock_release,L,10,
    950,0,kernel,2,a,.....,log,y,,
  `;
  expect(figures(sections, 'off.max')).toEqual([
    'off.max,irqsoff CPU 0,30',
    'off.max,preemptoff CPU 0,90',
    'off.max,preemptirqsoff CPU 0,90',
  ]);
  expect(fileOf(sections, 'sections.csv')[0]).toBe(
    'irqsoff,0,200,230,2,3,irq_handler_entry eth0 on a/2,irq_handler_exit eth0 on a/2',
  );
});

test('an interrupt on top of a section does not end it', () => {
  const nested = `
    300,0,kernel,2,a,...1.,lock_acquire,L,0,
    310,0,hardirq,2,a,d.h1.,irq_handler_entry,eth0,19,
    320,0,hardirq,2,a,d.h1.,irq_handler_exit,eth0,19,
    390,0,kernel,2,a,...1.,lock_release,L,90,
  `;
  expect(figures(nested, 'off.max')).toEqual([
    'off.max,irqsoff CPU 0,10',
    'off.max,preemptoff CPU 0,90',
    'off.max,preemptirqsoff CPU 0,90',
  ]);
});

test('a message waits in the queue of its socket, whoever reads it there', () => {
  const queues = `
    1,0,softirq,0,swapper/0,..s1.,netlinkQueue,nl,1,portid=2 skbaddr=5
    2,0,softirq,0,swapper/0,..s1.,netlinkQueue,nl,2,portid=2 skbaddr=6
    2,0,softirq,0,swapper/0,..s1.,netlinkQueue,nl,1,portid=9 skbaddr=7
    3,0,kernel,3,b,.....,consume_skb,skb,5,skbaddr=5
    3,0,kernel,3,b,.....,netlinkReceive,nl,8,src_portid=0 len=8 skbaddr=5
    4,0,kernel,3,b,.....,netlinkReceive,nl,8,src_portid=0 len=8 skbaddr=7
    5,0,kernel,3,b,.....,netlinkReceive,nl,8,src_portid=0 len=8 skbaddr=8
  `;
  expect(fileOf(queues, 'queues.csv')).toEqual([
    '1,nl port 2,1',
    '2,nl port 2,2',
    '2,nl port 9,1',
    '3,nl port 2,1',
    '4,nl port 9,0',
  ]);
});

/** Rows of an interrupt of `line` that does `what` in 10 ns. */
const interrupt = (at: number, line: string, what: string): string =>
  `
    ${at},0,hardirq,0,swapper/0,d.h1.,irq_handler_entry,${line},19,
    ${at + 5},0,hardirq,0,swapper/0,d.h1.,${what}
    ${at + 10},0,hardirq,0,swapper/0,d.h1.,irq_handler_exit,${line},19,
  `.trim();

/** Rows of a receipt by the task a/2. */
const receipt = (at: number, skb: number): string =>
  `${at},1,kernel,2,a,.....,netlinkReceive,nl,8,src_portid=0 len=8 skbaddr=${skb}`;

test('messages are followed by their buffers, in whichever order they are read', () => {
  const messages = `${interrupt(100, 'eth0', 'netlinkQueue,nl,1,portid=2 skbaddr=4')}
    ${interrupt(200, 'eth1', 'netlinkQueue,nl,2,portid=2 skbaddr=5')}
    ${receipt(300, 5)}
    ${receipt(350, 5)}
    ${receipt(400, 4)}
    ${receipt(500, 6)}
  `;
  expect(figures(messages, 'irq_to_receive.count')).toEqual([
    'irq_to_receive.count,eth1 > a/2,1',
    'irq_to_receive.count,eth0 > a/2,1',
  ]);
  expect(figures(messages, 'irq_to_receive.max')).toEqual([
    'irq_to_receive.max,eth1 > a/2,100',
    'irq_to_receive.max,eth0 > a/2,300',
  ]);
});

test('what is sent while a packet is handled is of the interrupt that brought the packet', () => {
  const packets = `${interrupt(100, 'eth0', 'netif_rx,,64,skbaddr=1')}
    ${interrupt(200, 'eth1', 'softirq_raise,NET_RX,3,')}
    300,0,softirq,0,swapper/0,..s1.,softirq_entry,NET_RX,3,
    310,0,softirq,0,swapper/0,..s1.,netif_receive_skb,eth0,64,skbaddr=1
    320,0,softirq,0,swapper/0,..s1.,netlinkQueue,nl,1,portid=2 skbaddr=2
    330,0,softirq,0,swapper/0,..s1.,netif_receive_skb,eth1,64,skbaddr=3
    340,0,softirq,0,swapper/0,..s1.,netlinkQueue,nl,2,portid=2 skbaddr=4
    350,0,softirq,0,swapper/0,..s1.,softirq_exit,NET_RX,3,
    ${receipt(400, 2)}
    ${receipt(400, 4)}
  `;
  expect(figures(packets, 'irq_to_receive.max')).toEqual([
    'irq_to_receive.max,eth0 > a/2,300',
    'irq_to_receive.max,eth1 > a/2,200',
  ]);
});

test('a task acts for the interrupt that woke it until it sleeps', () => {
  const task = (state: string): string => `
    ${interrupt(100, 'eth0', 'sched_waking,k,3,prio=120 target_cpu=0')}
    120,0,idle,0,swapper/0,...1.,${to('k,3', 'R')}
    130,0,kernel,3,k,.....,${to('b,4', state)}
    140,0,kernel,4,b,.....,${to('k,3', 'S')}
    150,0,kernel,3,k,.....,netlinkQueue,nl,1,portid=2 skbaddr=4
    ${receipt(160, 4)}
  `;
  expect(figures(task('R+'), 'irq_to_receive.max')).toEqual(['irq_to_receive.max,eth0 > a/2,60']);
  expect(figures(task('S'), 'irq_to_receive.max')).toEqual([]);
});

test('who is woken by a task was not woken by the interrupt before', () => {
  const other = `${interrupt(100, 'eth0', 'sched_waking,a,2,prio=120 target_cpu=0')}
    120,1,kernel,2,a,.....,${to('b,3', 'S')}
    130,0,kernel,4,c,.....,sched_waking,a,2,prio=120 target_cpu=1
    140,1,kernel,3,b,.....,${to('a,2', 'S')}
  `;
  expect(figures(other, 'irq_to_task')).toEqual([]);
});
