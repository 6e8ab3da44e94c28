/*
 * Scenarios by path, or by the name of one that comes with the package.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { nearest } from '../scenarios/load/index.ts';
import { UsageError } from './failures.ts';
import { shippedFolder } from './package.ts';

const EXTENSIONS = ['.yaml', '.yml'];

export interface ScenarioFile {
  readonly name: string;
  readonly path: string;
  /** Its folder, relative to where the search began. */
  readonly folder: string;
}

/**
 * All scenario files in and below a folder, or in one of the package's, one folder after the other.
 * @throws UsageError
 */
export function scenarioFiles(asked: string = shippedFolder): ScenarioFile[] {
  const root = isFolder(asked) ? asked : join(shippedFolder, asked);
  if (!isFolder(root)) throw new UsageError(`there is no folder ${asked}`);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => EXTENSIONS.includes(extname(path)))
    .map((path) => ({
      name: basename(path, extname(path)),
      path: join(root, path),
      folder: dirname(path),
    }))
    .sort((a, b) => compare(a.folder, b.folder) || compare(a.name, b.name));
}

/** The path of the scenario that an argument means. @throws UsageError if there is none. */
export function findScenario(argument: string): string {
  if (isFolder(argument)) throw new UsageError(`${argument} is a folder: name a scenario in it`);
  if (existsSync(argument)) return argument;
  const shipped = scenarioFiles();
  const found = shipped.find(({ name }) => name === argument);
  if (found !== undefined) return found.path;
  const near = nearest(
    argument,
    shipped.map(({ name }) => name),
  );
  const hint = near === undefined ? "'lockstep list' shows all" : `did you mean '${near}'?`;
  throw new UsageError(`there is no scenario '${argument}' (${hint})`);
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
