/**
 * In which line of its file each step of a scenario stands. The effective scenario has the same
 * steps in the same order in other lines; findings name those of the file that somebody wrote.
 */
import type { LoadedScenario } from './load.ts';
import type { Instruction, Program } from './program.ts';

/** The line of every instruction, actor by actor; copies have the steps of their first. */
export function stepLines({ actors }: LoadedScenario): number[] {
  const first = actors.filter(({ index }) => index === 0);
  return first.flatMap(({ body }) =>
    body.kind === 'steps' ? body.code.code.map(({ at }) => at.line) : [],
  );
}

/** The scenario with its steps in these lines, which `stepLines` gave of the same steps. */
export function withStepLines(loaded: LoadedScenario, lines: readonly number[]): LoadedScenario {
  const wanted = new Map(stepLines(loaded).map((line, i) => [line, lines[i] ?? line]));
  const moved = (instruction: Instruction): Instruction => {
    const { at } = instruction;
    return { ...instruction, at: { ...at, line: wanted.get(at.line) ?? at.line } };
  };
  const made = new Map<Program, Program>();
  const actors = loaded.actors.map((actor) => {
    const { body } = actor;
    if (body.kind !== 'steps') return actor;
    const code = made.get(body.code) ?? { ...body.code, code: body.code.code.map(moved) };
    made.set(body.code, code);
    return { ...actor, body: { ...body, code } };
  });
  return { ...loaded, actors };
}
