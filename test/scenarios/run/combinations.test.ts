/* Systems that meet: what a stranger's scenario combines, and what must be found in it. */
import { describe, expect, it } from 'vitest';
import { ScenarioRun } from '../../../scenarios/run/run.ts';
import { loadYaml } from './perform.ts';
import { observe } from './scenario.ts';

function found(yaml: string): string[] {
  return new ScenarioRun(loadYaml(yaml)).end().map(({ kind, text }) => `${kind}: ${text}`);
}

function scenario(objects: string, actors: string): string {
  return `
name: combination
kernel: linux-2.6.32
machine: { cpus: 1, hz: 250 }
until: 200ms
vars: { n: 0 }
objects: { ${objects} }
actors:
${actors.replace(/^\n/, '').replace(/^/gm, '  ')}`;
}

describe('a buffer of alloc_skb', () => {
  const alone = 'nl: { type: netlink, protocol: 21 }';
  const timer = (steps: string) => `t: { kind: timer, start: 1ms, steps: [${steps}] }`;
  const reader = `
u: { kind: user, pid: 700, steps: [socket $s 21, bind $s 700, pause], daemon: true }
`;

  it('that a timer forgets is a leak', () => {
    const [first, ...others] = found(scenario(alone, timer('alloc_skb $skb 100')));
    expect(first).toMatch(/^leak: unreferenced object skb/);
    expect(others).toEqual([]);
  });

  it.each([
    'alloc_skb $skb 100, kfree_skb $skb',
    'alloc_skb $skb 100, netlink_unicast_skb nl $skb 700',
    'alloc_skb $skb 100, netlink_unicast_skb nl $skb 999',
    'alloc_skb $skb 100, skb_get $skb, netlink_unicast_skb nl $skb 700, kfree_skb $skb',
  ])('is none with %s', (steps) => {
    expect(found(scenario(alone, timer(steps) + reader))).toEqual([]);
  });

  it('of which one reference too many was taken is a leak', () => {
    const steps = 'alloc_skb $skb 100, skb_get $skb, netlink_unicast_skb nl $skb 700';
    expect(found(scenario(alone, timer(steps) + reader))[0]).toMatch(/^leak/);
  });
});

describe('a thread whose code is part of a module', () => {
  const actors = (exit: string) => `
init: { kind: callback, steps: [wake_up_process thread] }
exit: { kind: callback, steps: [${exit}] }
thread:
  kind: kthread
  start: false
  steps:
    - $stop = 0
    - while: $stop == 0
      do: [kthread_should_stop $stop, msleep 8]
user: { kind: user, steps: [init_module m, nanosleep 30ms, delete_module m O_NONBLOCK] }`;
  const objects = 'm: { type: module, init: init, exit: exit, text: [thread] }';

  it('falls into the hole at its next step after the module is gone', () => {
    const all = found(scenario(objects, actors('nop')));
    expect(all[0]).toBe('use-after-free: BUG: thread goes on after m was unloaded');
  });

  it('does not if the module stops it', () => {
    expect(found(scenario(objects, actors('kthread_stop thread')))).toEqual([]);
  });
});

it('tells the input of a netlink socket who sends what', () => {
  const run = observe(
    scenario(
      'nl: { type: netlink, protocol: 21, input: in }',
      `
in:
  kind: callback
  steps: [argument portid -> portid, argument len -> len, argument nlmsg_type -> type]
u: { kind: user, steps: [socket $s 21, bind $s 700, sendto $s 0 40 0 17] }`,
    ),
  );
  expect(run.logged.map(({ label, result }) => [label, result])).toEqual([
    ['portid', 700],
    ['len', 40],
    ['type', 17],
  ]);
});

it.each(['sysfs_create_file a', 'sysfs_remove_file a'])('%s may sleep', (step) => {
  const tasklet = `t: { kind: tasklet, start: 1ms, steps: [${step}] }`;
  expect(found(scenario('a: attribute', tasklet))[0]).toMatch(/^sleep-in-atomic/);
});
