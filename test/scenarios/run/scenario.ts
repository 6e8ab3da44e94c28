/* Small scenarios for tests: what their labelled steps logged, and what runs as they do. */
import { perform, loadYaml, type Performed, type PerformOptions } from './perform.ts';

export interface Logged {
  readonly actor: string;
  readonly label: string;
  /** What the labelled call returned; NaN if it returns nothing. */
  readonly result: number;
  readonly timeNs: number;
}

export interface Observed extends Performed {
  readonly logged: readonly Logged[];
  /** The final value of a scalar variable. */
  readonly variable: (name: string) => number;
}

/** The steps as the only actor: a kernel thread on an ideal machine with one CPU. */
export function stepsOf(steps: string, more = ''): string {
  return `
name: steps
machine: { cpus: 1, costs: { preset: ideal } }
until: 1s
vars: { n: 0, m: 0, ring: [0, 0, 0] }
objects: { L: spinlock, M: mutex, S: sem:1, q: waitqueue, done: completion }
${more}
actors:
  t:
    kind: kthread
    steps:
${steps.replace(/^\n/, '').replace(/^/gm, '      ')}`;
}

export function observe(yaml: string, options: Omit<PerformOptions, 'watch'> = {}): Observed {
  const logged: Logged[] = [];
  let variable: Observed['variable'] = () => NaN;
  const performed = perform(loadYaml(yaml), {
    ...options,
    watch: (world) => {
      world.onLog = (k, label, result, actor) => {
        logged.push({ actor, label, result, timeNs: k.machine.sim.now });
      };
      variable = (name) => world.variables.find((one) => one.name === name)!.values[0]!;
    },
  });
  return { ...performed, logged, variable };
}

/** The labels in their order. */
export function labels({ logged }: Observed): string[] {
  return logged.map(({ label }) => label);
}
