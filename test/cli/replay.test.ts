import { expect, test } from 'vitest';
import { IRQ_SELF } from '../scenarios/explore/programs.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep, write } from './harness.ts';

/** The schedule of the confirmed finding of IRQ_SELF, as explore prints it. */
async function schedule(): Promise<string> {
  const out = temporaryFolder();
  const { out: text } = await lockstep(['explore', write(out, IRQ_SELF), '--out', out]);
  return [...text.matchAll(/'(ls1\S+)'/g)].at(-1)![1]!;
}

const digest = (text: string): string => /sha256 ([0-9a-f]{64})/.exec(text)![1]!;

test('ten replays leave the same trace', async () => {
  const text = await schedule();
  const digests = new Set<string>();
  for (let i = 0; i < 10; i++) {
    const out = temporaryFolder();
    const file = write(out, IRQ_SELF);
    const { exit, out: said } = await lockstep(['replay', file, text, '--out', out]);
    expect(exit).toBe(4);
    digests.add(digest(said));
  }
  expect(digests.size).toBe(1);
});

test('a replay shows its timeline and the summary of an ordinary run', async () => {
  const out = temporaryFolder();
  const argv = ['replay', write(out, IRQ_SELF), await schedule(), '--out', out];
  const { out: text } = await lockstep(argv);
  expect(text).toMatch(/^=> {3}\d .*interrupt arrives$/m);
  expect(text).toMatch(/^ {7}! self-deadlock: BUG: spinlock recursion on CPU#0/m);
  expect(text).toMatch(/^ {2}✗ no other findings +irq-safety, self-deadlock$/m);
  const second = await lockstep(argv);
  expect(second.out).toContain('identical to the first run (verified)\n');
});

test('a schedule of another scenario says so, and where it does not fit any more', async () => {
  const out = temporaryFolder();
  const renamed = write(out, IRQ_SELF.replaceAll('eth0', 'eth1'));
  const argv = ['replay', renamed, await schedule(), '--out', out];
  const { exit, err } = await lockstep(argv);
  expect(exit).toBe(5);
  expect(err).toMatch(/^the scenario has changed: the schedule is of \w{8}, this is \w{8}$/m);
  expect(err).toMatch(
    /: decision \d: recorded interrupt eth0 after \d steps? of reader, which is not enabled; /,
  );
  expect(err).toContain('enabled = reader, interrupt eth1\n');
  const onward = await lockstep([...argv, '--continue']);
  expect(onward.out).toMatch(/^ +\d+ +interrupt arrives$/m);
});

test('a switch whose moment never comes is told, not passed over in silence', async () => {
  const out = temporaryFolder();
  const other = write(out, IRQ_SELF.replaceAll('reader', 'writer'));
  const argv = ['replay', other, await schedule(), '--out', out];
  const { exit, err } = await lockstep(argv);
  expect(exit).toBe(5);
  expect(err).toMatch(
    /: switch 1: recorded interrupt eth0 after \d steps? of reader, but reader takes no step$/m,
  );
  expect((await lockstep([...argv, '--continue'])).exit).toBe(4);
});

test('a run that goes round or is given up ends as its findings say', async () => {
  for (const name of ['backoff-livelock', 'writer-starvation', 'priority-inversion']) {
    const out = temporaryFolder();
    const { out: text } = await lockstep(['explore', name, '--out', out]);
    const found = [...text.matchAll(/'(ls1\S+)'/g)].at(-1)![1]!;
    const again = await lockstep(['replay', name, found, '--out', out]);
    expect([name, again.exit]).toEqual([name, 0]);
    expect(again.out).toMatch(/^FINDINGS$/m);
  }
});

test('the schedule that turns a constraint round can be replayed as it is', async () => {
  const out = temporaryFolder();
  const { out: text } = await lockstep(['explore', 'cycle3-mutex', '--out', out]);
  const flipped = [...text.matchAll(/the other way round .*: (ls1\S+)$/gm)].map(
    (found) => found[1]!,
  );
  expect(flipped.length).toBeGreaterThan(0);
  for (const other of flipped) {
    expect((await lockstep(['replay', 'cycle3-mutex', other, '--out', out])).exit).toBe(0);
  }
});

test('a change that leaves the schedule its sense still shows the finding', async () => {
  const out = temporaryFolder();
  const other = write(out, IRQ_SELF.replace('n = n + 1]', 'n = n + 2]').replace('- n', '- n '));
  const {
    exit,
    err,
    out: text,
  } = await lockstep([...['replay', other, await schedule(), '--out', out]]);
  expect(err).toMatch(/^the scenario has changed/);
  expect(exit).toBe(4);
  expect(text).toContain('self-deadlock');
});

test('a run under a schedule is not taken for an ordinary run of the same scenario', async () => {
  const out = temporaryFolder();
  const file = write(out, IRQ_SELF);
  await lockstep(['run', file, '--out', out]);
  const { out: text } = await lockstep(['replay', file, await schedule(), '--out', out]);
  expect(text).not.toContain('identical');
});

test('text that is no schedule is wrong usage', async () => {
  const { exit, err } = await lockstep(['replay', write(temporaryFolder(), IRQ_SELF), 'ls1.nix']);
  expect(exit).toBe(2);
  expect(err).toContain('expected a schedule such as ls1.');
});
