/* The calendar against the plainest model of it: an array sorted by (time, sequence). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calendar, NEVER, type Activity } from '../../engine/index.ts';

type Command = { op: 'push'; time: number } | { op: 'pop' } | { op: 'cancel'; pick: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('push' as const), time: fc.nat(40) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('pop' as const) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('cancel' as const), pick: fc.nat() }) },
);

interface Pending {
  time: number;
  id: number;
  handle: number;
}

/** Runs the commands on both; a pop is followed by a comparison of what comes next. */
function compareWithModel(commands: readonly Command[]): void {
  const calendar = new Calendar();
  const model: Pending[] = [];
  let fired = -1;
  let ids = 0;
  const push = (time: number): void => {
    const id = ids++;
    const handle = calendar.push(time, { fire: () => void (fired = id) });
    const at = model.findIndex((other) => other.time > time);
    model.splice(at < 0 ? model.length : at, 0, { time, id, handle });
  };
  for (const command of commands) {
    if (command.op === 'push') push(command.time);
    else if (command.op === 'cancel' && model.length > 0) {
      const [gone] = model.splice(command.pick % model.length, 1);
      calendar.cancel(gone!.handle);
    } else if (command.op === 'pop' && model.length > 0) {
      calendar.pop().fire();
      expect(fired).toBe(model.shift()!.id);
    }
    expect(calendar.nextTime()).toBe(model[0]?.time ?? NEVER);
  }
  for (const { id } of model) {
    calendar.pop().fire();
    expect(fired).toBe(id);
  }
  expect(calendar.nextTime()).toBe(NEVER);
}

const silent: Activity = { fire: () => undefined };

describe('the calendar', () => {
  it('is empty at first', () => {
    expect(new Calendar().nextTime()).toBe(NEVER);
  });

  it('fires in the order of time, and of scheduling where times are equal', () => {
    fc.assert(fc.property(fc.array(command, { maxLength: 200 }), compareWithModel), {
      numRuns: 300,
    });
  });

  it('keeps that order when most events are cancelled', () => {
    const pushes: Command[] = Array.from({ length: 400 }, (_, i) => ({
      op: 'push',
      time: (i * 7919) % 101,
    }));
    const cancels: Command[] = Array.from({ length: 380 }, (_, i) => ({
      op: 'cancel',
      pick: i * 31,
    }));
    compareWithModel([...pushes, { op: 'pop' }, ...cancels, { op: 'push', time: 3 }]);
  });

  it('does not grow by events that are scheduled and cancelled again and again', () => {
    const calendar = new Calendar();
    calendar.push(1, silent);
    const handles = new Set<number>();
    for (let i = 0; i < 100_000; i++) {
      const handle = calendar.push(1_000_000 + i, silent);
      handles.add(handle);
      calendar.cancel(handle);
    }
    expect(handles.size).toBeLessThan(300);
    expect(calendar.nextTime()).toBe(1);
  });
});
