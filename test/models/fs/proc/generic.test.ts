/* Entries of /proc made and removed, with readers inside, by version. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../../models/context.ts';
import type { KernelName } from '../../../../models/era.ts';
import { errno } from '../../../../models/errno.ts';
import { O_RDONLY, open } from '../../../../models/fs/open.ts';
import {
  create_proc_entry,
  proc_create_data,
  proc_mkdir,
  proc_remove,
  remove_proc_entry,
} from '../../../../models/fs/proc/generic.ts';
import type { ProcDirEntry, proc_ops } from '../../../../models/fs/proc/entry.ts';
import { read } from '../../../../models/fs/read_write.ts';
import { UserBuffer, copy_to_iter } from '../../../../models/fs/uio.ts';
import { bytesOfText } from '../../../../models/lib/text-bytes.ts';
import { close, nanosleep } from '../../../../models/user/unistd.ts';
import { msleep } from '../../../../models/time/sleep.ts';
import { Bench, ms } from '../../user/bench.ts';

function during(kernel: KernelName, main: (k: Context) => Code<unknown>): unknown {
  const bench = new Bench(kernel);
  let seen: unknown = 'did not end';
  bench.run('usr', function* (k) {
    seen = yield* main(k);
  });
  bench.until(1000 * ms);
  return seen;
}

const entry = (name: string, parent: ProcDirEntry | null = null) => ({ name, mode: 0, parent });

/** A file that says a word once. */
function saying(word: string): proc_ops {
  return {
    *proc_read(k, _file, to, pos) {
      yield k.machine.costs.call;
      if (pos.value > 0) return 0;
      pos.value = copy_to_iter(k, bytesOfText(word), to);
      return pos.value;
    },
  };
}

function* cat(k: Context, path: string): Code<string | number> {
  const fd = yield* open(k, path, O_RDONLY);
  if (fd < 0) return fd;
  const buffer = new UserBuffer(100);
  const got = yield* read(k, fd, buffer);
  yield* close(k, fd);
  return got < 0 ? got : buffer.text(got);
}

describe('an entry', () => {
  it('is found by its path, below its directory', () => {
    const seen = during('linux-6.1', function* (k) {
      const directory = yield* proc_mkdir(k, entry('driver_x'));
      yield* proc_create_data(k, entry('a', directory), saying('a'), 0);
      yield* proc_create_data(k, entry('driver_x/b'), saying('b'), 0);
      return [
        yield* cat(k, '/proc/driver_x/a'),
        yield* cat(k, '/proc/driver_x/b'),
        yield* cat(k, '/proc/driver_x/c'),
        yield* cat(k, '/proc/driver_x'),
      ];
    });
    expect(seen).toEqual(['a', 'b', -errno.ENOENT, -errno.EISDIR]);
  });

  it('cannot be made where there is no directory', () => {
    const seen = during('linux-6.1', function* (k) {
      return yield* proc_create_data(k, entry('no/where'), saying('a'), 0);
    });
    expect(seen).toBeNull();
  });

  it.each([
    ['linux-2.6.32', ['new', 'old', -errno.ENOENT]],
    ['linux-6.1', ['old', -errno.ENOENT, -errno.ENOENT]],
  ] as const)('of a name that is taken hides the other or is refused (%s)', (kernel, expected) => {
    const seen = during(kernel, function* (k) {
      yield* proc_create_data(k, entry('twice'), saying('old'), 0);
      yield* proc_create_data(k, entry('twice'), saying('new'), 0);
      const got = [yield* cat(k, '/proc/twice')];
      for (let i = 0; i < 2; i++) {
        yield* remove_proc_entry(k, 'twice', null);
        got.push(yield* cat(k, '/proc/twice'));
      }
      return got;
    });
    expect(seen).toEqual(expected);
  });

  it('without methods reads as empty, and its read_proc may come later', () => {
    const seen = during('linux-2.6.24', function* (k) {
      const made = yield* create_proc_entry(k, entry('late'));
      const before = yield* cat(k, '/proc/late');
      made!.read_proc = function* (on, call) {
        yield on.machine.costs.call;
        call.page.store(on, 0, bytesOfText('now'), 'sprintf');
        return 3;
      };
      return [before, yield* cat(k, '/proc/late')];
    });
    expect(seen).toEqual(['', 'now']);
  });
});

