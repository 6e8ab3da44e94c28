import path from 'node:path';
import { defineConfig } from 'vitest/config';

const source = (file: string): string => path.resolve(import.meta.dirname, file);

export default defineConfig({
  resolve: {
    // The examples import the package as its users do; here they get the sources.
    alias: [
      { find: /^lockstep$/, replacement: source('scenarios/index.ts') },
      { find: /^lockstep\/models$/, replacement: source('models/index.ts') },
      { find: /^lockstep\/(vitest|fast-check)$/, replacement: source('scenarios/testing/$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'docs/examples/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
