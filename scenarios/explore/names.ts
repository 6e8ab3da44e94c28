/*
 * Plans whose actors are names: the numbers that a run gives its actors are its own.
 */
import {
  guided,
  ReplayDiverged,
  type MoveKind,
  type OnMissed,
  type Plan,
  type Strategy,
  type Switch,
  type TextTable,
} from '../../engine/index.ts';

export type NamedPlan = Plan<string>;

const NOBODY = -1;

export function named({ switches, data }: Plan, texts: TextTable): NamedPlan {
  return { switches: switches.map((at) => namedSwitch(at, texts)), data };
}

export function namedSwitch(at: Switch, texts: TextTable): Switch<string> {
  const after = at.after === NOBODY ? '' : texts.text(at.after);
  return { ...at, after, next: texts.text(at.next) };
}

function numbered({ switches, data }: NamedPlan, texts: TextTable): Plan {
  // Who took a step is somebody, if without a name: a timer of the kernel's own.
  const last = ({ after, steps }: Switch<string>): number =>
    after === '' && steps === 0 ? NOBODY : texts.intern(after);
  return {
    switches: switches.map((at) => ({ ...at, after: last(at), next: texts.intern(at.next) })),
    data,
  };
}

/** Follows a plan in a run whose texts are there once it has begun. */
export function followed(plan: NamedPlan, texts: () => TextTable, onMissed?: OnMissed): Strategy {
  let strategy: Strategy | null = null;
  const begun = (): Strategy => (strategy ??= guided(numbered(plan, texts()), onMissed));
  return {
    name: 'guided',
    choose: (kind, count) => begun().choose(kind, count),
    pick: (moves) => begun().pick!(moves),
  };
}

/** Stops a run whose plan does not fit. @throws ReplayDiverged saying what could come instead */
export function onlyIfItFits(texts: () => TextTable): OnMissed {
  return (missed, decision, moves) => {
    const enabled = moves.map((move) => nameOf(move.kind, texts().text(move.actor)));
    throw new ReplayDiverged(
      `decision ${decision}: recorded ${switchText(namedSwitch(missed, texts()))}, ` +
        `which is not enabled; enabled = ${enabled.join(', ')}`,
    );
  };
}

/** `interrupt eth0 after 2 steps of reader` */
export function switchText({ after, steps, next, kind }: Switch<string>): string {
  const count = `${steps} ${steps === 1 ? 'step' : 'steps'}`;
  const where = steps === 0 ? 'at the beginning' : `after ${count} of ${after || 'a timer'}`;
  return `${nameOf(kind, next)} ${where}`;
}

function nameOf(kind: MoveKind, actor: string): string {
  return kind === 'step' ? actor : `${kind} ${actor}`.trimEnd();
}
