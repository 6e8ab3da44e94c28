/*
 * trace.dat, version 6, for trace-cmd and KernelShark: trace-cmd.dat.v6.5 (its manual page). A head
 * that describes every event, and then the ring buffer of each CPU.
 */
import type { TraceRow } from '../analysis/trace-row.ts';
import type { ByteSink } from './byte-sink.ts';
import { EventFormat } from './event-format.ts';
import type { ExportFormat, Exporter, Spool, Target } from './exporter.ts';
import { FlagTexts } from './flags.ts';
import { tracepoints } from './own-tracepoints.ts';
import { PAGE_BYTES, RingBuffer } from './ring-buffer.ts';
import { cpuOf, releaseOf, type Survey } from './survey.ts';

/** Lower numbers are ftrace's own (kernel/trace/trace.h). */
const FIRST_ID = 100;
/** An event never takes more than a page has room for. */
const EVENT_BYTES_MAX = PAGE_BYTES;
const LITTLE_ENDIAN = 0;
const LONG_BYTES = 8;
const OPTION_UNAME = 5;

const HEADER_PAGE = `\
\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;
`;
const HEADER_EVENT = `\
# compressed entry header
\ttype_len    :    5 bits
\ttime_delta  :   27 bits
\tarray       :   32 bits

\tpadding     : type == 29
\ttime_extend : type == 30
\ttime_stamp : type == 31
\tdata max type_len  == 28
`;

class TraceDat implements Exporter {
  private readonly target: Target;
  private readonly survey: Survey;
  private readonly formats: ReadonlyMap<string, EventFormat>;
  private readonly spools: readonly Spool[];
  private readonly buffers: readonly RingBuffer[];
  private readonly flags = new FlagTexts();
  private readonly event = Buffer.alloc(EVENT_BYTES_MAX);

  constructor(target: Target, survey: Survey) {
    this.target = target;
    this.survey = survey;
    const known = [...tracepoints(survey)];
    this.formats = new Map(
      known.map(([name, tracepoint], i) => [name, new EventFormat(name, FIRST_ID + i, tracepoint)]),
    );
    this.spools = survey.rows.map((_, cpu) => target.spool(`cpu${cpu}`));
    this.buffers = this.spools.map(({ sink }) => new RingBuffer(sink));
  }

  see(row: TraceRow): void {
    // KernelShark takes 0 for no time and then puts the CPUs in a wrong order.
    const timeNs = Math.max(row.timeNs, 1);
    const bytes = this.formats.get(row.event)!.encode(row, this.flags, this.event);
    this.buffers[cpuOf(row)]!.add(timeNs, this.event.subarray(0, bytes));
  }

  end(): void {
    const { sink } = this.target;
    this.head(sink);
    sink.text('flyrecord\0');
    for (const buffer of this.buffers) buffer.end();
    const sizes = this.spools.map((spool) => spool.finish());
    let at = Math.ceil((sink.length + 16 * sizes.length) / PAGE_BYTES) * PAGE_BYTES;
    for (const size of sizes) {
      sink.u64(at);
      sink.u64(size);
      at += size;
    }
    sink.align(PAGE_BYTES);
    for (const spool of this.spools) spool.pour();
  }

  private head(sink: ByteSink): void {
    sink.put(Buffer.from([0x17, 0x08, 0x44]));
    sink.text('tracing6\0');
    sink.u8(LITTLE_ENDIAN);
    sink.u8(LONG_BYTES);
    sink.u32(PAGE_BYTES);
    for (const [name, text] of [
      ['header_page', HEADER_PAGE],
      ['header_event', HEADER_EVENT],
    ]) {
      sink.text(`${name}\0`);
      longText(sink, text!);
    }
    const ftraceFormats = 0;
    sink.u32(ftraceFormats);
    this.systems(sink);
    const [kallsyms, printk] = [0, 0];
    sink.u32(kallsyms);
    sink.u32(printk);
    const tasks = [...this.survey.tasks].filter(([pid]) => pid > 0);
    longText(sink, tasks.map(([pid, { comm }]) => `${pid} ${comm}\n`).join(''));
    sink.u32(this.buffers.length);
    sink.text('options  \0');
    const uname = Buffer.from(`Linux lockstep ${releaseOf(this.survey.kernel)} x86_64\0`);
    sink.u16(OPTION_UNAME);
    sink.u32(uname.length);
    sink.put(uname);
    const endOfOptions = 0;
    sink.u16(endOfOptions);
  }

  private systems(sink: ByteSink): void {
    const all = [...this.formats.values()];
    const names = [...new Set(all.map(({ tracepoint }) => tracepoint.system))];
    sink.u32(names.length);
    for (const name of names) {
      const events = all.filter(({ tracepoint }) => tracepoint.system === name);
      sink.text(`${name}\0`);
      sink.u32(events.length);
      for (const { text } of events) longText(sink, text);
    }
  }
}

function longText(sink: ByteSink, text: string): void {
  const bytes = Buffer.from(text);
  sink.u64(bytes.length);
  sink.put(bytes);
}

export const traceDat: ExportFormat = {
  file: 'trace.dat',
  open: (target, survey) => new TraceDat(target, survey),
};
