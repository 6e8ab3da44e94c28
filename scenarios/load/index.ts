/**
 * The public face of the loader.
 */
export type { LoadedActor } from './actors.ts';
export { formatSignature } from './arguments.ts';
export type { Argument } from './arguments.ts';
export type { StepSource } from './actor-schema.ts';
export { formatDiagnostic } from './diagnostics.ts';
export type { Diagnostic, Position } from './diagnostics.ts';
export { duration, formatDuration, parseDuration } from './duration.ts';
export type { Comparison, Expectation } from './expectations.ts';
export type { Environment, Evaluate } from './expression.ts';
export { EvaluationError } from './integer.ts';
export { jsonSchema } from './json-schema.ts';
export type { JsonSchema } from './json-schema.ts';
export { LIMITS } from './limits.ts';
export { loadFile, loadText } from './load.ts';
export type { LoadedScenario, LoadResult } from './load.ts';
export { nearest } from './nearest.ts';
export type { Instruction, Program } from './program.ts';
export { ACTOR_KINDS } from './registry.ts';
export type {
  ActorKind,
  ArgDeclaration,
  ArgKind,
  ObjectTypeDeclaration,
  OpDeclaration,
  ProgramDeclaration,
  Registry,
} from './registry.ts';
export { scenarioSchema } from './schema.ts';
export type { Actor, Arrivals, Fault, ObjectSpec, Scenario } from './schema.ts';
export { stepLines, withStepLines } from './step-lines.ts';
export { axisText } from './sweep-schema.ts';
export type { Expression, Target, Variable } from './scope.ts';
export type { LoadedTable, TableCell, TableText } from './table.ts';
