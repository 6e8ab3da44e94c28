/** The trace: numbering, batches, selection, listeners, and what is refused. */
import { describe, expect, test } from 'vitest';
import { BATCH_ROWS } from '../../../engine/trace/batch.ts';
import { Interest } from '../../../engine/trace/interest.ts';
import { TextTable } from '../../../engine/trace/text-table.ts';
import { Trace, type TraceListener } from '../../../engine/trace/trace.ts';
import { plainRow, Recorder, referenceCsv } from './recorder.ts';

function eventsOf(csv: string): string[] {
  return csv
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(',')[7] ?? '');
}

function seqsOf(csv: string): number[] {
  return csv
    .split('\n')
    .slice(1, -1)
    .map((line) => Number(line.split(',')[0]));
}

function recordAll(recorder: Recorder, events: string[]): void {
  for (const event of events) recorder.record({ ...plainRow, event });
}

describe('rows', () => {
  test.each([BATCH_ROWS - 1, BATCH_ROWS, BATCH_ROWS + 1, 5 * BATCH_ROWS + 17])(
    'all %d rows come out, in order, with seq counting from 1',
    (count) => {
      const rows = Array.from({ length: count }, (_, i) => ({
        ...plainRow,
        timeNs: i * 1_000_003,
        cpu: i % 4,
        value: i % 2 === 0 ? i : NaN,
        detail: i % 3 === 0 ? `a=${i}, b` : '',
      }));
      const recorder = new Recorder();
      for (const row of rows) recorder.record(row);
      expect(recorder.csv() === referenceCsv(rows)).toBe(true);
      expect(recorder.trace.seq).toBe(count);
    },
  );

  test('flushing at any time changes nothing but the chunks', () => {
    const recorder = new Recorder();
    for (let i = 0; i < 100; i++) {
      recorder.record(plainRow);
      if (i % 7 === 0) recorder.trace.flush();
    }
    expect(recorder.csv()).toBe(referenceCsv(new Array(100).fill(plainRow)));
    expect(recorder.chunks.length).toBe(16);
  });

  test('each chunk is whole rows, and says how many', () => {
    const recorder = new Recorder();
    for (let i = 0; i < 20_000; i++) recorder.record({ ...plainRow, detail: 'x'.repeat(60) });
    recorder.trace.flush();
    expect(recorder.chunks.length).toBeGreaterThan(5);
    recorder.chunks.forEach(({ text, rows }, i) => {
      expect(text.endsWith('\n')).toBe(true);
      expect(text.split('\n').length - 1).toBe(rows + (i === 0 ? 1 : 0));
    });
  });
});

describe('selection', () => {
  test('takes all events at first', () => {
    const recorder = new Recorder();
    recordAll(recorder, ['a', 'b']);
    expect(eventsOf(recorder.csv())).toEqual(['a', 'b']);
  });

  test('leaves out other events, which use up no seq', () => {
    const recorder = new Recorder();
    recorder.define('a');
    recorder.trace.select(['a', 'c']);
    recordAll(recorder, ['a', 'b', 'c', 'b', 'a']);
    expect(eventsOf(recorder.csv())).toEqual(['a', 'c', 'a']);
    expect(seqsOf(recorder.csv())).toEqual([1, 2, 3]);
  });

  test('can change on the way', () => {
    const recorder = new Recorder();
    recordAll(recorder, ['a', 'b']);
    recorder.trace.select('none');
    recordAll(recorder, ['a', 'b']);
    recorder.trace.select(['b']);
    recordAll(recorder, ['a', 'b']);
    recorder.trace.select('all');
    recordAll(recorder, ['a', 'b']);
    expect(eventsOf(recorder.csv())).toEqual(['a', 'b', 'b', 'a', 'b']);
    expect(seqsOf(recorder.csv())).toEqual([1, 2, 3, 4, 5]);
  });

  test('the names to choose from are listed in the order of their ids', () => {
    const { trace } = new Recorder();
    expect([trace.defineEvent('b'), trace.defineEvent('a')]).toEqual([0, 1]);
    expect(trace.eventNames).toEqual(['b', 'a']);
    expect([trace.eventId('a'), trace.eventId('c')]).toEqual([1, undefined]);
  });
});

describe('on', () => {
  const withoutSink = (): Trace => new Trace(new TextTable(), String);

  test('is true as long as the CSV or a listener wants something', () => {
    const { trace } = new Recorder();
    expect(trace.on).toBe(true);
    trace.select('none');
    expect(trace.on).toBe(false);
    const stop = trace.subscribe(() => {});
    const stopToo = trace.subscribe(() => {});
    stop();
    expect(trace.on).toBe(true);
    stopToo();
    expect(trace.on).toBe(false);
    trace.select(['a']);
    expect(trace.on).toBe(true);
  });

  test('is false without a sink, whatever is selected, until someone listens', () => {
    const trace = withoutSink();
    trace.select('all');
    expect(trace.on).toBe(false);
    trace.subscribe(() => {});
    expect(trace.on).toBe(true);
  });

  test('without a sink there are no rows, and nothing to flush', () => {
    const trace = withoutSink();
    trace.record(1, 0, 0, 0, 0, 0, trace.defineEvent('a'), 0, 0, 0, 0, 0);
    trace.flush();
    expect(trace.seq).toBe(0);
  });
});

