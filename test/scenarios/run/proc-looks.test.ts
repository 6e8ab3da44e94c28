/* Looking at /proc from outside: at the instant asked for, and without changing the run. */
import { describe, expect, it } from 'vitest';
import type { ProcLook } from '../../../scenarios/run/proc-looks.ts';
import { loadYaml, perform, type Performed } from './perform.ts';

const text = `
name: looks
kernel: linux-6.1
machine: { cpus: 2, hz: 250, preemption: full }
until: 20s
objects: { lock: mutex }
actors:
  worker:
    kind: kthread
    count: 3
    steps:
      - repeat: 200
        do:
          - mutex_lock lock
          - busy_us 300
          - mutex_unlock lock
          - msleep 80
  program: { kind: user, nice: 5, steps: [compute 5s] }
  line: { kind: irq, cpu: 1, arrivals: { poisson: 20ms }, steps: [busy_us 10] }
`;

function look(procLooks: readonly ProcLook[]): Performed {
  return perform(loadYaml(text), { procLooks });
}

const s = 1_000_000_000;

describe('looking at /proc', () => {
  it('leaves the trace, the figures and the number of steps as they are', () => {
    const { sha256, result } = look([]);
    const times = [0, 1, 7_999_999, 8_000_000, 0.3 * s, 4.999 * s, 5 * s, 12.345 * s, 20 * s];
    const looked = look(times.map((timeNs) => ({ timeNs })));
    expect(looked.sha256).toBe(sha256);
    const { procfs, ...others } = looked.result;
    expect(others).toEqual(result);
    expect(new Set(procfs!.map(({ timeNs }) => timeNs))).toEqual(new Set(times));
  });

  it('shows one file at the instant, with or without /proc before its name', () => {
    const { result } = look([
      { timeNs: 5.5 * s, path: '/proc/uptime' },
      { timeNs: 2 * s, path: 'uptime' },
    ]);
    expect(result.procfs!.map(({ timeNs, path }) => [timeNs, path])).toEqual([
      [2 * s, '/proc/uptime'],
      [5.5 * s, '/proc/uptime'],
    ]);
    expect(result.procfs![1]!.text).toMatch(/^5\.50 \d+\.\d\d\n$/);
  });

  it('names the files that there are if there is no such one', () => {
    expect(() => look([{ timeNs: 0, path: '/proc/none' }])).toThrow(
      /^linux-6\.1 has no \/proc\/none here, but cmdline, cpuinfo, /,
    );
  });
});
