/*
 * Whether DuckDB is installed. Not everybody has it; those who check commits have.
 */
import { createRequire } from 'node:module';

/** @throws Error where commits are checked and it is missing. */
export function hasDatabase(): boolean {
  try {
    createRequire(import.meta.url).resolve('@duckdb/node-api');
    return true;
  } catch {
    if (process.env['CI']) throw new Error('@duckdb/node-api is missing: query is not tested');
    console.warn('SKIPPED: @duckdb/node-api is missing, so lockstep query is not tested');
    return false;
  }
}
