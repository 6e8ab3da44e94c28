/*
 * The floors: engine <- models <- scenarios <- cli. Imports, those of types included, go downwards
 * only; what runs is never imported in a circle (types may know each other: a CPU its task, a task
 * its CPU); and what is published needs only what package.json lists for users.
 */
const HOUSE = '^(engine|models|scenarios|cli)/';

function never(name, comment, from, to) {
  return { name, comment, severity: 'error', from, to };
}

export default {
  forbidden: [
    never(
      'no-circle',
      'Imports go in a circle.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    never(
      'engine-is-the-ground',
      'engine/ imports nothing from the floors above it.',
      { path: '^engine/' },
      { path: '^(models|scenarios|cli)/' },
    ),
    never(
      'models-stand-on-engine',
      'models/ imports from engine/ only.',
      { path: '^models/' },
      { path: '^(scenarios|cli)/' },
    ),
    never(
      'scenarios-below-cli',
      'scenarios/ knows nothing of the command line.',
      { path: '^scenarios/' },
      { path: '^cli/' },
    ),
    never(
      'house-stands-alone',
      'What is published needs nothing that is not.',
      { path: HOUSE },
      { path: '^(test|bench|scripts|output|docs|dist)/' },
    ),
    never(
      'no-development-package',
      'A published file imports a package that users do not get.',
      { path: HOUSE },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    ),
    never('resolvable', 'An import leads nowhere.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};
