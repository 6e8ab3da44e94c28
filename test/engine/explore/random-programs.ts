/*
 * Random small programs: two threads and perhaps an interrupt, over a few locks and variables.
 */
import fc from 'fast-check';
import type { Text } from './programs.ts';

const call = fc.constantFrom(
  'x = x + 1',
  'y = x',
  '$a = x',
  'x = $a + 1',
  'assert x < 2',
  'spin_lock A\n- y = y + 1\n- spin_unlock A',
  'spin_lock B\n- spin_lock A\n- spin_unlock A\n- spin_unlock B',
  'spin_lock A\n- spin_lock B\n- spin_unlock B\n- spin_unlock A',
  'mutex_lock M\n- x = x + 1\n- mutex_unlock M',
  'down S\n- y = 0\n- up S',
  'down S',
  'complete C',
  'wait_for_completion C',
  'wake_up q',
  'wait_event q y > 0',
  'spin_lock_irqsave A $f\n- x = 0\n- spin_unlock_irqrestore A $f',
  'read_lock R\n- $a = x\n- read_unlock R',
  'write_lock R\n- x = 5\n- write_unlock R',
);
const body = fc
  .array(call, { minLength: 1, maxLength: 2 })
  .map((calls) => `kind: kthread\n- $a = 0\n${calls.map((one) => `- ${one}`).join('\n')}`);
const handler = fc.constantFrom(
  '- x = x + 1',
  '- spin_lock A\n- y = 1\n- spin_unlock A',
  '- complete C',
  '- up S',
);
export const randomProgram: fc.Arbitrary<Text> = fc
  .record({
    bodies: fc.array(body, { minLength: 2, maxLength: 2 }),
    handler: fc.option(handler, { nil: undefined, freq: 2 }),
    cpus: fc.constantFrom(1, 2),
    preemption: fc.constantFrom('none', 'full'),
  })
  .map(({ bodies, handler: steps, cpus, preemption }): Text => {
    const actors: Record<string, string> = {};
    for (const [i, steps] of bodies.entries()) {
      actors[`t${i}`] = steps.replace('kthread', `kthread, cpu: ${i % cpus}`);
    }
    if (steps !== undefined) {
      actors['dev'] = `kind: irq, cpu: 0, arrivals: { every: 1ms }\n${steps}`;
    }
    return {
      cpus,
      preemption,
      objects:
        'A: spinlock, B: spinlock, M: mutex, S: sem:1, C: completion, q: waitqueue, R: rwlock',
      vars: 'x: 0, y: 0',
      actors,
    };
  });
