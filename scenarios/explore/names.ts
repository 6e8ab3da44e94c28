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
  const number = (name: string): number => (name === '' ? NOBODY : texts.intern(name));
  return {
    switches: switches.map((at) => ({ ...at, after: number(at.after), next: number(at.next) })),
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
    const { after, steps, next, kind } = namedSwitch(missed, texts());
    const enabled = moves.map((move) => nameOf(move.kind, texts().text(move.actor)));
    const where = after === '' ? 'at the beginning' : `after ${steps} steps of ${after}`;
    throw new ReplayDiverged(
      `decision ${decision}: recorded ${nameOf(kind, next)} ${where}, which is not enabled; ` +
        `enabled = ${enabled.join(', ')}`,
    );
  };
}

function nameOf(kind: MoveKind, actor: string): string {
  return kind === 'step' ? actor : `${kind} ${actor}`.trimEnd();
}