describe('listeners', () => {
  test('see every event with all its numbers, and the seq of its row or 0', () => {
    const { trace, texts } = new Recorder();
    const [a, b] = [trace.defineEvent('a'), trace.defineEvent('b')];
    const [context, comm, object] = [texts.intern('x'), texts.intern('y'), texts.intern('z')];
    trace.select(['b']);
    const seen: number[][] = [];
    trace.subscribe((...numbers) => seen.push(numbers));
    trace.record(10, 1, context, 2, comm, 3, a, object, -5, 6.5, 7, 8);
    trace.record(20, -1, 0, -1, 0, 0, b, 0, NaN, 0, 0, 0);
    expect(seen).toEqual([
      [10, 1, context, 2, comm, 3, a, object, -5, 6.5, 7, 8, 0],
      [20, -1, 0, -1, 0, 0, b, 0, NaN, 0, 0, 0, 1],
    ]);
  });

  test('hear only of what they asked for, told or recorded', () => {
    const { trace, texts } = new Recorder();
    const [a, b] = [trace.defineEvent('a'), trace.defineEvent('b')];
    const seen: number[] = [];
    trace.subscribe((...numbers) => seen.push(numbers[6]), new Interest([b, -3]));
    for (const event of [a, b, a]) trace.record(1, 0, 0, -1, 0, 0, event, 0, NaN, 0, 0, 0);
    for (const hook of [-1, -3]) trace.tell(1, 0, 0, -1, 0, 0, hook, texts.intern('x'), 0, 0, 0, 0);
    expect(seen).toEqual([b, -3]);
  });

  test('cannot ask for what is beyond the numbers of events', () => {
    expect(() => new Interest([-65])).toThrow('no listener can ask for event -65');
    expect(() => new Interest([192])).toThrow('no listener can ask for event 192');
  });

  test('are told in the order of subscription, until they leave', () => {
    const recorder = new Recorder();
    const told: string[] = [];
    const stop = recorder.trace.subscribe(() => told.push('first'));
    recorder.trace.subscribe(() => told.push('second'));
    recorder.record(plainRow);
    stop();
    recorder.record(plainRow);
    expect(told).toEqual(['first', 'second', 'second']);
  });

  test('change nothing in the CSV', () => {
    const [heard, unheard] = [new Recorder(), new Recorder()];
    heard.trace.subscribe(() => {});
    recordAll(heard, ['a', 'b']);
    recordAll(unheard, ['a', 'b']);
    expect(heard.csv()).toBe(unheard.csv());
  });

  test('may record events of their own, whose rows follow', () => {
    const recorder = new Recorder();
    const { trace } = recorder;
    const warn = trace.defineEvent('warn');
    const warnAtBad: TraceListener = (timeNs, cpu, ...rest) => {
      if (rest[4] === trace.eventId('bad')) {
        trace.record(timeNs, cpu, 0, -1, 0, 0, warn, 0, NaN, 0, 0, 0);
      }
    };
    trace.subscribe(warnAtBad);
    recordAll(recorder, ['good', 'bad', 'good']);
    expect(eventsOf(recorder.csv())).toEqual(['good', 'bad', 'warn', 'good']);
    expect(seqsOf(recorder.csv())).toEqual([1, 2, 3, 4]);
  });
});

describe('refused', () => {
  test.each([-1, 0.5, NaN, 2 ** 53])('a time of %d', (timeNs) => {
    const message = `start: the time must be an integer from 0, got ${timeNs}`;
    expect(() => new Recorder().record({ ...plainRow, timeNs })).toThrow(message);
  });

  test.each([0.5, Infinity, -(2 ** 53)])('a value of %d', (value) => {
    const message = `start: the value must be an integer or NaN, got ${value}`;
    expect(() => new Recorder().record({ ...plainRow, value })).toThrow(message);
  });

  test('ids of texts and events that do not exist', () => {
    const { trace } = new Recorder();
    const a = trace.defineEvent('a');
    const record = (context: number, comm: number, event: number, object: number): void =>
      trace.record(0, 0, context, 0, comm, 0, event, object, 0, 0, 0, 0);
    expect(() => record(1, 0, a, 0)).toThrow('a: no texts for context 1, comm 0');
    expect(() => record(0, -1, a, 0)).toThrow('a: no texts for context 0, comm -1');
    expect(() => record(0, 0, a, 9)).toThrow('a: no text for object 9');
    expect(() => record(0, 0, 1, 0)).toThrow('no event has the id 1');
    expect(trace.seq).toBe(0);
  });

  test('an event without a name, or with one that is taken', () => {
    const { trace } = new Recorder();
    trace.defineEvent('a');
    expect(() => trace.defineEvent('a')).toThrow('the event a is already defined');
    expect(() => trace.defineEvent('')).toThrow('an event needs a name');
  });
});
