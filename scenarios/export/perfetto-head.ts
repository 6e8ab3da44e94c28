/*
 * What a Perfetto trace says of the machine (protos/perfetto/trace/ps/process_tree.proto,
 * system_info.proto): the kernel, and which tasks are kernel threads.
 */
import type { ProtoWriter } from './protobuf.ts';
import { releaseOf, type Survey } from './survey.ts';

/** Trace, TracePacket. */
const PACKET = 1;
const PROCESS_TREE = 2;
const SYSTEM_INFO = 45;
/** SystemInfo and Utsname. */
const UTSNAME = 1;
const NAME = { sysname: 1, version: 2, release: 3, machine: 4 } as const;
/** ProcessTree and its Process and Thread. */
const TREE = { process: 1, thread: 2 } as const;
const PROCESS = { pid: 1, cmdline: 3 } as const;
const THREAD = { tid: 1, name: 2, tgid: 3 } as const;

/** The trace processor reads the states of tasks as this kernel has them. */
export function writeSystemInfo(proto: ProtoWriter, { kernel }: Survey): void {
  proto.begin(PACKET);
  proto.begin(SYSTEM_INFO);
  proto.begin(UTSNAME);
  proto.text(NAME.sysname, 'Linux');
  proto.text(NAME.version, 'as modelled by lockstep');
  proto.text(NAME.release, releaseOf(kernel));
  proto.text(NAME.machine, 'x86_64');
  for (let open = 3; open > 0; open--) proto.end();
}

/**
 * The process whose threads the kernel threads are. On Linux it is pid 2, which the trace processor
 * takes for granted; here a task of the scenario may have that, so it is one that nobody has.
 */
export function kthreaddOf({ tasks }: Survey): number {
  return Math.max(2, ...tasks.keys()) + 1;
}

export function writeProcessTree(proto: ProtoWriter, survey: Survey): void {
  const kthreadd = kthreaddOf(survey);
  const tasks = [...survey.tasks].filter(([pid]) => pid > 0);
  const processes = tasks.filter(([, { user }]) => user);
  if (processes.length < tasks.length) processes.push([kthreadd, { comm: 'kthreadd', user: true }]);
  proto.begin(PACKET);
  proto.begin(PROCESS_TREE);
  for (const [pid, { comm }] of processes) {
    proto.begin(TREE.process);
    proto.integer(PROCESS.pid, pid);
    proto.text(PROCESS.cmdline, comm);
    proto.end();
  }
  for (const [pid, { comm, user }] of tasks) {
    proto.begin(TREE.thread);
    proto.integer(THREAD.tid, pid);
    proto.text(THREAD.name, comm);
    proto.integer(THREAD.tgid, user ? pid : kthreadd);
    proto.end();
  }
  proto.end();
  proto.end();
}
