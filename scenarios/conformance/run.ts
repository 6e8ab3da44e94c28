/*
 * The conformance runner: replays what a real kernel did, recorded in files, and says where the
 * model differs. Folders are searched for case files; files of other formats in them are named.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { catalogueFormat } from './catalogue.ts';
import type { Format, Outcome } from './format.ts';
import { kernelFormat } from './kernel.ts';
import { lockSelftestFormat } from './lock-selftest.ts';
import { netlinkFactsFormat } from './netlink-facts.ts';
import { netlinkModuleFormat } from './netlink-module.ts';
import { netlinkTruesizeFormat } from './netlink-truesize.ts';
import { netlinkFormat } from './netlink.ts';
import { seqfileFormat } from './seqfile.ts';
import { signalsFormat } from './signals.ts';
import { splatsFormat } from './splats.ts';
import { usercopyFormat } from './usercopy.ts';

/** Every kind of recording; the first that recognises a file runs it. */
const formats: readonly Format[] = [
  kernelFormat,
  netlinkFormat,
  seqfileFormat,
  signalsFormat,
  usercopyFormat,
  netlinkFactsFormat,
  netlinkModuleFormat,
  netlinkTruesizeFormat,
  catalogueFormat,
  lockSelftestFormat,
  splatsFormat,
];

export interface ConformanceResult {
  readonly passed: number;
  readonly failed: number;
}

/** Recordings that do not count, and why not; lies in the folder that is searched. */
const LEFT_OUT = 'left-out.json';
export type LeftOut = Readonly<Record<string, string>>;

/** A path that holds no case at all. */
export class NoCases extends Error {
  override readonly name = 'NoCases';
}

/** Runs every case below `paths`; `write` gets the counts, then each difference. */
export function runConformance(
  paths: readonly string[],
  write: (line: string) => void,
): ConformanceResult {
  const reasons = leftOutOf(paths);
  const outcomes: Outcome[] = [];
  const others: string[] = [];
  for (const file of paths.flatMap(caseFiles)) {
    const inFile = runFile(file);
    if (inFile === null) others.push(file);
    else outcomes.push(...inFile);
  }
  const skipped = outcomes.filter(({ name }) => name in reasons);
  const failures = outcomes.filter(
    ({ name, difference }) => difference !== null && !(name in reasons),
  );
  const passed = outcomes.length - failures.length - skipped.length;
  if (outcomes.length === 0) {
    throw new NoCases(`no case file of a known format in ${paths.join(', ')}`);
  }
  const leftOut = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  write(`${passed} passed, ${failures.length} failed${leftOut}`);
  for (const { name } of skipped) write(`\n${name} does not count: ${reasons[name]!}`);
  for (const { name, difference } of failures) write(`\n${name}\n${difference}`);
  if (others.length > 0) write(`\nnot case files, left out: ${others.join(', ')}`);
  return { passed, failed: failures.length };
}

/** The recordings that the folders themselves say do not count. */
export function leftOutOf(paths: readonly string[]): LeftOut {
  const files = paths.flatMap(everyFile).filter((file) => basename(file) === LEFT_OUT);
  return Object.assign({}, ...files.map((file) => read(file)[0])) as LeftOut;
}

/** Every record in the files below `paths`, parsed. */
export function readRecords(paths: readonly string[]): unknown[] {
  return paths.flatMap(caseFiles).flatMap(read);
}

function caseFiles(path: string): string[] {
  return everyFile(path).filter((file) => basename(file) !== LEFT_OUT);
}

/** The JSON files in a folder and in those below it, by name; or the file itself. */
function everyFile(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((inner) => /\.jsonl?$/.test(inner) || statSync(inner).isDirectory())
    .flatMap(everyFile);
}

/** Null if nothing in the file is a case. */
function runFile(file: string): Outcome[] | null {
  let records: readonly unknown[];
  try {
    records = read(file);
  } catch (error) {
    return [{ name: file, difference: `  not readable as JSON: ${(error as Error).message}` }];
  }
  const outcomes = records.map(runRecord).filter((outcome) => outcome !== null);
  return outcomes.length === 0 ? null : outcomes.flat();
}

/** One record of a `.json` file, one a line of a `.jsonl` file. */
function read(file: string): readonly unknown[] {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.jsonl')) return [JSON.parse(text)];
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as unknown);
}

function runRecord(json: unknown): Outcome[] | null {
  const format = formats.find(({ recognises }) => recognises(json));
  return format === undefined ? null : format.run(json);
}
