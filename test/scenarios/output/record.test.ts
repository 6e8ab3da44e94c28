import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { inputReader } from '../../../scenarios/output/inputs.ts';
import { choicesOf, parseManifest } from '../../../scenarios/output/manifest.ts';
import { record, type Observer, type Recorded } from '../../../scenarios/output/record.ts';
import { readManifest, repeat, NoRunFolder } from '../../../scenarios/output/repeat.ts';
import { fakeStart, identity, silent, type FakeOptions } from './fake-run.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Setting {
  readonly fake?: FakeOptions;
  readonly observer?: Observer;
  readonly changes?: Partial<typeof identity>;
}

async function recordFake(out: string, setting: Setting = {}): Promise<Recorded> {
  const { fake, observer = silent, changes } = setting;
  const readFile = inputReader(join(out, 'scenario.yaml'));
  return record({ ...identity, ...changes }, out, fakeStart(fake), readFile, observer);
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

test('a run leaves a folder that is named for what it was made from', async () => {
  const out = temporaryFolder();
  const { settled } = await recordFake(out);
  expect(settled.kind).toBe('new');
  expect(settled.path).toMatch(/\/fake\/7-[0-9a-f]{8}$/);
  expect(readdirSync(join(out, 'fake'))).toEqual([basename(settled.path)]);
  expect(readdirSync(settled.path).sort()).toEqual([
    'console.txt',
    'findings.csv',
    'run.json',
    'scenario.yaml',
    'summary.csv',
    'trace.csv',
  ]);
});

test('run.json has the digest and the size of every file', async () => {
  const { settled } = await recordFake(temporaryFolder(), { fake: { rows: 30_000 } });
  const { files } = parseManifest(read(settled.path, 'run.json'));
  expect(Object.keys(files)).toHaveLength(5);
  for (const [name, digest] of Object.entries(files)) {
    const content = read(settled.path, name);
    expect(createHash('sha256').update(content).digest('hex'), name).toBe(digest?.sha256);
    expect(Buffer.byteLength(content), name).toBe(digest?.bytes);
  }
  expect(files['trace.csv'].rows).toBe(30_000);
  expect(files['scenario.yaml'].rows).toBe(2);
});

test('run.json has the choices, and nothing of the host', async () => {
  const out = temporaryFolder();
  const choices = [0, 0, 1, 2];
  const { settled } = await recordFake(out, { fake: { result: { choices } } });
  const text = read(settled.path, 'run.json');
  expect(choicesOf(parseManifest(text))).toEqual(choices);
  expect(text).not.toContain(out);
});

test('the same run finds the first and is identical to it', async () => {
  const out = temporaryFolder();
  const first = await recordFake(out, { fake: { rows: 50_000 } });
  const second = await recordFake(out, { fake: { rows: 50_000 } });
  expect(second.settled).toEqual({ kind: 'identical', path: first.settled.path });
  expect(readdirSync(join(out, 'fake'))).toHaveLength(1);
});

test('a later version of lockstep that makes the same run is identical too', async () => {
  const out = temporaryFolder();
  await recordFake(out);
  const { settled } = await recordFake(out, { changes: { version: '9.9.9' } });
  expect(settled.kind).toBe('identical');
});

test('other bytes under the same name are kept beside and named', async () => {
  const out = temporaryFolder();
  const first = await recordFake(out);
  const before = read(first.settled.path, 'trace.csv');
  const { settled, digests } = await recordFake(out, { fake: { deviates: 5 } });
  if (settled.kind !== 'differs') throw new Error(`it is ${settled.kind}`);
  expect(settled.path).toBe(`${first.settled.path}-differs`);
  expect(settled.differences.map(({ file }) => file)).toEqual(['trace.csv', 'run.json']);
  expect(settled.differences[0]).toMatchObject({
    first: first.digests.files['trace.csv'].sha256,
    second: digests.files['trace.csv'].sha256,
  });
  expect(read(first.settled.path, 'trace.csv')).toBe(before);
  const again = await recordFake(out, { fake: { deviates: 5 } });
  expect(again.settled.path).toBe(`${first.settled.path}-differs-2`);
});

test('a first run that was changed on the disk is not taken for identical', async () => {
  const out = temporaryFolder();
  const { settled } = await recordFake(out);
  appendFileSync(join(settled.path, 'console.txt'), 'x');
  expect((await recordFake(out)).settled.kind).toBe('differs');
});

test('the name follows from the scenario, the overrides and the seed', async () => {
  const out = temporaryFolder();
  const variants = [
    {},
    { seed: 8 },
    { overrides: [] },
    { effective: 'name: fake\nseed: 9\n' },
    { seed: '../../x' },
    { seed: '.._.._x' },
  ];
  for (const changes of variants) await recordFake(out, { changes });
  expect(readdirSync(out)).toEqual(['fake']);
  expect(readdirSync(join(out, 'fake'))).toHaveLength(variants.length);
});

test('an interrupted run leaves whole rows in a folder that says so', async () => {
  const out = temporaryFolder();
  let interrupt = (): void => {};
  const observer: Observer = {
    onInterrupt: (handler) => {
      interrupt = handler;
      return () => {};
    },
    progress: () => interrupt(),
    done: () => {},
  };
  const setting = { fake: { rows: 10_000_000 }, observer };
  const { settled, digests, result } = await recordFake(out, setting);
  expect(result.ending).toBe('interrupted');
  expect(settled.path).toMatch(/-interrupted$/);
  expect(parseManifest(read(settled.path, 'run.json')).ending).toBe('interrupted');
  const trace = read(settled.path, 'trace.csv');
  expect(trace.endsWith('\n')).toBe(true);
  expect(trace.split('\n')).toHaveLength(digests.files['trace.csv'].rows + 2);
  expect((await recordFake(out, setting)).settled.path).toMatch(/-interrupted-2$/);
});

test('a run that fails leaves nothing', async () => {
  const out = temporaryFolder();
  const failing: Observer = {
    ...silent,
    progress: () => {
      throw new Error('a fault');
    },
  };
  const failed = recordFake(out, { fake: { rows: 50_000 }, observer: failing });
  await expect(failed).rejects.toThrow('a fault');
  expect(readdirSync(join(out, 'fake'))).toEqual([]);
});

test('what the scenario reads is copied to the folder, and counts for its name', async () => {
  const out = temporaryFolder();
  writeFileSync(join(out, 'packets.pcap'), 'one');
  const fake = { reads: 'packets.pcap' };
  const first = await recordFake(out, { fake });
  expect(read(first.settled.path, 'packets.pcap')).toBe('one');
  expect((await recordFake(out, { fake })).settled.kind).toBe('identical');
  writeFileSync(join(out, 'packets.pcap'), 'two');
  expect((await recordFake(out, { fake })).settled.kind).toBe('new');
});

test('what a scenario reads cannot take the place of what the run writes', async () => {
  const out = temporaryFolder();
  writeFileSync(join(out, 'trace.csv'), 'x');
  await expect(recordFake(out, { fake: { reads: './trace.csv' } })).rejects.toThrow('has the name');
});

test('a scenario cannot read outside of its folder', async () => {
  const out = temporaryFolder();
  for (const reads of ['/etc/hostname', '../x', 'a/../../x', 'a\\..\\x', '']) {
    await expect(recordFake(out, { fake: { reads } }), reads).rejects.toThrow('outside');
  }
  await expect(recordFake(out, { fake: { reads: 'absent' } })).rejects.toThrow('ENOENT');
});

async function repeatFake(folder: string, fake: FakeOptions = {}): ReturnType<typeof repeat> {
  return repeat(folder, readManifest(folder), identity, fakeStart(fake), silent);
}

test('a run that is made again is compared and leaves nothing', async () => {
  const out = temporaryFolder();
  writeFileSync(join(out, 'packets.pcap'), 'one');
  const { settled } = await recordFake(out, { fake: { reads: 'packets.pcap' } });
  const same = await repeatFake(settled.path, { reads: 'packets.pcap' });
  expect(same).toMatchObject({ differences: [], divergence: undefined });
  expect(readdirSync(join(out, 'fake'))).toEqual([basename(settled.path)]);
});

test('the first row that differs is shown with the rows around it', async () => {
  const { settled } = await recordFake(temporaryFolder(), { fake: { rows: 20_000 } });
  const comparison = await repeatFake(settled.path, { rows: 20_000, deviates: 12_344 });
  if (comparison === 'interrupted') throw new Error(comparison);
  const row = (seq: number, value = seq - 1): string => `${seq},${seq},0,,,,....,tick,,${value},`;
  expect(comparison.divergence).toEqual({
    line: 12_346,
    common: [row(12_342), row(12_343), row(12_344)],
    first: [row(12_345), row(12_346), row(12_347), row(12_348)],
    second: [row(12_345, -1), row(12_346), row(12_347), row(12_348)],
  });
});

test('a trace that lacks its end parts where it ends', async () => {
  const { settled } = await recordFake(temporaryFolder(), { fake: { rows: 4 } });
  const comparison = await repeatFake(settled.path, { rows: 3 });
  expect(comparison).toMatchObject({ divergence: { line: 5, second: [] } });
});

test('what is no record of a whole run cannot be made again', async () => {
  const out = temporaryFolder();
  expect(() => readManifest(out)).toThrow(NoRunFolder);
  const texts = ['', '{}', '[1]', '{"lockstep": 1}'];
  for (const text of texts) {
    writeFileSync(join(out, 'run.json'), text);
    expect(() => readManifest(out), text).toThrow(NoRunFolder);
  }
  const { settled } = await recordFake(out);
  const manifest = read(settled.path, 'run.json').replace('"until"', '"interrupted"');
  writeFileSync(join(settled.path, 'run.json'), manifest);
  expect(() => readManifest(settled.path)).toThrow('interrupted');
});
