/*
 * Who looks on as an explored run goes from choice to choice.
 */
import type { Move } from './move.ts';

export interface Observer {
  /** Before a choice among `moves`; true ends the run: it can only repeat itself. */
  sees(moves: readonly Move[]): boolean;
  /** The choice has been made. */
  takes(move: Move): void;
}
