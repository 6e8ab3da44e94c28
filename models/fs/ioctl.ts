/*
 * ioctl(), fs/ioctl.c: a command with an argument, which often is a pointer into the memory of the
 * program. Left out: the commands that the VFS answers itself, and the big kernel lock that was
 * held around the method up to 2.6.35 where a driver had no unlocked_ioctl.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { withFile } from '../user/file.ts';
import { systemCall } from '../user/signals.ts';
import { OpenedFile } from './file.ts';

/** What a method says of a command that it does not know; the program gets -ENOTTY. */
const ENOIOCTLCMD = 515;

export function ioctl(k: Context, fd: number, cmd: number, arg: number): Code<number> {
  return systemCall(k, 'ioctl', () =>
    withFile(k, fd, function* (file) {
      yield k.machine.costs.call;
      const method = file instanceof OpenedFile ? file.f_op.unlocked_ioctl : undefined;
      if (method === undefined) return -errno.ENOTTY;
      const result = yield* method(k, file as OpenedFile, cmd, arg);
      return result === -ENOIOCTLCMD ? -errno.ENOTTY : result;
    }),
  );
}
