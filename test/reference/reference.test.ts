/*
 * Every shipped scenario reproduces its committed digest and figures. After an intended change,
 * `npm run reference -- --update` writes the new ones.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scenarioFiles } from '../../cli/shipped.ts';
import {
  formatReference,
  makeReference,
  type Reference,
} from '../../scenarios/output/reference.ts';

const folder = fileURLToPath(new URL('../../output/reference/', import.meta.url));
const shipped = scenarioFiles();

describe('the references', () => {
  it('are there for every shipped scenario, each under its name, and for no other', () => {
    const names = shipped.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(readdirSync(folder).sort()).toEqual(names.map((name) => `${name}.json`).sort());
  });
});

describe.each(shipped)('the scenario $name', ({ name, path }) => {
  it('reproduces its committed digest and figures', () => {
    const text = readFileSync(`${folder}${name}.json`, 'utf8');
    const committed = JSON.parse(text) as Reference;
    const made = makeReference(path, committed.overrides);
    expect(made).toEqual(committed);
    expect(formatReference(made)).toBe(text);
    expect(made.scenario).toBe(name);
  });
});
