/*
 * Figures that every run has, read off the machine at its end.
 */
import { netlinkIfUsed } from '../../models/net/netlink/stack.ts';
import type { World } from './world.ts';

export function collectMetrics(world: World, untilNs: number): void {
  const { machine, metrics } = world;
  for (const act of world.atEnd) act();
  metrics.set('time.simulated', '', machine.sim.now, 'ns');
  metrics.set('time.until', '', untilNs, 'ns');
  metrics.set('choices', '', machine.door.choices.length, 'count');
  for (const cpu of machine.cpus) {
    const object = String(cpu.id);
    for (const [context, ns] of Object.entries(cpu.times.ns)) {
      metrics.set(`cpu.${context}`, object, ns, 'ns');
    }
    metrics.set('cpu.switches', object, cpu.switches, 'count');
  }
  let wakeups = 0;
  for (const task of machine.allTasks) wakeups += task.wakeups;
  metrics.set('tasks.created', '', machine.allTasks.length, 'count');
  metrics.set('tasks.wakeups', '', wakeups, 'count');
  metrics.set('tasks.blocked', '', machine.blockedTasks().length, 'count');
  metrics.set('findings', '', machine.findings.all.length, 'count');
  for (const lock of world.locks()) {
    metrics.set('lock.acquired', lock.name, lock.acquired, 'count');
    metrics.set('lock.contended', lock.name, lock.contended, 'count');
    metrics.set('lock.wait_total', lock.name, lock.waitTotal, 'ns');
    metrics.set('lock.wait_max', lock.name, lock.waitMax, 'ns');
    metrics.set('lock.hold_max', lock.name, lock.holdMax, 'ns');
  }
  collectNetwork(world);
}

function collectNetwork(world: World): void {
  const { metrics } = world;
  const netlink = netlinkIfUsed(world.machine);
  if (netlink !== null) {
    for (const [name, value] of Object.entries(netlink.stats)) {
      metrics.set(`netlink.${name}`, '', value as number, 'count');
    }
    metrics.set('skb.live', '', netlink.memory.live, 'count');
  }
  const net = world.netIfUsed;
  if (net === null || net.devices.length === 0) return;
  for (const device of net.devices) {
    for (const [name, value] of Object.entries(device.stats)) {
      metrics.set(`netdev.${name}`, device.name, value, 'count');
    }
  }
  for (const [name, value] of Object.entries(net.ip.stats)) {
    metrics.set(`ip.${name}`, '', value as number, 'count');
  }
}
