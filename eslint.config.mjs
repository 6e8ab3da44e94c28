/*
 * The linter's rules. Two kinds: what keeps a run the same on every host (engine/ and models/), and
 * a few that catch real mistakes. How the code looks is Prettier's business.
 */
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** ECMAScript leaves the last bits of these to the host, and hosts differ. */
const INEXACT_MATH = [
  ...['random', 'pow', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'cbrt', 'hypot'],
  ...['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2'],
  ...['sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh'],
];
const HOST_GLOBALS = [
  ...['Date', 'performance', 'Intl', 'process', 'crypto', 'navigator', 'globalThis', 'global'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Promise'],
  ...['WeakRef', 'FinalizationRegistry', 'eval', 'Function'],
];
/** The modules of Node that say nothing about the host, or only what one asks them for. */
const PLAIN_MODULES = 'assert|buffer|crypto|fs|path|url|util|worker_threads';

const deterministic = {
  files: ['engine/**/*.ts', 'models/**/*.ts'],
  rules: {
    'no-restricted-globals': [
      'error',
      ...HOST_GLOBALS.map((name) => ({ name, message: 'It differs between hosts.' })),
    ],
    'no-restricted-properties': [
      'error',
      ...INEXACT_MATH.map((property) => ({ object: 'Math', property, message: 'It is inexact.' })),
    ],
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^node:(?!(${PLAIN_MODULES})$)|^(os|process|perf_hooks|timers)$`,
            message: 'It reads the host.',
          },
        ],
      },
    ],
    'no-restricted-syntax': [
      'error',
      { selector: 'ForInStatement', message: 'Its order is not that of insertion.' },
      { selector: 'BinaryExpression[operator="**"]', message: 'It is inexact.' },
      { selector: 'AssignmentExpression[operator="**="]', message: 'It is inexact.' },
      { selector: ':function[async=true]', message: 'Order must not come from promises.' },
      { selector: 'AwaitExpression', message: 'Order must not come from promises.' },
      { selector: 'ForOfStatement[await=true]', message: 'Order must not come from promises.' },
      {
        selector: 'MemberExpression[property.name=/^(toLocale\\w*|localeCompare)$/]',
        message: 'It depends on the language of the host.',
      },
    ],
  },
};

export default defineConfig(
  globalIgnores(['dist/', 'output/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'max-len': ['error', { code: 100, ignoreUrls: true }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
  deterministic,
);
