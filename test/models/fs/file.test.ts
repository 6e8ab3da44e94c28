/* open, read, write, lseek and poll on what a driver or procfs provides; what is refused. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import { kernelNames, type KernelName } from '../../../models/era.ts';
import { errno } from '../../../models/errno.ts';
import { register_chrdev, unregister_chrdev } from '../../../models/fs/char_dev.ts';
import type { file_operations } from '../../../models/fs/file.ts';
import { O_RDONLY, O_RDWR, O_WRONLY, open } from '../../../models/fs/open.ts';
import { proc_create, remove_proc_entry } from '../../../models/fs/proc.ts';
import {
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
  lseek,
  pread,
  pwrite,
  read,
  write,
} from '../../../models/fs/read_write.ts';
import {
  UserBuffer,
  copy_from_iter,
  copy_to_iter,
  iov_iter_count,
} from '../../../models/fs/uio.ts';
import { EPOLLIN, EPOLLOUT } from '../../../models/net/netlink/uapi.ts';
import { WaitQueueHead, wake_up_interruptible } from '../../../models/sched/wait.ts';
import { pollEvents, poll, type pollfd } from '../../../models/user/poll.ts';
import { exit } from '../../../models/user/spawn.ts';
import { close, usleep } from '../../../models/user/unistd.ts';
import { Bench, ms } from '../user/bench.ts';

/** What a program at a machine with these devices and entries sees. */
function observe(
  prepare: (bench: Bench) => void,
  main: (k: Context) => Code<unknown[]>,
  { kernel = 'linux-6.1', uid = 0 }: { kernel?: KernelName; uid?: number } = {},
): unknown[] {
  const bench = new Bench(kernel);
  prepare(bench);
  let seen: unknown[] = ['did not end'];
  bench.run(
    'usr',
    function* (k) {
      seen = yield* main(k);
    },
    { uid },
  );
  bench.until(1000 * ms);
  return seen;
}

/** Memory of 10 bytes behind a device. */
function memory(): { content: Uint8Array; ops: file_operations } {
  const content = new Uint8Array(10);
  const ops: file_operations = {
    *read(k, _file, to, pos) {
      yield 0;
      const n = copy_to_iter(k, content.subarray(pos.value), to);
      pos.value += n;
      return n;
    },
    *write(k, _file, from, pos) {
      yield 0;
      const bytes = copy_from_iter(k, Math.min(iov_iter_count(from), 10 - pos.value), from);
      content.set(bytes, pos.value);
      pos.value += bytes.length;
      return bytes.length;
    },
    *llseek(_k, file, offset) {
      yield 0;
      file.f_pos = offset;
      return offset;
    },
  };
  return { content, ops };
}

const bytes = (text: string): UserBuffer => UserBuffer.of(Uint8Array.from(Buffer.from(text)));

