import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../scenarios/reference.ts';
import { registry } from '../../scenarios/registry.ts';

test.each([...generatedFiles(registry)])(
  '%s is what the code says (npm run generated)',
  (file, text) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);
