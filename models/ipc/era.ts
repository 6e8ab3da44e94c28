/*
 * What differs between kernel versions in interprocess communication, as far as it shows from
 * outside. Sources: fs/pipe.c, ipc/msg.c, ipc/sem.c and net/unix/af_unix.c of 2.4.27, 2.6.24,
 * 2.6.32, 6.1 and 6.12.
 */
import type { KernelName } from '../era.ts';

export interface IpcEra {
  /** Pages that a pipe holds (one until 2.6.10). */
  readonly pipeBuffers: number;
  /**
   * Readers and writers of a pipe wait one behind the other, each kind on a queue of its own, and
   * are woken when the pipe was empty or full (5.5); before, all wait on one queue and all wake.
   */
  readonly pipeExclusive: boolean;
  /** MSGMNB, the bytes that a message queue holds (16384 until 2.6.36 unless tuned). */
  readonly msgmnb: number;
  readonly msgmax: number;
}

const linux24: IpcEra = { pipeBuffers: 1, pipeExclusive: false, msgmnb: 16384, msgmax: 8192 };
const linux26: IpcEra = { ...linux24, pipeBuffers: 16 };
const linux61: IpcEra = { ...linux26, pipeExclusive: true };

export const ipcEras: Readonly<Record<KernelName, IpcEra>> = {
  'linux-2.4.27': linux24,
  'linux-2.6.24': linux26,
  'linux-2.6.32': linux26,
  'linux-6.1': linux61,
  'linux-6.12': linux61,
};
