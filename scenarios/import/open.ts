/*
 * Opens a recording, by what its bytes begin with; the name of the file does not matter.
 */
import { decodeText } from './byte-reader.ts';
import { isTable, openTable } from './csv-table.ts';
import { isFtraceText, openFtraceText } from './ftrace-text.ts';
import { openPackets } from './packets.ts';
import { RecordingError, type Recording } from './recording.ts';
import { MAGIC, openTraceDat } from './trace-dat.ts';

/** The magic numbers of pcap in both orders and of pcapng. */
const CAPTURES = ['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '0a0d0d0a'];
/** As much of a text is looked at to tell what it is. */
const HEAD_BYTES = 65_536;

/** @throws RecordingError */
export function openRecording(bytes: Uint8Array): Recording {
  if (bytes.length === 0) throw new RecordingError('it is empty');
  if (decodeText(bytes.subarray(0, MAGIC.length)) === MAGIC) return openTraceDat(bytes);
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  if (CAPTURES.includes(magic)) return openPackets(bytes);
  const head = decodeText(bytes.subarray(0, HEAD_BYTES));
  if (isTable(head)) return openTable(bytes);
  if (isFtraceText(head)) return openFtraceText(bytes);
  const zipped = magic.startsWith('1f8b') ? ' (it is compressed with gzip: gunzip it first)' : '';
  throw new RecordingError(
    'expected a trace.dat, the text of ftrace, a pcap or pcapng capture, or CSV with a column ' +
      `time_ns; it begins with ${shown(bytes.subarray(0, 16))}${zipped}`,
  );
}

function shown(bytes: Uint8Array): string {
  const text = decodeText(bytes).split('\n', 1)[0]!;
  const readable = /^[\x20-\x7e\t]+$/.test(text);
  return readable ? JSON.stringify(text) : `the bytes ${Buffer.from(bytes).toString('hex')}`;
}
