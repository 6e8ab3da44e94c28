/*
 * What processes communicate through and the kernel knows by a name: pipes of a common parent,
 * System V message queues, semaphore sets and shared memory, POSIX semaphores in memory that is
 * shared, and the kernel's own UNIX sockets.
 */
import { z } from 'zod';
import { ipcEras } from '../../models/ipc/era.ts';
import { MsgQueue } from '../../models/ipc/msg.ts';
import { Pipe } from '../../models/ipc/pipe.ts';
import { PosixSem } from '../../models/ipc/posix-sem.ts';
import { SEMVMX, SemSet } from '../../models/ipc/sem.ts';
import { ShmSegment } from '../../models/ipc/shm.ts';
import { SOCK_DGRAM, UnixSock, unix_bind } from '../../models/net/unix/af_unix.ts';
import { ScenarioError } from '../run/error.ts';
import { objectType, type ObjectType } from './object-type.ts';

const semValue = z.int().min(0).max(SEMVMX);

export const ipcTypes: readonly ObjectType[] = [
  objectType(
    {
      name: 'pipe',
      fields: z.strictObject({}),
      about: 'A pipe whose ends processes have from a common parent (`pipe r w NAME`).',
      source: 'fs/pipe.c',
    },
    ({ machine }, name) => new Pipe(name, ipcEras[machine.era.name]),
  ),
  objectType(
    {
      name: 'msg_queue',
      short: 'qbytes',
      fields: z.strictObject({
        qbytes: z.int().min(0).optional().describe('Bytes that it holds (default: MSGMNB).'),
      }),
      about: 'A System V message queue.',
      source: 'ipc/msg.c',
    },
    ({ machine }, name, { qbytes }) => new MsgQueue(name, ipcEras[machine.era.name], qbytes),
  ),
  objectType(
    {
      name: 'sem_set',
      fields: z.strictObject({
        values: z.array(semValue).min(1).max(250).default([1]).describe('The values at first.'),
      }),
      about: 'A set of System V semaphores.',
      source: 'ipc/sem.c',
    },
    (_world, name, { values }) => new SemSet(name, values),
  ),
  objectType(
    {
      name: 'posix_sem',
      short: 'value',
      fields: z.strictObject({
        value: z.int().min(0).default(1).describe('The value at first.'),
      }),
      about: 'A POSIX semaphore in memory that processes share.',
      source: 'kernel/futex/waitwake.c',
    },
    (_world, name, { value }) => new PosixSem(name, value),
  ),
  objectType(
    {
      name: 'shm',
      short: 'size',
      fields: z.strictObject({
        size: z.int().min(1).max(0x1000000).default(4096).describe('Bytes.'),
      }),
      about: 'A segment of System V shared memory, which starts with zeros.',
      source: 'ipc/shm.c',
    },
    (_world, name, { size }) => new ShmSegment(name, size),
  ),
  objectType(
    {
      name: 'unix_socket',
      short: 'bind',
      fields: z.strictObject({
        bind: z.string().optional().describe('Its (abstract) name (default: that of the object).'),
        qlen: z.int().min(0).max(10_000).default(10).describe('Datagrams that may wait in it.'),
      }),
      about: "A UNIX datagram socket of the kernel's own (sock_create_kern, kernel_bind).",
      source: 'net/unix/af_unix.c',
    },
    ({ machine }, name, { bind = name, qlen }) => {
      const sk = new UnixSock(machine, SOCK_DGRAM, name);
      sk.backlog = qlen;
      if (unix_bind(sk, bind) === 0) return sk;
      throw new ScenarioError(null, `objects.${name}.bind: another socket has the name '${bind}'`);
    },
  ),
];
