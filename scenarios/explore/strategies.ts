/*
 * The ways of searching, by name. A file of its own, since the command line wants the names and
 * nothing that searches.
 */
export const strategyNames = ['portfolio', 'random', 'pct', 'pos', 'urw', 'dfs'] as const;
export type StrategyName = (typeof strategyNames)[number];
