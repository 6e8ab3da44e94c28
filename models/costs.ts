/*
 * What operations cost in virtual time, in ns, as named presets. A scenario overrides any of them.
 *
 * x86-2007 is a 2.3 to 2.8 GHz Core 2 or Nehalem, x86-2024 a 3 GHz server. Measured and published
 * figures: system call and context switch after B. Sigoure (2010), lock pairs and copies from the
 * usual latency tables, netlink figures measured on a 6.x guest; the rest is assumed to fit its
 * neighbours.
 */
export const costAbouts = {
  syscall: 'Entry plus exit of a system call, half of it each way.',
  context_switch: 'From one task to another on a CPU.',
  irq: 'Entry, acknowledgement and exit of a hard interrupt.',
  softirq: 'Dispatch of one softirq vector.',
  tick: 'The work of a timer tick.',
  wakeup: 'Putting a task on a run queue.',
  lock: 'An uncontended lock operation.',
  unlock: 'An uncontended unlock.',
  handover: 'A contended lock passes to another CPU: the cache line travels.',
  access: 'Reading or writing a shared variable.',
  skb: 'Allocating and freeing a socket buffer.',
  copy_per_kib: 'Copying 1024 bytes between kernel and user space.',
  page_fault: 'A page fault that is handled without the disk.',
  page_in: 'From the request for a page to the interrupt of the disk that has it.',
  netlink_send: 'The path of a netlink message into the receive queue, without the copy.',
  netlink_recv: 'Taking a netlink message from the queue, without the copy.',
  poll_fd: 'One descriptor that select or poll looks at.',
  printk: 'One line to the kernel log.',
  ipi: 'From the write to the interrupt on the other CPU.',
  call: 'A system call or kernel function without a figure of its own.',
  ip_rcv: 'The receive path of one packet from the driver to the first hook.',
} as const;

export type CostName = keyof typeof costAbouts;
/** ns an operation. */
export type Costs = Record<CostName, number>;

const ideal: Costs = {
  syscall: 0,
  context_switch: 0,
  irq: 0,
  softirq: 0,
  tick: 0,
  wakeup: 0,
  lock: 0,
  unlock: 0,
  handover: 0,
  access: 0,
  skb: 0,
  copy_per_kib: 0,
  page_fault: 0,
  page_in: 0,
  netlink_send: 0,
  netlink_recv: 0,
  poll_fd: 0,
  printk: 0,
  ipi: 0,
  ip_rcv: 0,
  call: 0,
};

const x86In2007: Costs = {
  syscall: 80,
  context_switch: 1_300,
  irq: 700,
  softirq: 150,
  tick: 2_000,
  wakeup: 600,
  lock: 12,
  unlock: 13,
  handover: 60,
  access: 5,
  skb: 150,
  copy_per_kib: 256,
  page_fault: 1_000,
  page_in: 8_000_000,
  netlink_send: 1_200,
  netlink_recv: 1_000,
  poll_fd: 75,
  printk: 2_000,
  ipi: 1_000,
  ip_rcv: 1_500,
  call: 20,
};

const x86In2024: Costs = {
  syscall: 140,
  context_switch: 1_070,
  irq: 500,
  softirq: 100,
  tick: 1_500,
  wakeup: 500,
  lock: 5,
  unlock: 6,
  handover: 29,
  access: 2,
  skb: 90,
  copy_per_kib: 45,
  page_fault: 500,
  page_in: 100_000,
  netlink_send: 700,
  netlink_recv: 500,
  poll_fd: 40,
  printk: 1_000,
  ipi: 700,
  ip_rcv: 700,
  call: 10,
};

export const costPresets = {
  ideal,
  'x86-2007': x86In2007,
  'x86-2024': x86In2024,
} as const;