describe('functions that a kernel does not have', () => {
  it.each([
    ['linux-6.1', (k: Context) => create_proc_entry(k, entry('a')), /no create_proc_entry since/],
    ['linux-2.6.24', (k: Context) => proc_create_data(k, entry('a'), {}, 0), /no proc_create/],
    ['linux-2.6.32', (k: Context) => proc_remove(k, null), /no proc_remove/],
  ] as const)('are refused with a word about it (%s)', (kernel, call, text) => {
    const bench = new Bench(kernel);
    bench.run('usr', function* (k) {
      yield* call(k);
    });
    expect(() => bench.until(10 * ms)).toThrow(text);
  });
});

/** What one who is inside read() for 50 ms sees, one who has the file open, and rmmod. */
function removal(kernel: KernelName): Record<string, unknown> {
  const bench = new Bench(kernel, { cpus: 2 });
  const seen: Record<string, unknown> = {};
  const slow: proc_ops = {
    *proc_read(k, _file, to) {
      yield* msleep(k, 50);
      return copy_to_iter(k, bytesOfText('slow'), to);
    },
    *proc_release(k) {
      yield k.machine.costs.call;
      seen['released'] = Math.floor(k.machine.sim.now / (10 * ms));
      return 0;
    },
  };
  const since = kernel === 'linux-2.4.27' || kernel === 'linux-2.6.24';
  bench.run('insmod', function* (k) {
    if (!since) yield* proc_create_data(k, entry('f'), slow, 0);
    else (yield* create_proc_entry(k, entry('f')))!.proc_ops = slow;
    yield* nanosleep(k, 10 * ms);
    yield* remove_proc_entry(k, 'f', null);
    seen['removed after'] = Math.floor(k.machine.sim.now / (10 * ms));
  });
  bench.run('inside', function* (k) {
    yield* nanosleep(k, ms);
    seen['inside'] = yield* cat(k, '/proc/f');
  });
  bench.run('holder', function* (k) {
    yield* nanosleep(k, ms);
    const fd = yield* open(k, '/proc/f', O_RDONLY);
    yield* nanosleep(k, 200 * ms);
    seen['holder'] = yield* read(k, fd, new UserBuffer(10));
    yield* close(k, fd);
  });
  bench.until(1000 * ms);
  seen['log'] = bench.log;
  return seen;
}

describe('removing an entry that is in use', () => {
  it('does not wait in 2.4, which takes the methods from open files', () => {
    expect(removal('linux-2.4.27')).toEqual({
      'removed after': 1,
      inside: 'slow',
      holder: -errno.EINVAL,
      log: [
        'kernel: remove_proc_entry: /proc/f busy, count=1',
        'kernel: de_put: deferred delete of f',
      ],
    });
  });

  it('waits until nobody is inside, and says -EIO from then on (2.6.24)', () => {
    const { 'removed after': after, ...seen } = removal('linux-2.6.24');
    expect(seen).toEqual({ inside: 'slow', holder: -errno.EIO, log: [] });
    expect(after).toBeGreaterThanOrEqual(5);
  });

  it.each(['linux-2.6.32', 'linux-6.1'] as const)('also releases open files (%s)', (kernel) => {
    const { 'removed after': after, released, ...seen } = removal(kernel);
    expect(seen).toEqual({ inside: 'slow', holder: -errno.EIO, log: [] });
    expect(after).toBe(released);
    expect(after).toBeGreaterThanOrEqual(5);
  });
});
