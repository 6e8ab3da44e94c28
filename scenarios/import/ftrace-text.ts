/*
 * ftrace as text: the kernel's file `trace` (kernel/trace/trace_output.c: trace_print_context) and
 * what `trace-cmd report` prints, also with -l, -t and -R. Fields are the `name=value` of a line:
 * an event whose text has another form has none. report -R prints all of them.
 */
import { decodeText } from './byte-reader.ts';
import { RecordingError, atLine, type RecordedEvent, type Recording } from './recording.ts';

/** Who, pid, thread group, CPU, flags, seconds and fraction, event, its text. */
const EVENT = new RegExp(
  [
    String.raw`^\s*(?<comm>.+?)-(?<pid>\d+)\s+`,
    String.raw`(?:(?:\(\s*[\d-]+\)\s+)?\[(?<cpu>\d+)\]\s+(?:[^\s\d]\S{3,5}\s+)?|`,
    String.raw`(?<latencyCpu>\d+)[a-zA-Z.]{3}[0-9a-f.]{1,2}\s+)`,
    String.raw`(?<seconds>\d+)\.(?<fraction>\d{6}|\d{9}):\s+`,
    String.raw`(?:(?<name>[\w.-]+):(?:\s+|$)|(?<called>\S+)\s+<-)(?<text>.*)$`,
  ].join(''),
);

/** Lines that belong to such a file and are no events. */
const OTHER =
  /^(#|\s*$|cpus=\d+$|version = |CPU:?\s*\d+ (\[|is empty)|\s*=>|\s*\[\d+\].*\b(LOST|DROPPED)\b)/;

const LOST = /\bLOST (\d+) EVENTS|\bEVENTS DROPPED/;

/** Texts of programs may have several lines. */
const OF_PROGRAMS = ['print', 'bprint', 'bputs', 'tracing_mark_write'];

const EXPECTED = 'an event such as `comm-12 [000] d.h1. 10.003477: irq_handler_entry: irq=11`';

export function isFtraceText(text: string): boolean {
  const first = text.split('\n', 200).find((line) => !OTHER.test(line));
  return first === undefined ? text.startsWith('# tracer:') : EVENT.test(first);
}

export function openFtraceText(bytes: Uint8Array): Recording {
  return new FtraceText(decodeText(bytes));
}

class FtraceText implements Recording {
  readonly format = 'ftrace text';
  private readonly text: string;
  private lost = 0;

  constructor(text: string) {
    this.text = text;
  }

  get notes(): readonly string[] {
    return this.lost === 0 ? [] : [`events were lost in ${this.lost} places`];
  }

  each(see: (event: RecordedEvent) => void): void {
    const event = new TextEvent();
    let line = 0;
    let events = 0;
    let origin: number | undefined;
    this.lost = 0;
    for (const text of linesOf(this.text)) {
      line++;
      const found = EVENT.exec(text)?.groups;
      if (found === undefined) {
        if (LOST.test(text)) this.lost++;
        else if (!OTHER.test(text) && !OF_PROGRAMS.includes(event.name)) {
          throw atLine(line, EXPECTED, text);
        }
        continue;
      }
      const { seconds = '', fraction = '' } = found;
      origin ??= Number(seconds);
      const ns = Number(fraction.padEnd(9, '0'));
      event.show(found, (Number(seconds) - origin) * 1_000_000_000 + ns);
      events++;
      see(event);
    }
    if (events === 0) throw new RecordingError('it has no events');
  }
}

function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    yield text.slice(at, text[stop - 1] === '\r' ? stop - 1 : stop);
    at = stop + 1;
  }
}

class TextEvent implements RecordedEvent {
  name = '';
  timeNs = 0;
  cpu = -1;
  private pid = '';
  private text = '';
  private fields: Map<string, string> | null = null;

  show(found: Readonly<Record<string, string | undefined>>, timeNs: number): void {
    const { name, cpu, latencyCpu, pid = '', text = '' } = found;
    this.name = name ?? 'function';
    this.timeNs = timeNs;
    this.cpu = Number(cpu ?? latencyCpu);
    this.pid = pid;
    this.text = text;
    this.fields = null;
  }

  field(name: string): string | undefined {
    return this.all().get(name);
  }

  fieldNames(): readonly string[] {
    return [...this.all().keys()];
  }

  /** A value goes on to the next `name=`: a comm may have spaces. */
  private all(): Map<string, string> {
    if (this.fields !== null) return this.fields;
    const fields = new Map([['common_pid', this.pid]]);
    for (const [, key = '', value = ''] of this.text.matchAll(/(\w+)=(.*?)(?=\s+\w+=|\s*$)/g)) {
      fields.set(key, value);
    }
    this.fields = fields;
    return fields;
  }
}
