/*
 * strerror(): what programs print for an error number.
 */
import { errno, errnoText } from '../../models/errno.ts';

const texts = new Map<number, string>([
  [errno.EPERM, 'Operation not permitted'],
  [errno.ENOENT, 'No such file or directory'],
  [errno.EINTR, 'Interrupted system call'],
  [errno.EIO, 'Input/output error'],
  [errno.EBADF, 'Bad file descriptor'],
  [errno.EAGAIN, 'Resource temporarily unavailable'],
  [errno.ENOMEM, 'Cannot allocate memory'],
  [errno.EACCES, 'Permission denied'],
  [errno.EFAULT, 'Bad address'],
  [errno.EBUSY, 'Device or resource busy'],
  [errno.EISDIR, 'Is a directory'],
  [errno.EINVAL, 'Invalid argument'],
  [errno.ENOSPC, 'No space left on device'],
]);

/** `result` is what a system call has returned, below 0. */
export function strerror(result: number): string {
  return texts.get(-result) ?? errnoText(result);
}
