/* The imports between our own files, and what the rule of the floors says about them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { FLOORS, ROOT } from './project.ts';

/** For each file the files it imports, as paths. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** The imports of some files: all of them, or only what is left when the types are erased. */
export function importsOf(files: readonly string[], which: 'all' | 'runtime'): Imports {
  return new Map(
    files.map((file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      const folder = path.posix.dirname(file);
      return [file, specifiers(text, which).map((name) => path.posix.join(folder, name))];
    }),
  );
}

/** The relative specifiers in a file's text; `import { type A }` is left, `import type` is not. */
export function specifiers(text: string, which: 'all' | 'runtime'): string[] {
  const erased = which === 'runtime' ? withoutTypeImports(text) : text;
  const names = ts.preProcessFile(erased, true, true).importedFiles.map((file) => file.fileName);
  return names.filter((name) => name.startsWith('.'));
}

function withoutTypeImports(text: string): string {
  const { statements } = ts.createSourceFile('', text, ts.ScriptTarget.ESNext);
  const left = statements.filter(
    (statement) =>
      !(ts.isImportDeclaration(statement) && isTypeOnly(statement)) &&
      !(ts.isExportDeclaration(statement) && statement.isTypeOnly),
  );
  return left.map((statement) => text.slice(statement.pos, statement.end)).join('\n');
}

function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  return importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** Imports that lead from a floor to one above it, or out of the house; as `a -> b`. */
export function upwardImports(imports: Imports): string[] {
  return [...imports].flatMap(([from, targets]) =>
    targets.filter((to) => !mayImport(from, to)).map((to) => `${from} -> ${to}`),
  );
}

function mayImport(from: string, to: string): boolean {
  const floor = floorOf(to);
  return floor !== -1 && floor <= floorOf(from);
}

function floorOf(file: string): number {
  return (FLOORS as readonly string[]).indexOf(file.split('/')[0] as string);
}

/** One circle of imports as `a -> b -> a`, undefined if there is none. */
export function circle(imports: Imports): string | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  const search = (file: string): string | undefined => {
    const start = trail.indexOf(file);
    if (start !== -1) return [...trail.slice(start), file].join(' -> ');
    if (done.has(file)) return undefined;
    trail.push(file);
    for (const next of imports.get(file) ?? []) {
      const found = search(next);
      if (found !== undefined) return found;
    }
    trail.pop();
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const found = search(file);
    if (found !== undefined) return found;
  }
  return undefined;
}
