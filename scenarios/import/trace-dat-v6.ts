/*
 * trace.dat version 6: one part after the other, trace-cmd.dat.v6(5).
 */
import { decodeText, type ByteReader } from './byte-reader.ts';
import { parsePageLayout } from './ring-buffer.ts';
import {
  clockOf,
  latency,
  readEventFormats,
  readFtraceFormats,
  readHeaderInfo,
  textOf,
  tscOf,
  type TraceDatHead,
  type TraceDatParts,
} from './trace-dat-parts.ts';

const OPTION_BUFFER = 3;
const OPTION_TRACECLOCK = 4;
const OPTION_TSC2NSEC = 14;
/** Words that say what follows have this length. */
const WORD = 10;

export function readVersion6(file: ByteReader, head: TraceDatHead): TraceDatParts {
  const layout = parsePageLayout(readHeaderInfo(file), head.pageSize, head.longSize);
  const formats = [...readFtraceFormats(file), ...readEventFormats(file)];
  file.take(file.u32('the size of kallsyms'), 'kallsyms');
  file.take(file.u32('the size of the printk formats'), 'the printk formats');
  file.take(file.u64('the size of the command lines'), 'the command lines');
  const count = file.u32('the number of CPUs');
  let clock = 'local';
  let tsc: TraceDatParts['tsc'];
  const notes: string[] = [];
  for (;;) {
    const from = file.at;
    const word = decodeText(file.take(WORD, 'the kind of the data'));
    if (word === 'flyrecord\0') break;
    if (word === 'latency  \0') throw latency();
    if (word !== 'options  \0') {
      throw file.wrong(from, '"options", "latency" or "flyrecord"', JSON.stringify(word));
    }
    for (;;) {
      const option = file.u16('an option');
      if (option === 0) break;
      const data = file.take(file.u32('the size of an option'), 'an option');
      if (option === OPTION_TRACECLOCK) clock = clockOf(textOf(data));
      if (option === OPTION_TSC2NSEC) tsc = tscOf(data, head.little);
      if (option === OPTION_BUFFER) {
        notes.push(`its buffer '${textOf(data.subarray(8))}' is not read, only the main one`);
      }
    }
  }
  const cpus = Array.from({ length: count }, (_, cpu) => {
    const offset = file.u64(`the offset of CPU ${cpu}`);
    const size = file.u64(`the size of CPU ${cpu}`);
    return { cpu, offset, size };
  }).map(({ cpu, offset, size }) => {
    file.at = offset;
    return { cpu, bytes: file.take(size, `the events of CPU ${cpu}`), fileOffset: offset };
  });
  return { layout, formats, cpus, clock, notes, ...(tsc === undefined ? {} : { tsc }) };
}
