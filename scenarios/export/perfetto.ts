/*
 * Perfetto's protobuf, for ui.perfetto.dev and its trace processor: every row as an ftrace event,
 * of which it makes the rows of CPUs, threads, interrupts and softirqs; and tracks of ours for
 * system calls and handlers, locks, queues, the console and findings.
 */
import { Lanes, type Lane } from '../analysis/lanes.ts';
import { detailNumber, type TraceRow } from '../analysis/trace-row.ts';
import type { ExportFormat, Exporter, Target } from './exporter.ts';
import { LockUse, type Hold, type LockListener, type Wait } from './lock-use.ts';
import { FtraceEvents } from './perfetto-ftrace.ts';
import { kthreaddOf, writeProcessTree, writeSystemInfo } from './perfetto-head.ts';
import { Tracks, type Annotations } from './perfetto-tracks.ts';
import { ProtoWriter } from './protobuf.ts';
import { cpuOf, type Survey } from './survey.ts';

/** Trace, TracePacket, FtraceEventBundle. */
const PACKET = 1;
const FTRACE_EVENTS = 1;
const BUNDLE = { cpu: 1, event: 2 } as const;
/** A packet has as many events of a CPU as fit into this. */
const BUNDLE_BYTES = 0x8000;

interface Mark {
  readonly begins: boolean;
  /** What the slice's name begins with. */
  readonly kind: string;
}

/** The events that begin and end slices, and of what. */
const PAIRS: readonly (readonly [begin: string, end: string, kind: string])[] = [
  ['sys_enter', 'sys_exit', ''],
  ['workqueue_execute_start', 'workqueue_execute_end', 'work '],
  ['tasklet_entry', 'tasklet_exit', 'tasklet '],
  ['timer_expire_entry', 'timer_expire_exit', 'timer '],
  ['hrtimer_expire_entry', 'hrtimer_expire_exit', 'hrtimer '],
  ['reschedule_entry', 'reschedule_exit', 'IPI '],
  ['irq_work_entry', 'irq_work_exit', 'IPI '],
];
const SLICES = new Map<string, Mark>(
  PAIRS.flatMap(([begin, end, kind]): [string, Mark][] => [
    [begin, { begins: true, kind }],
    [end, { begins: false, kind }],
  ]),
);

class Perfetto implements Exporter, LockListener {
  private readonly target: Target;
  private readonly survey: Survey;
  private readonly out = new ProtoWriter();
  private readonly tracks = new Tracks(this.out);
  private readonly events: FtraceEvents;
  private readonly bundles: readonly ProtoWriter[];
  private readonly lanes = new Lanes();
  private readonly locks = new LockUse(this);
  /** When the last slice of each copy of a lock's track ended. */
  private readonly lockEnds = new Map<string, number[]>();
  private readonly kthreadd: number;
  /** Tracks by CPU and by pid. */
  private readonly handlers: number[] = [];
  private readonly threads: number[] = [];

  constructor(target: Target, survey: Survey) {
    this.target = target;
    this.survey = survey;
    this.events = new FtraceEvents(survey.kernel);
    this.bundles = survey.rows.map(() => new ProtoWriter());
    this.kthreadd = kthreaddOf(survey);
    writeSystemInfo(this.out, survey);
    writeProcessTree(this.out, survey);
    this.tracks.begin(this.tracks.track(['Run']), 0, survey.scenario);
    for (const [timeNs, queue, length] of survey.queueLengths) {
      this.tracks.count(this.tracks.counter(['Queues', queue]), timeNs, length);
      this.flush();
    }
  }

  see(row: TraceRow): void {
    const { lanes } = this;
    lanes.settle(row);
    this.ftrace(row);
    const lane = lanes.lane(cpuOf(row));
    if (row.event.startsWith('lock_')) this.locks.see(row, lane.actor);
    else if (SLICES.has(row.event)) this.slice(row, lane, SLICES.get(row.event)!);
    else if (!this.events.understands(row)) this.instant(row, lane);
    lanes.apply(row);
    this.flush();
  }

