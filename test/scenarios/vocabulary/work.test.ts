/* Works, NAPI polls and irq_works as actors of a scenario, and the words for them. */
import { describe, expect, it } from 'vitest';
import { parseTrace, type TraceRow } from '../run/perform.ts';
import { labels, observe } from '../run/scenario.ts';

function scenario(actors: string, more = ''): string {
  return `
name: works
machine: { cpus: 1, costs: { preset: ideal } }
until: 1s
vars: { n: 0 }
${more || 'objects: { Q: workqueue, O: workqueue:ordered }'}
actors:
${actors}`;
}

const results = (yaml: string): string[] =>
  observe(yaml).logged.map(({ actor, label, result }) =>
    Number.isNaN(result) ? `${actor} ${label}` : `${actor} ${label}=${result}`,
  );

function rowsWhere(yaml: string, event: string): TraceRow[] {
  return parseTrace(observe(yaml, { keep: true }).csv).filter((row) => row.event === event);
}

describe('a work', () => {
  it('runs its steps in a kworker, in its own name', () => {
    const yaml = scenario(`
  main: { kind: kthread, steps: [queue_work Q W -> q, queue_work Q W -> again, flush_work W -> f] }
  W: { kind: work, steps: [log begin, msleep 4, n = n + 1, log end] }`);
    const seen = observe(yaml);
    expect(results(yaml)).toEqual(['main q=1', 'main again=0', 'W begin', 'W end', 'main f=1']);
    expect(seen.variable('n')).toBe(1);
    const execution = rowsWhere(yaml, 'workqueue_execute_start');
    expect(execution.map(({ object, comm }) => [object, comm])).toEqual([
      ['W', 'kworker/0:0'],
      ['wq_barrier_func', 'kworker/0:0'],
    ]);
    const switches = rowsWhere(yaml, 'sched_switch');
    const idle = switches.filter(({ comm }) => comm === 'kworker/0:0');
    expect(idle.at(-1)?.detail).toContain('prev_state=I');
  });

  it('is pending from the beginning or from an instant on, if it shall', () => {
    const yaml = scenario(`
  W: { kind: work, start: true, steps: [log W] }
  D: { kind: delayed_work, start: 3ms, steps: [log D] }`);
    const { logged } = observe(yaml);
    expect(logged.map(({ label, timeNs }) => [label, timeNs])).toEqual([
      ['W', 0],
      ['D', 3_000_000],
    ]);
  });

  it('obeys every word for it', () => {
    const yaml = scenario(`
  main:
    kind: kthread
    policy: fifo
    prio: 50
    steps:
      - queue_work_on 0 Q W -> queue_work_on
      - work_pending W -> work_pending
      - work_busy W -> work_busy
      - cancel_work W -> cancel_work
      - schedule_work W -> schedule_work
      - cancel_work_sync W -> cancel_work_sync
      - schedule_work_on 0 W -> schedule_work_on
      - flush_scheduled_work
      - queue_delayed_work Q D 5 -> queue_delayed_work
      - delayed_work_pending D -> delayed_work_pending
      - mod_delayed_work Q D 9 -> mod_delayed_work
      - cancel_delayed_work D -> cancel_delayed_work
      - queue_delayed_work_on 0 O D 5 -> queue_delayed_work_on
      - cancel_delayed_work_sync D -> cancel_delayed_work_sync
      - schedule_delayed_work D 5 -> schedule_delayed_work
      - flush_delayed_work D -> flush_delayed_work
      - queue_work O W
      - flush_workqueue O
      - drain_workqueue O
      - destroy_workqueue O
      - log end
  W: { kind: work, steps: [log W] }
  D: { kind: delayed_work, steps: [log D] }`);
    expect(results(yaml)).toEqual([
      'main queue_work_on=1',
      'main work_pending=1',
      'main work_busy=1',
      'main cancel_work=1',
      'main schedule_work=1',
      'main cancel_work_sync=1',
      'main schedule_work_on=1',
      'W W',
      'main queue_delayed_work=1',
      'main delayed_work_pending=1',
      'main mod_delayed_work=1',
      'main cancel_delayed_work=1',
      'main queue_delayed_work_on=1',
      'main cancel_delayed_work_sync=1',
      'main schedule_delayed_work=1',
      'D D',
      'main flush_delayed_work=1',
      'W W',
      'main end',
    ]);
  });

  it('is queued for keventd in 2.4, which has no workqueues', () => {
    const works = `
  main: { kind: kthread, steps: [schedule_task W -> q, flush_scheduled_tasks, log flushed] }
  W: { kind: work, steps: [log W] }`;
    const yaml = scenario(works, 'kernel: linux-2.4.27');
    expect(results(yaml)).toEqual(['main q=1', 'W W', 'main flushed']);
    const none = scenario(works, 'kernel: linux-2.4.27\nobjects: { Q: workqueue }');
    expect(() => observe(none)).toThrow('objects.Q: linux-2.4.27 has no workqueues');
  });

  it('is refused with a word where the kernel or the machine has not what it asks for', () => {
    const one = (step: string, more = '') =>
      scenario(
        `
  main: { kind: kthread, steps: [${step}] }
  W: { kind: work, steps: [log W] }`,
        more,
      );
    expect(() => observe(one('schedule_task W'))).toThrow('linux-6.1 has no schedule_task');
    expect(() => observe(one('queue_work_on 3 Q W'))).toThrow('there is no CPU 3');
    expect(() => observe(one('cancel_work W', 'kernel: linux-2.6.32'))).toThrow(
      'linux-2.6.32 has no cancel_work',
    );
  });
});

describe('a napi', () => {
  it('polls in NET_RX, complete before its steps', () => {
    const yaml = scenario(
      `
  main:
    kind: kthread
    steps:
      - local_bh_disable
      - napi_schedule N -> first
      - napi_schedule N -> second
      - local_bh_enable
      - log end
  N: { kind: napi, steps: [log poll] }`,
      'kernel: linux-2.6.32',
    );
    expect(results(yaml)).toEqual(['main first=1', 'main second=0', 'N poll', 'main end']);
    const rows = rowsWhere(yaml, 'napi_poll');
    expect(rows.map(({ object, value }) => [object, value])).toEqual([['N', 0]]);
  });

  it('that completes in its steps may say how much it did', () => {
    const yaml = scenario(`
  main: { kind: kthread, steps: [local_bh_disable, napi_schedule N, local_bh_enable] }
  N:
    kind: napi
    complete: false
    steps: [n = n + 1, { if: n < 3, then: [exit 64] }, napi_complete N -> done, exit 7]`);
    expect(results(yaml)).toEqual(['N done=1']);
    const rows = rowsWhere(yaml, 'napi_poll');
    expect(rows.map(({ value }) => value)).toEqual([64, 64, 7]);
  });

  it('may be scheduled from the beginning', () => {
    expect(
      labels(observe(scenario('  N: { kind: napi, start: true, steps: [log poll] }'))),
    ).toEqual(['poll']);
  });
});

describe('an irq_work', () => {
  it('runs in a hard interrupt, in its own name', () => {
    const yaml = scenario(`
  main: { kind: kthread, steps: [irq_work_queue I -> q, irq_work_sync I, log end] }
  I: { kind: irq_work, steps: [in_hardirq -> hard] }
  other: { kind: irq_work, start: 2ms, steps: [log other] }
  remote: { kind: kthread, start: 5ms, steps: [irq_work_queue_on I 0 -> q] }`);
    const order = ['I hard=1', 'main q=1', 'main end', 'other other', 'I hard=1', 'remote q=1'];
    expect(results(yaml)).toEqual(order);
  });
});
