/* The files of the project, for the tests about the code itself. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** From the ground up: a floor may import from itself and from those before it. */
export const FLOORS = ['engine', 'models', 'scenarios', 'cli'] as const;

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git']);

/** Every file below a folder of the project, as sorted paths from the root, with `/`. */
export function filesIn(folder = '.'): string[] {
  const entries = readdirSync(path.join(ROOT, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !NOT_OURS.has(name) && path.posix.join(folder, name) !== 'output')
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(file);
      return entry.isFile() ? [file] : [];
    })
    .sort();
}

/** The TypeScript files of those floors that exist. */
export function sourcesOf(floors: readonly string[]): string[] {
  const all = filesIn().filter((file) => file.endsWith('.ts'));
  return all.filter((file) => floors.some((floor) => file.startsWith(`${floor}/`)));
}
