import { describe, expect, it } from 'vitest';
import { circle, importsOf, specifiers, upwardImports } from './imports.ts';
import { FLOORS, sourcesOf } from './project.ts';

describe('the floors', () => {
  const files = sourcesOf(FLOORS);
  const imports = importsOf(files, 'all');

  it('import downwards only', () => {
    expect(imports.size).toBeGreaterThan(0);
    expect(upwardImports(imports)).toEqual([]);
  });

  it('import nothing that runs in a circle', () => {
    expect(circle(importsOf(files, 'runtime'))).toBeUndefined();
  });

  it('import files that exist', () => {
    const missing = [...imports].flatMap(([from, targets]) =>
      targets.filter((to) => !imports.has(to)).map((to) => `${from} -> ${to}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the rule of the floors', () => {
  it.each([
    ['engine/a.ts', 'models/b.ts'],
    ['models/a.ts', 'cli/b.ts'],
    ['scenarios/a.ts', 'cli/b.ts'],
    ['engine/a.ts', 'test/b.ts'],
  ])('forbids %s -> %s', (from, to) => {
    expect(upwardImports(new Map([[from, [to]]]))).toEqual([`${from} -> ${to}`]);
  });

  it('allows a floor itself and those below', () => {
    const fine = new Map([
      ['cli/a.ts', ['cli/b.ts', 'scenarios/b.ts', 'engine/b.ts']],
      ['models/a.ts', ['engine/b.ts']],
    ]);
    expect(upwardImports(fine)).toEqual([]);
  });

  it('tells the imports that run from those of types', () => {
    const text = `import type { A } from './a.ts';
      export type { B } from './b.ts';
      import { type C } from './c.ts';
      export * from './d.ts';
      import './e.ts';
      const f = () => import('./f.ts');
      import { readFileSync } from 'node:fs';`;
    const running = ['./c.ts', './d.ts', './e.ts', './f.ts'];
    expect(specifiers(text, 'runtime').sort()).toEqual(running);
    expect(specifiers(text, 'all').sort()).toEqual(['./a.ts', './b.ts', ...running]);
  });

  it('finds a circle behind a straight path, and none in a diamond', () => {
    const round = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['d']],
      ['d', ['b']],
    ]);
    expect(circle(round)).toBe('b -> c -> d -> b');
    const diamond = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
    ]);
    expect(circle(diamond)).toBeUndefined();
  });
});
