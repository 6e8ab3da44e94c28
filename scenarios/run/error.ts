/*
 * What is wrong with a scenario and shows only when it is built or run.
 */
import type { Position } from '../load/index.ts';

export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  /** Where in the scenario's file; null: nowhere in particular. */
  readonly at: Position | null;

  constructor(at: Position | null, message: string) {
    super(message);
    this.at = at;
  }
}

/** A fault cannot strike what it names. */
export class FaultError extends ScenarioError {
  constructor(message: string) {
    super(null, message);
  }
}
