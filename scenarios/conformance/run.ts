/*
 * The conformance runner: replays what a real kernel did, recorded in files, and says where the
 * model differs. Folders are searched for case files; files of other formats in them are named.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { firstNetlinkDifference, isNetlinkCase, runNetlinkCase } from './netlink.ts';

export interface ConformanceResult {
  readonly passed: number;
  readonly failed: number;
}

/** A case that was run: its name, and how it differs, or null. */
interface Outcome {
  readonly name: string;
  readonly difference: string | null;
}

/** A path that holds no case at all. */
export class NoCases extends Error {
  override readonly name = 'NoCases';
}

/** Runs every case below `paths`; `write` gets the count, then each difference. */
export function runConformance(
  paths: readonly string[],
  write: (line: string) => void,
): ConformanceResult {
  const outcomes: Outcome[] = [];
  const others: string[] = [];
  for (const file of paths.flatMap(jsonFiles)) {
    const outcome = runFile(file);
    if (outcome === null) others.push(file);
    else outcomes.push(outcome);
  }
  const failures = outcomes.filter(({ difference }) => difference !== null);
  const passed = outcomes.length - failures.length;
  if (outcomes.length === 0) {
    throw new NoCases(`no case file of a known format in ${paths.join(', ')}`);
  }
  write(`${passed} passed, ${failures.length} failed`);
  for (const { name, difference } of failures) write(`\n${name}\n${difference}`);
  if (others.length > 0) write(`\nnot case files, left out: ${others.join(', ')}`);
  return { passed, failed: failures.length };
}

/** The JSON files of a folder and of those in it, by name; or the file itself. */
function jsonFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((inner) => inner.endsWith('.json') || statSync(inner).isDirectory())
    .flatMap(jsonFiles);
}

/** Null if the file is no case. A case that the model cannot run at all has failed. */
function runFile(file: string): Outcome | null {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return { name: file, difference: `  not readable as JSON: ${(error as Error).message}` };
  }
  if (!isNetlinkCase(json)) return null;
  try {
    const difference = firstNetlinkDifference(json, runNetlinkCase(json));
    if (difference === null) return { name: json.name, difference: null };
    const { index, expected, actual } = difference;
    const lines = [
      `  op ${index}: ${JSON.stringify(json.ops[index])}`,
      `    expected ${JSON.stringify(expected)}`,
      `    actual   ${JSON.stringify(actual)}`,
    ];
    return { name: json.name, difference: lines.join('\n') };
  } catch (error) {
    return { name: json.name, difference: `  the model stopped: ${(error as Error).message}` };
  }
}
