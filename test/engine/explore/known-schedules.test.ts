import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  KnownSchedules,
  NewSchedule,
  Sampler,
  samplerNames,
  type Explorer,
  type SamplerName,
} from '../../../engine/index.ts';
import { Program } from '../../../scenarios/explore/program.ts';
import { load, programs, scenarioText, type Text } from './programs.ts';
import { randomProgram } from './random-programs.ts';

/** What was decided and what came of it, in the order of the draws. */
type Drawn = readonly { readonly choices: readonly number[]; readonly kinds: readonly string[] }[];

const DRAWS = 60;

const made = (text: Text): Program =>
  new Program(load(scenarioText(text)), { interrupts: 1, steps: 20_000, anyTimeouts: false });

function shown(program: Program, strategy: Explorer): Drawn[number] {
  const { findings, world } = program.run(() => strategy);
  return { choices: world.machine.door.choices, kinds: findings.map(({ kind }) => kind) };
}

function eachRun(text: Text, name: SamplerName): Drawn {
  const sampler = new Sampler(name, 'known', 3);
  const program = made(text);
  return Array.from({ length: DRAWS }, (_, i) => shown(program, sampler.next(i)));
}

function oncePerSchedule(text: Text, name: SamplerName, room?: number): [Drawn, runs: number] {
  const sampler = new Sampler(name, 'known', 3);
  const known = new KnownSchedules<Drawn[number]>(room);
  const program = made(text);
  let runs = 0;
  const drawn = Array.from({ length: DRAWS }, (_, i) => {
    const found = known.seek(sampler.next(i));
    if (!(found instanceof NewSchedule)) return found.shown;
    runs++;
    const result = shown(program, found);
    found.ends(result);
    return result;
  });
  return [drawn, runs];
}

test('each schedule is run once, and draws show what they show when each is run', () => {
  fc.assert(
    fc.property(randomProgram, fc.constantFrom(...samplerNames), (text, name) => {
      const all = eachRun(text, name);
      const [drawn, runs] = oncePerSchedule(text, name);
      expect(drawn).toEqual(all);
      expect(runs).toBe(new Set(all.map(({ choices }) => choices.join())).size);
    }),
    { numRuns: 30 },
  );
});

test.each(samplerNames)('%s draws the same where there is no room to keep it', (name) => {
  const text = programs['lostupd']!.wrong;
  const [drawn, runs] = oncePerSchedule(text, name, 3);
  expect(drawn).toEqual(eachRun(text, name));
  expect(runs).toBeGreaterThan(oncePerSchedule(text, name)[1]);
});
