/**
 * The ways to search the interleavings of a scenario; `portfolio` takes turns with the others. A
 * file of its own, since the command line wants the names and nothing else of the loader.
 */
export const strategyNames = [
  'portfolio',
  'random',
  'pct',
  'pos',
  'urw',
  'directed',
  'dfs',
  'dpor',
] as const;
export type StrategyName = (typeof strategyNames)[number];
