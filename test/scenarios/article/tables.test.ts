/*
 * The article's Tables 1 and 2 as their scenarios print them, against what the kernel's checks say
 * in each context.
 */
import { describe, expect, it } from 'vitest';
import { kernelNames } from '../../../models/era.ts';
import { performArticle } from '../run/perform.ts';

/** The table's rows by their first cell. */
function tableOf(name: string, ...overrides: string[]): Map<string, string[]> {
  const { table } = performArticle(name, overrides).result;
  const texts = table!.rows.map((row) =>
    row.map((cell) => cell.map((part) => (typeof part === 'string' ? part : part.value)).join('')),
  );
  return new Map(texts.map(([first, ...rest]) => [first!, rest]));
}

describe('Table 1', () => {
  it('allows a system call and a thread to sleep, and neither interrupt nor softirq', () => {
    const rows = tableOf('table-1');
    const sleeping = (of: string): string => rows.get(of)![2]!;
    expect(sleeping('system call')).toBe('none');
    expect(sleeping('kernel thread')).toBe('none');
    expect(sleeping('hard interrupt')).toContain('sleep-in-atomic');
    expect(sleeping('softirq')).toContain('sleep-in-atomic');
  });

  it('lets the copy functions be used where sleeping is allowed', () => {
    const rows = tableOf('table-1');
    expect([...rows].map(([of, cells]) => [of, cells[0]])).toEqual([
      ['system call', 'none'],
      ['kernel thread', 'none'],
      ['hard interrupt', 'sleep-in-atomic'],
      ['softirq', 'sleep-in-atomic'],
    ]);
  });

  it('forbids a user pointer as it is where the processor does, and not in 2.4', () => {
    const direct = (...overrides: string[]): (string | undefined)[] =>
      [...tableOf('table-1', ...overrides).values()].map((cells) => cells[1]);
    expect(direct()).toEqual(new Array(4).fill('bad-user-access'));
    expect(direct('kernel=linux-2.4.27', 'machine.hz=100')).toEqual(new Array(4).fill('none'));
  });
});

describe('Table 2', () => {
  const methods = ['pipe', 'message queue', 'semaphore', 'shared memory', 'socket'];

  it.each(kernelNames)('holds under %s', (kernel) => {
    const rows = tableOf('table-2', `kernel=${kernel}`);
    for (const method of methods) {
      const [processes, thread, hardirq, softirq] = rows.get(method)!;
      expect(processes).toMatch(/^20 /);
      expect(thread).toBe('none');
      expect(hardirq).toContain('sleep-in-atomic');
      expect(softirq).toContain('sleep-in-atomic');
    }
    expect(rows.get('netlink')).toEqual(['23 delivered', 'none', 'none', 'none']);
  });

  it('is the same whoever preempts whom', () => {
    const rows = tableOf('table-2', 'machine.preemption=full');
    expect([...rows]).toEqual([...tableOf('table-2')]);
  });
});

describe.each(['pipe', 'message-queue', 'semaphore', 'socket'])('the misuse of a %s', (method) => {
  it('puts an unconcerned process to sleep in the interrupt', () => {
    const { result } = performArticle(`table-2-${method}`);
    const texts = result.findings.map(({ text }) => text);
    expect(texts.some((text) => text.startsWith('BUG: scheduling while atomic: victim/'))).toBe(
      true,
    );
  });

  it('does not happen without the interrupt', () => {
    const { result } = performArticle(`table-2-${method}`, ['actors.misuse.arrivals.at=[]']);
    expect(result.findings).toEqual([]);
  });
});
