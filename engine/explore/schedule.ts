/*
 * Schedules as text, short enough to paste: a version, the hash of the scenario that they belong
 * to, what bounds the run, and the switches of the plan with the names of the actors, so that a
 * schedule can say what it wanted when the scenario has changed. Numbers are varints, in base64url.
 */
import type { Plan, Switch } from '../choice/guided.ts';
import { base64url, bytesOf, Reader, ScheduleError, varint } from './schedule-bytes.ts';
import type { MoveKind } from './move.ts';

const VERSION = 'ls1';
const KINDS: readonly MoveKind[] = ['step', 'interrupt', 'timer', 'preemption', 'task', 'store'];

/** What a run under a schedule depends on, besides the scenario. */
export interface RunBounds {
  /** How often each interrupt line arrives at most. */
  readonly interrupts: number;
  /** Steps after which a run is given up. */
  readonly steps: number;
  /** The timeout of a sleep may end it at any step, not only when nothing else can happen. */
  readonly anyTimeouts: boolean;
}

export interface Schedule {
  /** The first digits of the hash of what is run. */
  readonly scenario: string;
  readonly bounds: RunBounds;
  /** Actors by name; the empty name is nobody. */
  readonly plan: Plan<string>;
}

export function formatSchedule({ scenario, bounds, plan }: Schedule): string {
  const { interrupts, steps, anyTimeouts } = bounds;
  const settings = `i${interrupts}s${steps}${anyTimeouts ? 't' : ''}`;
  return `${VERSION}.${scenario}.${settings}.${base64url(packed(plan))}`;
}

/** @throws ScheduleError saying what is wrong with it */
export function parseSchedule(text: string): Schedule {
  const [version, scenario, settings, data, ...rest] = text.trim().split('.');
  const bounds = /^i(\d{1,9})s(\d{1,15})(t?)$/.exec(settings ?? '');
  if (
    version !== VERSION ||
    scenario === undefined ||
    bounds === null ||
    data === undefined ||
    rest.length > 0
  ) {
    throw new ScheduleError(
      `expected a schedule such as ${VERSION}.1c9f03aa.i2s20000.AgEB, got '${text.slice(0, 60)}'`,
    );
  }
  return {
    scenario,
    bounds: {
      interrupts: Number(bounds[1]),
      steps: Number(bounds[2]),
      anyTimeouts: bounds[3] === 't',
    },
    plan: unpacked(bytesOf(data)),
  };
}

function packed({ switches, data }: Plan<string>): number[] {
  const names = [...new Set(switches.flatMap(({ after, next }) => [after, next]))];
  const bytes: number[] = [];
  varint(bytes, names.length);
  for (const name of names) {
    const letters = [...new TextEncoder().encode(name)];
    varint(bytes, letters.length);
    bytes.push(...letters);
  }
  varint(bytes, switches.length);
  for (const { after, steps, next, kind, nth } of switches) {
    varint(bytes, names.indexOf(after));
    varint(bytes, steps);
    varint(bytes, names.indexOf(next));
    varint(bytes, KINDS.indexOf(kind) + KINDS.length * nth);
  }
  // Answers past the last one that is not 0 go without saying.
  const length = data.findLastIndex((answer) => answer !== 0) + 1;
  for (const answer of data.slice(0, length)) varint(bytes, answer);
  return bytes;
}

function unpacked(bytes: readonly number[]): Plan<string> {
  const reader = new Reader(bytes);
  const names = reader.list(() => new TextDecoder().decode(Uint8Array.from(reader.take())));
  const name = (): string => {
    const index = reader.varint();
    const found = names[index];
    if (found === undefined) throw new ScheduleError(`the schedule has no actor ${index}`);
    return found;
  };
  const switches = reader.list((): Switch<string> => {
    const [after, steps, next, code] = [name(), reader.varint(), name(), reader.varint()];
    const kind = KINDS[code % KINDS.length]!;
    return { after, steps, next, kind, nth: Math.floor(code / KINDS.length) };
  });
  const data: number[] = [];
  while (!reader.atEnd) data.push(reader.varint());
  return { switches, data };
}
