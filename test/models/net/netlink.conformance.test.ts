/* Every recorded script gives, op by op, what the real kernel gave. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  firstNetlinkDifference,
  isNetlinkCase,
  type NetlinkCase,
  runNetlinkCase,
} from '../../../scenarios/conformance/netlink.ts';

const root = new URL('../../conformance/netlink/', import.meta.url);

function load(file: string): NetlinkCase {
  const json: unknown = JSON.parse(readFileSync(new URL(file, root), 'utf8'));
  if (!isNetlinkCase(json)) throw new Error(`${file} is not a netlink case`);
  return json;
}

describe('recorded AF_NETLINK scripts', () => {
  describe.each(['cases', 'recorded'])('%s', (folder) => {
    it.each(readdirSync(new URL(folder, root)))('%s', (file) => {
      expect(firstNetlinkDifference(load(`${folder}/${file}`))).toBeNull();
    });
  });

  it('a changed recording is found at the op that changed', () => {
    const recorded = load('cases/h-exact-fit.json');
    const index = recorded.results.length - 1;
    const changed = { ...recorded, results: recorded.results.with(index, { r: 'changed' }) };
    const difference = firstNetlinkDifference(changed);
    expect(difference?.index).toBe(index);
    expect(difference?.actual).toEqual(runNetlinkCase(recorded)[index]);
  });

  it('does not take other JSON for a netlink case', () => {
    for (const json of [null, 3, {}, { ops: [] }, { ops: [{ op: 'spin_lock' }] }]) {
      expect(isNetlinkCase(json)).toBe(false);
    }
  });
});
