/*
 * docs/semantics.md section 11, Spinlocks: whom a contended one goes to. Until 2.6.24 to any CPU
 * that spins (a byte, decremented and tested); with ticket locks (2.6.25) and queued ones (4.2) to
 * the one that came first, even while an interrupt keeps it from noticing.
 */
import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../engine/index.ts';
import { eras, kernelNames, type KernelName } from '../../models/era.ts';
import { Spinlock, spin_lock, spin_unlock } from '../../models/locking/spinlock.ts';
import { Lab } from '../models/lab.ts';

const last: Strategy = { name: 'last', choose: (_, count) => count - 1 };
const unfair = kernelNames.filter((name) => eras[name].spinlock === 'unfair');
const inOrder = kernelNames.filter((name) => !unfair.includes(name));

/** CPUs 0, 1, 2... want the lock at 1, 11, 21... ns and hold it for 100 ns. */
function contenders(lab: Lab, note: (cpu: number) => void): void {
  const lock = new Spinlock('L');
  for (const { id: cpu } of lab.machine.cpus) {
    lab.start(
      `${cpu}`,
      50,
      function* (k) {
        yield 1 + cpu * 10;
        yield* spin_lock(k, lock);
        note(cpu);
        yield 100;
        yield* spin_unlock(k, lock);
      },
      { cpu },
    );
  }
}

function order(kernel: KernelName, strategy?: Strategy): string {
  const lab = new Lab({
    kernel,
    cpus: 4,
    preemption: 'none',
    ...(strategy === undefined ? {} : { strategy }),
  });
  contenders(lab, (cpu) => lab.log.push(`${cpu}`));
  return lab.run().log.join('');
}

/** The second in line is interrupted at 50 ns for 500 ns. */
function interrupted(kernel: KernelName): string {
  const lab = new Lab({ kernel, cpus: 3, preemption: 'none' });
  const line = lab.irq('I', function* () {
    lab.log.push('irq');
    yield 500;
    lab.log.push('irq_end');
  });
  lab.irqAt(50, line, 1);
  contenders(lab, (cpu) => lab.log.push(`got ${cpu}`));
  return lab.run().log.join(', ');
}

it('is unfair in 2.4.27 and 2.6.24 only', () => {
  expect(unfair).toEqual(['linux-2.4.27', 'linux-2.6.24']);
  expect(inOrder.map((name) => eras[name].spinlock)).toEqual(['ticket', 'queued', 'queued']);
});

describe.each(unfair)('an unfair spinlock (%s)', (kernel) => {
  it('goes to whomever the race is won by', () => {
    expect(order(kernel, last)).toBe('0321');
    expect(order(kernel)).toMatch(/^0(?=.*1)(?=.*2)(?=.*3)...$/);
  });

  it('goes past a waiter that is in an interrupt', () => {
    expect(interrupted(kernel)).toBe('got 0, irq, got 2, irq_end, got 1');
  });
});

describe.each(inOrder)('a spinlock in order (%s)', (kernel) => {
  it('goes to the one that came first, whatever the strategy', () => {
    expect(order(kernel)).toBe('0123');
    expect(order(kernel, last)).toBe('0123');
  });

  it('waits for a waiter that is in an interrupt', () => {
    expect(interrupted(kernel)).toBe('got 0, irq, irq_end, got 1, got 2');
  });
});
