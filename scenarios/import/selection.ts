/*
 * Which events of a recording are meant, and when they happen.
 */
import { nearest } from '../load/nearest.ts';
import { RecordingError, type RecordedEvent, type Recording } from './recording.ts';

/** All that is given has to hold. */
export interface Selection {
  /** `irq_handler_entry`, or with its system `irq:irq_handler_entry`. */
  readonly event?: string | undefined;
  readonly cpu?: number | undefined;
  /** Values of fields: `{ name: eth0 }`. */
  readonly where?: Readonly<Record<string, string | number>> | undefined;
}

/** An event that was selected. */
export interface Selected {
  readonly timeNs: number;
  readonly cpu: number;
}

export interface SelectedEvents {
  /** In the order of time. */
  readonly events: readonly Selected[];
  /** The earliest event of the whole recording. */
  readonly beginNs: number;
}

/** @throws RecordingError if the recording cannot be read, or nothing in it is meant */
export function select(recording: Recording, selection: Selection): SelectedEvents {
  const wanted = new Wanted(recording, selection);
  const events: Selected[] = [];
  let beginNs = Infinity;
  recording.each((event) => {
    beginNs = Math.min(beginNs, event.timeNs);
    if (wanted.takes(event)) events.push({ timeNs: event.timeNs, cpu: event.cpu });
  });
  if (events.length === 0) throw wanted.nothing();
  events.sort((a, b) => a.timeNs - b.timeNs);
  return { events, beginNs };
}

/** So many values of a field are named when none was right. */
const VALUES_SHOWN = 8;

class Wanted {
  private readonly name: string;
  private readonly cpu: number | undefined;
  private readonly where: readonly (readonly [string, string | number])[];
  private readonly names = new Set<string>();
  private readonly cpus = new Set<number>();
  private readonly values = new Map<string, Set<string>>();
  private count = 0;

  constructor({ only }: Recording, { event, cpu, where = {} }: Selection) {
    const name = event?.slice(event.indexOf(':') + 1) ?? only;
    if (name === undefined) throw new RecordingError("say which 'event' of it is meant");
    this.name = name;
    this.cpu = cpu;
    this.where = Object.entries(where);
  }

  takes(event: RecordedEvent): boolean {
    this.names.add(event.name);
    if (event.name !== this.name) return false;
    this.count++;
    const onCpu = this.cpu === undefined || event.cpu === this.cpu;
    if (!onCpu) this.cpus.add(event.cpu);
    let all = onCpu;
    for (const [field, value] of this.where) {
      const got = event.field(field);
      if (got === undefined) throw this.noField(event, field);
      if (same(got, value)) continue;
      all = false;
      this.note(field, got);
    }
    return all;
  }

  /** Why nothing was taken. */
  nothing(): RecordingError {
    const { name, names, count, cpu, cpus } = this;
    if (count === 0) {
      const near = nearest(name, names);
      const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
      return new RecordingError(`no event '${name}'${hint}; it has: ${listed(names)}`);
    }
    const seen = [
      ...(cpu === undefined || cpus.size === 0 ? [] : [`cpu is ${listed(cpus)}`]),
      ...[...this.values].map(([field, values]) => `${field} is ${listed(values)}`),
    ];
    const asked = [
      ...(cpu === undefined ? [] : [`cpu=${cpu}`]),
      ...this.where.map(([field, value]) => `${field}=${value}`),
    ];
    const text = `none of the ${count} events '${name}' has ${asked.join(' and ')}`;
    return new RecordingError(`${text}; ${seen.join(', ')}`);
  }

  private noField(event: RecordedEvent, field: string): RecordingError {
    const names = event.fieldNames();
    const near = nearest(field, names);
    const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
    const has = names.length === 0 ? 'it has none' : `it has: ${listed(names)}`;
    return new RecordingError(`the event '${event.name}' has no field '${field}'${hint}; ${has}`);
  }

  private note(field: string, value: string): void {
    let values = this.values.get(field);
    if (values === undefined) this.values.set(field, (values = new Set()));
    if (values.size <= VALUES_SHOWN) values.add(value);
  }
}

function listed(values: Iterable<string | number>): string {
  const all = [...values];
  const shown = all.slice(0, VALUES_SHOWN).join(', ');
  return all.length > VALUES_SHOWN ? `${shown} and more` : shown;
}

const INTEGER = /^(-?\d+|0x[0-9a-f]+)$/i;

/** Numbers are equal in whichever base they stand. */
function same(got: string, wanted: string | number): boolean {
  const text = String(wanted);
  if (got === text) return true;
  return INTEGER.test(got) && INTEGER.test(text) && BigInt(got) === BigInt(text);
}