describe('a device', () => {
  it('is read and written at the position of the open file, each with its own', () => {
    const { content, ops } = memory();
    const seen = observe(
      ({ machine }) => register_chrdev(machine, 'mem', ops),
      function* (k) {
        const [one, two] = [
          yield* open(k, '/dev/mem', O_RDWR),
          yield* open(k, '/dev/mem', O_RDONLY),
        ];
        const results = [
          one,
          two,
          yield* write(k, one, bytes('abcdef')),
          yield* write(k, one, bytes('ghijklm')),
          yield* write(k, one, bytes('n')),
        ];
        const buffer = new UserBuffer(4);
        results.push(yield* read(k, two, buffer), yield* read(k, two, new UserBuffer(100)));
        results.push(yield* lseek(k, one, 8, SEEK_SET), yield* read(k, one, new UserBuffer(100)));
        return [...results, buffer.text(4)];
      },
    );
    expect(seen).toEqual([3, 4, 6, 4, 0, 4, 6, 8, 2, 'abcd']);
    expect(Buffer.from(content).toString()).toBe('abcdefghij');
  });

  it('pread and pwrite leave the position alone', () => {
    const { ops } = memory();
    const seen = observe(
      ({ machine }) => register_chrdev(machine, 'mem', ops),
      function* (k) {
        const fd = yield* open(k, '/dev/mem', O_RDWR);
        const buffer = new UserBuffer(3);
        return [
          yield* pwrite(k, fd, bytes('xyz'), 7),
          yield* pread(k, fd, buffer, 7),
          buffer.text(3),
          yield* read(k, fd, new UserBuffer(100)),
          yield* pwrite(k, fd, bytes('xyz'), -1),
        ];
      },
    );
    expect(seen).toEqual([3, 3, 'xyz', 10, -errno.EINVAL]);
  });

  it('opens, closes and is let go when the last one closes it or its process ends', () => {
    const calls: string[] = [];
    const note = (what: string, result = 0) =>
      function* (): Code<number> {
        yield 0;
        calls.push(what);
        return result;
      };
    let busy = true;
    const ops: file_operations = {
      *open() {
        yield 0;
        calls.push('open');
        return busy ? -errno.EBUSY : 0;
      },
      read: note('read', 1),
      release: note('release'),
    };
    const seen = observe(
      ({ machine }) => register_chrdev(machine, 'one', ops),
      function* (k) {
        const results = [yield* open(k, '/dev/one', O_RDONLY)];
        busy = false;
        const fd = yield* open(k, '/dev/one', O_RDONLY);
        yield* read(k, fd, new UserBuffer(1));
        results.push(fd, yield* close(k, fd), yield* read(k, fd, new UserBuffer(1)));
        yield* open(k, '/dev/one', O_RDONLY);
        calls.push('exit');
        return results;
      },
    );
    expect(seen).toEqual([-errno.EBUSY, 3, 0, -errno.EBADF]);
    expect(calls.join(' ')).toBe('open open read release open exit release');
  });

  it('wakes who polls it, and is always ready without a method for that', () => {
    const queue = new WaitQueueHead('q');
    let ready = false;
    const polled: file_operations = {
      poll(_k, _file, table) {
        table?.wait(queue);
        return ready ? EPOLLIN : 0;
      },
    };
    const seen = observe(
      (bench) => {
        register_chrdev(bench.machine, 'slow', polled);
        register_chrdev(bench.machine, 'plain', {});
        bench.run('waker', function* (k) {
          yield* usleep(k, 5000);
          ready = true;
          wake_up_interruptible(k.cpu, queue);
        });
      },
      function* (k) {
        const entry = (fd: number): pollfd => ({
          fd,
          events: pollEvents.POLLIN | pollEvents.POLLOUT,
          revents: 0,
        });
        const slow = entry(yield* open(k, '/dev/slow', O_RDONLY));
        const plain = entry(yield* open(k, '/dev/plain', O_RDONLY));
        const results: unknown[] = [yield* poll(k, [slow], 2 * ms), yield* poll(k, [slow], -1)];
        results.push(slow.revents, k.machine.sim.now, yield* poll(k, [plain], 0), plain.revents);
        return results;
      },
    );
    expect(seen).toEqual([0, 1, EPOLLIN, 5 * ms, 1, EPOLLIN | EPOLLOUT]);
  });
});

