/* What export writes of a run, import reads as it was. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep } from './harness.ts';

const EVENT = 'irq_handler_entry';

async function arrivals(file: string): Promise<number[]> {
  const { exit, out } = await lockstep(['import', file, '--event', EVENT, '--origin', 'recording']);
  expect(exit).toBe(0);
  const [, ...rows] = out.trimEnd().split('\n');
  return rows.map((row) => Number(row.split(',')[0]));
}

test.each([
  // What happens at 0 is at 1 ns there.
  ['trace-dat', 1],
  ['ftrace', 0],
])('interrupts of a run come back from its %s at the same instants', async (format, begin) => {
  const out = temporaryFolder();
  const ran = await lockstep(['run', 'netlink-icmp', '--out', out, '--json']);
  const { folder } = JSON.parse(ran.out) as { folder: string };
  const file = join(out, 'exported');
  await lockstep(['export', folder, '--to', format, '--out', file]);
  const original = await arrivals(join(folder, 'trace.csv'));
  expect(original.length).toBeGreaterThan(50);
  expect(await arrivals(file)).toEqual(original.map((time) => Math.max(time, begin) - begin));
});
