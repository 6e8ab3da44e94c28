/*
 * Properties of the whole: random correct programs, written down as YAML, on random machines. A
 * failure prints fast-check's seed and path and the smallest scenario that it found.
 */
import { stringify as toCsv } from 'csv-stringify/sync';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay, type Strategy } from '../../engine/index.ts';
import { formatDiagnostic, loadText } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';
import { loadYaml, parseTrace, perform } from '../scenarios/run/perform.ts';
import { checkTrace, Listener } from './invariants.ts';
import { plan, type Plan } from './plan.ts';
import { endingActors, render } from './render.ts';
import type { World } from '../../scenarios/run/world.ts';

/** A failure shows the scenario itself, not the plan behind it. */
function check(runs: number, holds: (yaml: string, made: Plan) => void): void {
  const property = fc.property(plan, (made) => {
    const yaml = render(made);
    try {
      holds(yaml, made);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${yaml}`, { cause: error });
    }
  });
  fc.assert(property, { numRuns: runs });
}

/** Decides at random, differently from `timed`. */
function random(seed: number): Strategy {
  let state = seed;
  return {
    name: 'random',
    choose: (_kind, count) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor(state / 65_536) % count;
    },
  };
}

describe('a random correct scenario', () => {
  it('loads without diagnostics', () => {
    check(100, (yaml) => {
      const result = loadText('random.yaml', yaml, registry);
      expect(result.ok ? [] : result.diagnostics.map(formatDiagnostic)).toEqual([]);
    });
  });

  it('comes to its end: no task waits for ever, nothing is found', () => {
    check(250, (yaml, made) => {
      let listener!: Listener;
      const { result } = perform(loadYaml(yaml), { watch: (w) => (listener = new Listener(w)) });
      expect(['until', 'quiescent']).toContain(result.ending);
      expect(result.findings).toEqual([]);
      expect(result.checks.every(({ passed }) => passed)).toBe(true);
      expect(listener.ended.sort()).toEqual(endingActors(made));
    });
  });

  it('keeps locks exclusive and counts every entry', () => {
    check(250, (yaml) => {
      let world!: World;
      let listener!: Listener;
      perform(loadYaml(yaml), {
        watch: (w) => {
          world = w;
          listener = new Listener(w);
        },
      });
      listener.checkCounters(world);
    });
  });

  it('loses, repeats and reorders no message', () => {
    check(250, (yaml, { channels }) => {
      let listener!: Listener;
      const { metric } = perform(loadYaml(yaml), { watch: (w) => (listener = new Listener(w)) });
      listener.checkMessages();
      const senders = channels.flatMap((channel) => channel.senders);
      if (senders.length === 0) return;
      const sent = senders.reduce((sum, { messages }) => sum + messages, 0);
      expect([metric('netlink.sent'), metric('netlink.received')]).toEqual([sent, sent]);
      expect(metric('skb.live')).toBe(0);
    });
  });

  it('has a trace in which time goes on and lower contexts wait for higher ones', () => {
    check(150, (yaml) => {
      checkTrace(parseTrace(perform(loadYaml(yaml), { keep: true }).csv));
    });
  });

  it('gives every CPU all of the time that passes', () => {
    check(150, (yaml) => {
      const { result } = perform(loadYaml(yaml));
      for (const { ns } of result.cpus) {
        expect(Object.values(ns).every((time) => time >= 0)).toBe(true);
        expect(Object.values(ns).reduce((sum, time) => sum + time, 0)).toBe(result.timeNs);
      }
    });
  });

  it('is the same, byte for byte, when it is run again, in slices of any size', () => {
    const sizes = fc.constantFrom(1, 7, 100, 3000);
    fc.assert(
      fc.property(plan, sizes, (made, slice) => {
        const loaded = loadYaml(render(made));
        const first = perform(loaded);
        const second = perform(loaded, { slice });
        expect(second.sha256).toBe(first.sha256);
        expect(second.result).toEqual(first.result);
      }),
      { numRuns: 100 },
    );
  });

  it('is repeated by its choices, whoever made them', () => {
    fc.assert(
      fc.property(plan, fc.nat(), (made, seed) => {
        const loaded = loadYaml(render(made));
        for (const strategy of [undefined, random(seed)]) {
          const first = perform(loaded, strategy === undefined ? {} : { strategy });
          const again = perform(loaded, { strategy: replay(first.result.choices) });
          expect(again.sha256).toBe(first.sha256);
          expect(again.result).toEqual(first.result);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('keeps locks and messages whatever the choices', () => {
    fc.assert(
      fc.property(plan, fc.nat(), (made, seed) => {
        let world!: World;
        let listener!: Listener;
        const { result } = perform(loadYaml(render(made)), {
          strategy: random(seed),
          watch: (w) => {
            world = w;
            listener = new Listener(w);
          },
        });
        listener.checkCounters(world);
        listener.checkMessages();
        expect(listener.ended.sort()).toEqual(endingActors(made));
        expect(result.findings).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('has a trace that a CSV reader reads and writes back the same', () => {
    check(80, (yaml) => {
      const { csv, rows, sha256 } = perform(loadYaml(yaml), { keep: true });
      const records = parse(csv) as string[][];
      expect(records).toHaveLength(rows + 1);
      expect(toCsv(records)).toBe(csv);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  it('is the same scenario, with the same trace, when loaded from its effective text', () => {
    check(80, (yaml) => {
      const loaded = loadYaml(yaml);
      const again = loadYaml(loaded.effective);
      expect(again.scenario).toEqual(loaded.scenario);
      expect(again.effective).toBe(loaded.effective);
      expect(perform(again).sha256).toBe(perform(loaded).sha256);
    });
  });
});
