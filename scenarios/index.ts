/* The package's public face: load a scenario, run it, read what came out. */
export {
  formatDiagnostic,
  jsonSchema,
  loadFile,
  loadText,
  type Diagnostic,
  type LoadedScenario,
  type LoadResult,
  type Scenario,
} from './load/index.ts';
export { registry } from './registry.ts';
export { explore, type Explored, type ExploreOptions } from './testing/explore.ts';
export { check, Shared, step, System, type ProgramDefinition } from './testing/program.ts';
export { ScenarioError } from './run/error.ts';
export { ScenarioRun, type RunOptions } from './run/run.ts';
export type { Check, Metric, RunEnding, RunResult } from './run/result.ts';
export * from '../engine/index.ts';