describe('what is refused', () => {
  const prepare = ({ machine }: Bench): void => {
    register_chrdev(machine, 'none', {});
    proc_create(machine, 'none', 0o644, {});
    proc_create(machine, 'secret', 0o600, {});
  };

  it('paths that are not there, and modes that the permissions do not give', () => {
    function* attempts(k: Context): Code<unknown[]> {
      return [
        yield* open(k, '/dev/gone', O_RDONLY),
        yield* open(k, '/proc/none', O_RDWR),
        yield* open(k, '/proc/none', O_RDONLY),
        yield* open(k, '/proc/secret', O_RDONLY),
      ];
    }
    expect(observe(prepare, attempts)).toEqual([-errno.ENOENT, 3, 4, 5]);
    const user = observe(prepare, attempts, { uid: 1000 });
    expect(user).toEqual([-errno.ENOENT, -errno.EACCES, 3, -errno.EACCES]);
  });

  it('a call against the mode, or for which there is no method', () => {
    const seen = observe(prepare, function* (k) {
      const readers = [
        yield* open(k, '/dev/none', O_RDONLY),
        yield* open(k, '/proc/none', O_RDONLY),
      ];
      const writer = yield* open(k, '/proc/none', O_WRONLY);
      const results: unknown[] = [];
      for (const fd of readers) results.push(yield* read(k, fd, new UserBuffer(1)));
      results.push(yield* write(k, readers[0]!, bytes('a')), yield* write(k, writer, bytes('a')));
      results.push(
        yield* read(k, writer, new UserBuffer(1)),
        yield* read(k, 17, new UserBuffer(1)),
      );
      return results;
    });
    const { EINVAL, EIO, EBADF } = errno;
    expect(seen).toEqual([-EINVAL, -EIO, -EBADF, -EIO, -EBADF, -EBADF]);
  });

  it('seeking in a file without llseek, since 2.6.37; before, any position was taken', () => {
    const seeks = kernelNames.map((kernel) =>
      observe(
        prepare,
        function* (k) {
          const fd = yield* open(k, '/dev/none', O_RDONLY);
          return [
            yield* lseek(k, fd, 7, SEEK_SET),
            yield* lseek(k, fd, 2, SEEK_CUR),
            yield* lseek(k, fd, -20, SEEK_CUR),
            yield* lseek(k, fd, 1, SEEK_END),
            yield* lseek(k, fd, 1, 9),
          ];
        },
        { kernel },
      ),
    );
    const free = [7, 9, -errno.EINVAL, 1, -errno.EINVAL];
    const refused = new Array<number>(5).fill(-errno.ESPIPE);
    expect(seeks).toEqual([free, free, free, refused, refused]);
  });

  it('a name twice; and a removed one is not found, but what is open stays open', () => {
    const bench = new Bench();
    const { machine } = bench;
    const { ops } = memory();
    register_chrdev(machine, 'mem', ops);
    proc_create(machine, 'mem', 0o444, {});
    expect(register_chrdev(machine, 'mem', ops)).toBe(-errno.EBUSY);
    expect(() => proc_create(machine, 'mem', 0o444, {})).toThrow('/proc/mem exists already');
    const seen: number[] = [];
    bench.run('usr', function* (k) {
      const fd = yield* open(k, '/dev/mem', O_RDONLY);
      unregister_chrdev(machine, 'mem');
      remove_proc_entry(machine, 'mem');
      seen.push(yield* read(k, fd, new UserBuffer(4)), yield* open(k, '/dev/mem', O_RDONLY));
      seen.push(yield* open(k, '/proc/mem', O_RDONLY));
      yield* exit(k, 0);
    });
    bench.until();
    expect(seen).toEqual([4, -errno.ENOENT, -errno.ENOENT]);
  });
});

describe('memory of the program', () => {
  it('is copied up to the byte that faults, at the cost of what was copied', () => {
    const { ops } = memory();
    const bench = new Bench('linux-6.1', { costs: { copy_per_kib: 1024 } });
    register_chrdev(bench.machine, 'mem', ops);
    const seen: number[] = [];
    bench.run('usr', function* (k) {
      const fd = yield* open(k, '/dev/mem', O_RDWR);
      for (const accessible of [10, 3, 0]) {
        yield* lseek(k, fd, 0, SEEK_SET);
        const before = k.machine.sim.now;
        seen.push(yield* read(k, fd, new UserBuffer(10, accessible)), k.machine.sim.now - before);
      }
      seen.push(yield* read(k, fd, new UserBuffer(-1)));
    });
    bench.until();
    expect(seen).toEqual([10, 10, 3, 3, 0, 0, -errno.EINVAL]);
  });
});
