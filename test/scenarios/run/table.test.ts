/* The scenario's own table: what its cells say, what is wrong with it, and its CSV. */
import { describe, expect, it } from 'vitest';
import { formatDiagnostic, loadText } from '../../../scenarios/load/index.ts';
import { tableCsv } from '../../../scenarios/output/tables.ts';
import { registry } from '../../../scenarios/registry.ts';
import { loadYaml, perform } from './perform.ts';

const scenario = (rows: string, columns = '[who, what]'): string => `name: t
machine: { costs: ideal }
params: { times: 3 }
objects: { S: semaphore:0 }
metrics:
  turns: { count: log turn }
  pause: { from: log turn, to: log done }
actors:
  worker: { steps: [{ repeat: $times, do: [log turn, delay 1500ns, log done] }] }
  line: { kind: irq, arrivals: { at: [1ms] }, steps: [down_trylock S -> got, might_sleep] }
expect: [findings: { must: [sleep-in-atomic] }]
table:
  title: What came out
  columns: ${columns}
  rows:
${rows}
`;

function cells(rows: string, ...overrides: string[]): string[][] {
  const { table } = perform(loadYaml(scenario(rows), overrides)).result;
  return table!.rows.map((row) =>
    row.map((cell) => cell.map((part) => (typeof part === 'string' ? part : part.value)).join('')),
  );
}

describe('a table', () => {
  it('has texts, figures of the run in texts, and findings of an actor', () => {
    const rows = `    - [worker, '{turns} turns of {pause.max} ns']
    - [line, { findings: line }]
    - [worker, { findings: worker }]`;
    expect(cells(rows)).toEqual([
      ['worker', '3 turns of 1500 ns'],
      ['line', 'sleep-in-atomic'],
      ['worker', 'none'],
    ]);
  });

  it('takes the first case whose threshold holds, and else the text at the end', () => {
    const rows = `    - [few, [{ if: turns < 2, then: one }, { if: turns < 5, then: some }, many]]`;
    expect(cells(rows)).toEqual([['few', 'some']]);
    expect(cells(rows, 'params.times=1')).toEqual([['few', 'one']]);
    expect(cells(rows, 'params.times=9')).toEqual([['few', 'many']]);
  });

  it('is empty where no case holds, and looks at no figure behind the one that does', () => {
    const rows = `    - [a, [{ if: turns > 3, then: no }]]
    - [b, [{ if: turns == 3, then: yes }, '{turns.none}']]`;
    expect(cells(rows)).toEqual([
      ['a', ''],
      ['b', 'yes'],
    ]);
  });

  it('goes to CSV with its titles and with plain numbers', () => {
    const rows = `    - ['a, b', '{pause.mean}']`;
    const { table } = perform(loadYaml(scenario(rows))).result;
    expect(tableCsv(table!)).toBe('who,what\n"a, b",1500\n');
  });
});

function problems(rows: string, columns?: string): string[] {
  const result = loadText('t.yaml', scenario(rows, columns), registry);
  return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
}

describe('what is wrong with a table', () => {
  it('is said with its place: cells that are missing, bad thresholds, actors, placeholders', () => {
    expect(problems('    - [one]')[0]).toContain('table.rows[0]: expected 2 cells');
    expect(problems('    - [a, [{ if: turns, then: x }]]')[0]).toContain('table.rows[0][1][0].if');
    expect(problems('    - [a, { findings: liner }]')[0]).toContain("did you mean 'line'");
    expect(problems("    - [a, '{no metric}']")[0]).toContain("got 'no metric'");
  });

  it('shows when the run has ended, if it is a figure that the run does not have', () => {
    expect(() => cells("    - [a, '{turn}']")).toThrow("no metric 'turn' (did you mean 'turns'?)");
  });
});
