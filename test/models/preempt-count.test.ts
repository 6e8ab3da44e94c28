/* preempt_count: its packed fields in each context, and the predicates that read them. */
import { describe, expect, it } from 'vitest';
import {
  in_atomic,
  in_hardirq,
  in_interrupt,
  in_serving_softirq,
  in_task,
  local_irq_disable,
  local_irq_enable,
  preempt_disable,
  preempt_enable,
} from '../../models/cpu/preempt.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import type { Cpu } from '../../models/cpu/cpu.ts';
import {
  Spinlock,
  spin_lock,
  spin_lock_bh,
  spin_unlock,
  spin_unlock_bh,
} from '../../models/locking/spinlock.ts';
import { Tasklet, tasklet_schedule } from '../../models/irq/tasklet.ts';
import { might_sleep } from '../../models/sched/core.ts';
import { formatFlags, packFlags } from '../../models/trace-row.ts';
import { Lab, just, raise_irq, sleep } from './lab.ts';

/** The counter, the predicates that hold, and the flags as ftrace prints them. */
function state(cpu: Cpu): string {
  const predicates = { in_hardirq, in_serving_softirq, in_interrupt, in_task, in_atomic };
  const held = Object.entries(predicates).filter(([, holds]) => holds(cpu));
  const names = held.map(([name]) => name.slice(3)).join(' ');
  return `${cpu.preempt_count.toString(16)}: ${names} [${formatFlags(packFlags(cpu))}]`;
}

describe('the counter', () => {
  it('has its fields set in each context as in Linux', () => {
    const lab = new Lab();
    const seen: Record<string, string> = {};
    const lock = new Spinlock('L');
    const tasklet = new Tasklet('T', function* (k) {
      seen['tasklet'] = state(k.cpu);
      local_bh_disable(k);
      seen['tasklet, bh off'] = state(k.cpu);
      yield* local_bh_enable(k);
      yield* spin_lock(k, lock);
      seen['tasklet, locked'] = state(k.cpu);
      yield* spin_unlock(k, lock);
    });
    const line = lab.irq(
      'I',
      just((k) => void (seen['irq'] = state(k.cpu))),
    );
    const inSoftirq = new Tasklet('T2', (k) =>
      raise_irq(
        k,
        lab.irq(
          'J',
          just((on) => {
            seen['irq in softirq'] = state(on.cpu);
          }),
        ),
      ),
    );
    lab.start('main', 50, function* (k) {
      seen['task'] = state(k.cpu);
      preempt_disable(k);
      preempt_disable(k);
      seen['preempt off twice'] = state(k.cpu);
      yield* preempt_enable(k);
      yield* preempt_enable(k);
      yield* spin_lock_bh(k, lock);
      seen['spin_lock_bh'] = state(k.cpu);
      yield* spin_unlock_bh(k, lock);
      local_irq_disable(k);
      seen['irqs off'] = state(k.cpu);
      yield* local_irq_enable(k);
      yield* raise_irq(k, line);
      local_bh_disable(k);
      tasklet_schedule(k.cpu, tasklet);
      tasklet_schedule(k.cpu, inSoftirq);
      yield* local_bh_enable(k);
      seen['end'] = state(k.cpu);
    });
    lab.run();
    expect(seen).toEqual({
      task: '0: task [.....]',
      'preempt off twice': '2: task atomic [...2.]',
      spin_lock_bh: '201: interrupt task atomic [b..1.]',
      'irqs off': '0: task [d....]',
      irq: '10000: hardirq interrupt atomic [d.h..]',
      // From local_bh_enable: preemption is still off while the softirqs run.
      tasklet: '101: serving_softirq interrupt atomic [..s1.]',
      'tasklet, bh off': '301: serving_softirq interrupt atomic [b.s1.]',
      'tasklet, locked': '102: serving_softirq interrupt atomic [..s2.]',
      'irq in softirq': '10101: hardirq serving_softirq interrupt atomic [d.H1.]',
      end: '0: task [.....]',
    });
  });

  it('is the idle task’s own while a CPU is idle', () => {
    const lab = new Lab();
    const line = lab.irq(
      'I',
      just((k) => lab.note(k, state(k.cpu))),
    );
    lab.irqAt(100, line);
    lab.run();
    expect(lab.log).toEqual(['10001: hardirq interrupt atomic [d.h1.]@hardirq']);
    expect(lab.machine.cpus[0]!.preempt_count).toBe(1);
  });

  it('belongs to the task and not to the CPU', () => {
    const lab = new Lab({ preemption: 'none' });
    const idle = (): number => lab.machine.cpus[0]!.preempt_count;
    lab.start('main', 50, function* (k) {
      lab.note(k, 'main', k.cpu.preempt_count);
      yield* sleep(k, 1);
      lab.note(k, 'main', k.cpu.preempt_count);
    });
    expect(lab.run().log).toEqual(['main(0)', 'main(0)']);
    expect(idle()).toBe(1);
  });

  it('is lost by a task that sleeps where it must not', () => {
    const lab = new Lab();
    lab.start('main', 50, function* (k) {
      preempt_disable(k);
      yield* sleep(k, 1);
      lab.note(k, 'main', k.cpu.preempt_count);
    });
    expect(lab.run().log).toEqual(['main(0)']);
  });
});

describe('sleeping in atomic context', () => {
  it('is reported by might_sleep, also with interrupts off, and by the scheduler', () => {
    const lab = new Lab();
    lab.start('main', 50, function* (k) {
      yield* might_sleep(k, 'nothing wrong');
      local_irq_disable(k);
      yield* might_sleep(k, 'here');
      yield* local_irq_enable(k);
      preempt_disable(k);
      yield* sleep(k, 1);
    });
    lab.run();
    expect(lab.machine.findings.all.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'sleep-in-atomic: BUG: sleeping function called from invalid context at here',
      'sleep-in-atomic: BUG: scheduling while atomic: main/2/0x00000001',
    ]);
  });
});
