/* The facts of a user process that were recorded on 6.1: each comes out of the model. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../scenarios/conformance/facts.ts';
import { seqfileFormat } from '../../../scenarios/conformance/seqfile.ts';
import { signalsFormat } from '../../../scenarios/conformance/signals.ts';

const formats = { seqfile: seqfileFormat, signals: signalsFormat };

function factsOf(file: string): Fact[] {
  const url = new URL(`../../conformance/kernel/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { facts: Fact[] }).facts;
}

const failures = (format: typeof seqfileFormat, facts: readonly Fact[]): (string | null)[] =>
  format
    .run({ facts })
    .map(({ difference }) => difference)
    .filter((difference) => difference !== null);

describe.each(['seqfile', 'signals'] as const)('%s', (name) => {
  const format = formats[name];
  const facts = factsOf(name);

  it('recognises the recording, and every fact comes out as the kernel gave it', () => {
    expect(format.recognises({ facts })).toBe(true);
    expect(format.run({ facts })).toHaveLength(facts.length);
    expect(failures(format, facts)).toEqual([]);
  });

  it('a result that is changed is found', () => {
    const inputs = new Set([
      'case',
      'records',
      'record_bytes',
      'read_size',
      'lines_of_5_bytes',
      'deleted_index',
      'offset',
      'driver',
      'SA_RESTART',
      'note',
      'runs',
      'distinct_outcomes',
    ]);
    const changed = facts.flatMap((fact) =>
      Object.keys(fact)
        .filter((field) => !inputs.has(field) && !(field === 'first_read' || field === 'first'))
        .filter((field) => field !== 'lseek')
        .map((field) => ({ ...fact, [field]: `${String(fact[field])} or not` })),
    );
    const returnsKept = changed.filter(({ returns }) => typeof returns !== 'string');
    expect(returnsKept.length).toBeGreaterThan(facts.length);
    expect(failures(format, returnsKept)).toHaveLength(returnsKept.length);
  });
});

describe('rows with other numbers than the recorded ones', () => {
  const only = (fact: Record<string, unknown>): (string | null)[] =>
    failures(seqfileFormat, [fact as Fact]);

  it('are worked out from the records and sizes that they name', () => {
    const calls = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, i) => `show(${from + i}) next->${from + i + 1} `).join(
        '',
      );
    const rows = [
      {
        case: 'seq-read',
        file: 'seq_open',
        records: 2,
        record_bytes: 30,
        read_size: 40,
        read_calls: 3,
        total: 60,
        returns: [40, 20, 0],
        ops: `start(0) ${calls(0, 2)}stop(NULL) start(2) stop(NULL) start(2) stop(NULL) `,
      },
      {
        case: 'seq-pread-at-offset',
        records: 5,
        record_bytes: 8,
        offset: 17,
        ret: 23,
        ops: `start(0) ${calls(0, 3)}stop(v) start(3) ${calls(3, 5)}stop(NULL) `,
      },
      {
        case: 'seq-record-deleted-between-reads',
        records: 5,
        record_bytes: 12,
        first_read_12_bytes: '0000 ',
        deleted_index: 0,
        second_read: '0002 0003 0004 ',
        ops:
          'start(0) show(0) next->1 stop(v) start(1) show(2) next->2 show(3) next->3 ' +
          'show(4) next->4 stop(NULL) ',
      },
      {
        case: 'seq-show-returns-SEQ_SKIP-for-record-0',
        file: 'seq_open',
        records: 2,
        record_bytes: 10,
        read_size: 4096,
        read_calls: 2,
        total: 10,
        returns: [10, 0],
        ops: `start(0) ${calls(0, 2)}stop(NULL) start(2) stop(NULL) `,
      },
    ];
    for (const row of rows) expect(only(row)).toEqual([]);
  });

  it('the time that the driver sleeps is read from its description', () => {
    const row = (timeout: string, lastret: number, entered: number) => ({
      case: 'driver-sleep-interrupted-by-signal',
      driver: `returns what wait_event_interruptible_timeout(${timeout}) gave`,
      SA_RESTART: true,
      read_returned: 1,
      errno: 0,
      handler_runs: entered - 1,
      info: { entered, lastret },
    });
    const rows = [row('2 s', 500, 3), row('60 ms', 0, 1)];
    expect(failures(signalsFormat, rows)).toEqual([]);
    expect(failures(signalsFormat, [{ ...row('2 s', 500, 3), driver: 'sleeps' }])[0]).toContain(
      "no driver is known that 'sleeps'",
    );
  });
});
