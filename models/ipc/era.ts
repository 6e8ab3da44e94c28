/*
 * What differs between kernel versions in interprocess communication, as far as it shows from
 * outside. Sources: fs/pipe.c and ipc/msg.c of 2.6.2x, 2.6.32 and 6.x, and recordings on 6.18. Of
 * 2.4 only the size of a pipe is known here; otherwise it does as 2.6.
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
  /** MSGMNB and MSGMAX: the bytes that a message queue holds, and those of one message. */
  readonly msgmnb: number;
  readonly msgmax: number;
  /** Only senders whose message fits now are woken (4.9); all of them before. */
  readonly msgWakesFitting: boolean;
}

const linux24: IpcEra = {
  pipeBuffers: 1,
  pipeExclusive: false,
  msgmnb: 16384,
  msgmax: 8192,
  msgWakesFitting: false,
};
const linux26: IpcEra = { ...linux24, pipeBuffers: 16 };
const linux61: IpcEra = { ...linux26, pipeExclusive: true, msgWakesFitting: true };

export const ipcEras: Readonly<Record<KernelName, IpcEra>> = {
  'linux-2.4.27': linux24,
  'linux-2.6.24': linux26,
  'linux-2.6.32': linux26,
  'linux-6.1': linux61,
  'linux-6.12': linux61,
};