  end(): void {
    this.locks.end();
    this.tracks.end(this.tracks.track(['Run']), this.survey.endNs, this.survey.scenario);
    for (const cpu of this.bundles.keys()) this.bundle(cpu);
    this.flush();
  }

  held(lock: string, { actor, sinceNs, reads }: Hold, toNs: number | null): void {
    this.lockSlice([lock], actor, sinceNs, toNs, reads ? { mode: 'read' } : {});
  }

  waited(lock: string, { actor, sinceNs, holder }: Wait, toNs: number | null): void {
    const annotations = holder === '' ? {} : { waits_for: holder };
    this.lockSlice([lock, 'contention'], actor, sinceNs, toNs, annotations);
  }

  /** On the first copy of the track that has room: slices that overlap cannot share one. */
  private lockSlice(
    path: readonly string[],
    actor: string,
    fromNs: number,
    toNs: number | null,
    annotations: Annotations,
  ): void {
    const key = path.join('\n');
    const ends = this.lockEnds.get(key) ?? [];
    this.lockEnds.set(key, ends);
    const free = ends.findIndex((end) => end <= fromNs);
    const copy = free < 0 ? ends.length : free;
    ends[copy] = toNs ?? Infinity;
    const track = this.tracks.track(['Locks', ...path], copy);
    this.tracks.begin(track, fromNs, actor, annotations);
    if (toNs !== null) this.tracks.end(track, toNs, actor);
  }

  private slice({ object, value, timeNs }: TraceRow, lane: Lane, { begins, kind }: Mark): void {
    const name = `${kind}${object}`;
    const track = this.trackOf(lane);
    if (begins) this.tracks.begin(track, timeNs, name);
    else this.tracks.end(track, timeNs, name, value === value ? { value } : {});
  }

  private instant(row: TraceRow, lane: Lane): void {
    const { event, object, value, detail, timeNs } = row;
    const annotations = {
      ...(object === '' ? {} : { object }),
      ...(value === value ? { value } : {}),
      ...(detail === '' ? {} : { detail }),
    };
    const own = { console: 'Console', finding: 'Findings' }[event];
    const shared = own ?? (row.cpu < 0 ? 'Outside of CPUs' : undefined);
    const track = shared === undefined ? this.trackOf(lane) : this.tracks.track([shared]);
    const buffer = detailNumber(detail, 'skbaddr');
    const name = own === undefined ? event : object;
    this.tracks.instant(track, timeNs, name, annotations, buffer > 0 ? buffer : undefined);
  }

  /** The thread's, or that of what runs in no thread of its own. */
  private trackOf({ cpu, pid, top }: Lane): number {
    if (pid <= 0 || top !== undefined) {
      return (this.handlers[cpu] ??= this.tracks.track(['Handlers', `Cpu ${cpu}`]));
    }
    return (this.threads[pid] ??= this.thread(pid));
  }

  private thread(tid: number): number {
    const { comm, user } = this.survey.tasks.get(tid)!;
    return this.tracks.thread({ pid: user ? tid : this.kthreadd, tid, name: comm });
  }

  private ftrace(row: TraceRow): void {
    const cpu = cpuOf(row);
    this.events.write(this.bundles[cpu]!, BUNDLE.event, row);
    if (this.bundles[cpu]!.length > BUNDLE_BYTES) this.bundle(cpu);
  }

  private bundle(cpu: number): void {
    const { out } = this;
    out.begin(PACKET);
    out.begin(FTRACE_EVENTS);
    out.integer(BUNDLE.cpu, cpu);
    out.raw(this.bundles[cpu]!.take());
    out.end();
    out.end();
  }

  private flush(): void {
    if (this.out.length > 0) this.target.sink.put(this.out.take());
  }
}

export const perfetto: ExportFormat = {
  file: 'trace.pftrace',
  open: (target, survey) => new Perfetto(target, survey),
};
