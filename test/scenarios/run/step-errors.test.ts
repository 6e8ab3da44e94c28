/* What is wrong with a scenario and shows only when it is built or run: an error with its place. */
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../scenarios/run/error.ts';
import { loadYaml, perform } from './perform.ts';
import { stepsOf } from './scenario.ts';

function errorOf(yaml: string): ScenarioError {
  const loaded = loadYaml(yaml);
  try {
    perform(loaded);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

function scenario(actors: string, more = 'kernel: linux-2.6.32'): string {
  return `{ name: x, ${more}, machine: { cpus: 2 }, until: 50ms, actors: { ${actors} } }`;
}

describe('a step without a value', () => {
  it.each([
    ['n = 1 / m', 'division by zero'],
    ['n = 1 % m', 'division by zero'],
    ['$x = 1 / m', 'division by zero'],
    ['assert 1 / m', 'division by zero'],
    ['exit 1/m', 'division by zero'],
    ['msleep 1/m', 'division by zero'],
    ['wait_event q 1 / m', 'division by zero'],
    ['{ if: 1 / m, then: [nop] }', 'division by zero'],
    ['{ while: 1 / m, do: [nop] }', 'division by zero'],
    ['{ repeat: 1 / m, do: [nop] }', 'division by zero'],
    ['{ atomic: [n = 1 / m] }', 'division by zero'],
    ['ring[n + 3] = 1', 'ring[3] is outside its 3 elements'],
    ['n = ring[n - 1]', 'ring[-1] is outside its 3 elements'],
    ['spin_until ring[7] 1', 'ring[7] is outside its 3 elements'],
  ])('%s: %s', (step, message) => {
    const error = errorOf(stepsOf(`- nop\n- ${step}\n- nop`));
    expect(error.message).toContain(message);
    expect(error.at?.line).toBe(13);
  });

  it('in finally: the expression is named', () => {
    const error = errorOf(stepsOf('- nop', 'finally: ["1 / n"]'));
    expect(error.message).toBe('finally: 1 / n: division by zero');
  });
});

describe('an actor that cannot be', () => {
  it('a softirq whose vector the kernel does not have', () => {
    const yaml = scenario(
      'a: { kind: softirq, vector: BLOCK, steps: [nop] }',
      'kernel: linux-2.4.27',
    );
    expect(errorOf(yaml).message).toBe(
      "actors.a.vector: linux-2.4.27 has HI, NET_TX, NET_RX, TASKLET, not 'BLOCK'",
    );
  });

  it('a process whose id is taken', () => {
    const process = '{ kind: user, pid: 50, steps: [nop] }';
    expect(errorOf(scenario(`a: ${process}, b: ${process}`)).message).toBe(
      'actors.b.pid: another task has the id 50',
    );
  });

  it.each(['kthread', 'irq', 'tasklet', 'timer', 'callback'])('a system call in a %s', (kind) => {
    const error = errorOf(scenario(`a: { kind: ${kind}, steps: [nop, "socket $fd 2"] }`));
    expect(error.message).toBe(`'socket' is for user processes; a is of kind ${kind}`);
    expect(error.at?.line).toBe(1);
  });

  it.each(['pool_usr', 'pool_knl', 'imp2_u', 'imp2_k'])('the program %s elsewhere', (program) => {
    expect(errorOf(scenario(`a: { kind: kthread, program: ${program} }`)).message).toBe(
      `actors.a.kind: the program ${program} is for actors of kind user, not kthread`,
    );
  });

  it('a kernel without the preemption model', () => {
    const yaml = '{ name: x, kernel: linux-2.4.27, machine: { preemption: full }, actors: {} }';
    expect(errorOf(yaml).message).toBe("machine.preemption: linux-2.4.27 has none, not 'full'");
  });

  it('a network card on a CPU that is not there', () => {
    const yaml = scenario(
      'a: { kind: kthread, steps: [nop] }',
      'objects: { eth0: { type: netdev, cpu: 2 } }',
    );
    expect(errorOf(yaml).message).toBe(
      'objects.eth0.cpu: the machine has 2 of them, from CPU 0, got 2',
    );
  });
});
