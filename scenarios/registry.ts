/*
 * Everything that a scenario may name: words, types of objects, built-in programs, costs, kinds of
 * findings, events. The loader checks against it, the reference is generated from it.
 */
import { costAbouts } from '../models/costs.ts';
import { findingKinds } from '../models/checks/findings.ts';
import { eventNames } from '../models/events.ts';
import type { Registry } from './load/index.ts';
import { objectTypes } from './objects/index.ts';
import { programs } from './programs/index.ts';
import { atomicOps } from './vocabulary/atomics.ts';
import { bufferOps } from './vocabulary/buffers.ts';
import { contextOps } from './vocabulary/contexts.ts';
import type { Op } from './vocabulary/define.ts';
import { deviceOps, fileOps } from './vocabulary/files.ts';
import { ipcOps } from './vocabulary/ipc.ts';
import { lockClassOps } from './vocabulary/lock-classes.ts';
import { lifetimeOps } from './vocabulary/lifetime.ts';
import { lockingOps } from './vocabulary/locking.ts';
import { rtMutexOps, wwMutexOps } from './vocabulary/pi-locks.ts';
import { pthreadOps } from './vocabulary/pthread.ts';
import { mappingOps } from './vocabulary/mapping.ts';
import { memoryOps } from './vocabulary/memory.ts';
import { moduleOps } from './vocabulary/modules.ts';
import { netlinkOps } from './vocabulary/netlink.ts';
import { procOps } from './vocabulary/procfs.ts';
import { procMethodOps } from './vocabulary/proc-methods.ts';
import { selectOps } from './vocabulary/select.ts';
import { sleepingOps } from './vocabulary/sleeping.ts';
import { stringOps } from './vocabulary/strings.ts';
import { sockoptOps } from './vocabulary/sockopt.ts';
import { timingOps } from './vocabulary/timing.ts';
import { userOps } from './vocabulary/user.ts';
import { waitingOps } from './vocabulary/waiting.ts';
import { wayOps } from './vocabulary/ways.ts';
import { workOps } from './vocabulary/work.ts';

const allOps: readonly Op[] = [
  ...lockingOps,
  ...lockClassOps,
  ...rtMutexOps,
  ...pthreadOps,
  ...wwMutexOps,
  ...waitingOps,
  ...sleepingOps,
  ...contextOps,
  ...workOps,
  ...timingOps,
  ...netlinkOps,
  ...memoryOps,
  ...mappingOps,
  ...bufferOps,
  ...moduleOps,
  ...sockoptOps,
  ...wayOps,
  ...atomicOps,
  ...lifetimeOps,
  ...userOps,
  ...selectOps,
  ...fileOps,
  ...deviceOps,
  ...ipcOps,
  ...procOps,
  ...procMethodOps,
  ...stringOps,
];

export const registry: Registry = {
  ops: new Map(allOps.map((op) => [op.name, op])),
  objectTypes,
  programs,
  costs: new Map(Object.entries(costAbouts)),
  findings: new Set<string>(findingKinds),
  events: new Set<string>(eventNames),
};
