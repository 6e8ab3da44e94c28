/*
 * The types of objects that a scenario may declare: their fields, and how each comes to life.
 */
import { fileTypes } from './files.ts';
import { ipcTypes } from './ipc.ts';
import { kernelBuffer } from './kernel-buffer.ts';
import { probeTypes } from './kprobes.ts';
import { lifetimeTypes } from './lifetimes.ts';
import { lockTypes } from './locks.ts';
import { moduleType } from './modules.ts';
import { netTypes } from './net.ts';
import type { ObjectType } from './object-type.ts';
import { procTypes } from './procfs.ts';
import { pthreadTypes } from './pthread.ts';
import { sockoptType } from './sockopt.ts';
import { attributeType } from './sysfs.ts';
import { userMemory } from './user-memory.ts';
import { workqueueType } from './workqueue.ts';

export const objectTypes: ReadonlyMap<string, ObjectType> = new Map(
  [
    ...lockTypes,
    workqueueType,
    ...netTypes,
    userMemory,
    kernelBuffer,
    moduleType,
    sockoptType,
    attributeType,
    ...probeTypes,
    ...fileTypes,
    ...procTypes,
    ...lifetimeTypes,
    ...ipcTypes,
    ...pthreadTypes,
  ].map((type) => [type.name, type]),
);
