/**
 * The trace: what happened, one record an event, and everyone who looks on.
 *
 * Models record numbers; they become text in batches, and only for the events that the CSV wants.
 * Listeners (detectors, metrics) see every event, whatever the CSV's selection. Where nobody wants
 * anything, `on` is false and an event costs its caller one branch:
 *
 *     if (trace.on) trace.record(timeNs, cpu, context, …);
 */
import { Batch, BATCH_ROWS } from './batch.ts';
import { CsvFormatter } from './csv.ts';
import { EventTypes, type FormatDetail } from './event-types.ts';
import type { Interest } from './interest.ts';
import type { Texts } from './text-table.ts';

/** Bytes gather to at least this many before they go to the sink. */
const CHUNK_BYTES = 0x40000;

/** Sees every event as `record` got it; `seq` is the number of its CSV row, 0 if it has none. */
export type TraceListener = (
  timeNs: number,
  cpu: number,
  context: number,
  pid: number,
  comm: number,
  flags: number,
  event: number,
  object: number,
  value: number,
  a: number,
  b: number,
  c: number,
  seq: number,
) => void;

/** Where the CSV goes. The chunk is whole rows, and the callee's only until it returns. */
export interface TraceSink {
  write(chunk: Uint8Array, rows: number): void;
}

/** What there is only where somebody wants the CSV. */
interface Csv {
  readonly sink: TraceSink;
  readonly formatter: CsvFormatter;
  readonly batch: Batch;
}

export class Trace {
  /** True if anyone wants records. For callers to read; only this class writes it. */
  on = false;

  readonly #texts: Texts;
  readonly #types: EventTypes;
  readonly #csv: Csv | undefined;
  /** By the ids of events: whether the CSV wants them. */
  #selected: boolean[] = [];
  /** Replaced when one leaves; who comes while an event is told hears of the next one. */
  #listeners: TraceListener[] = [];
  /** Of each of them; null: it hears of everything. */
  #interests: (Interest | null)[] = [];
  #wanted: 'all' | ReadonlySet<string> = 'all';
  #seq = 0;
  #waiting = 0;
  #chunkRows = 0;

  /**
   * @param texts what the context, comm and object ids of the records stand for.
   * @param formatFlags the text of a packed `flags`; asked once for each value.
   * @param sink without one there is no CSV, only listeners.
   * @param types the events that are defined already.
   */
  constructor(
    texts: Texts,
    formatFlags: (flags: number) => string,
    sink?: TraceSink,
    types = new EventTypes(),
  ) {
    this.#texts = texts;
    this.#types = types;
    if (sink !== undefined) {
      const formatter = new CsvFormatter(texts, types, formatFlags);
      this.#csv = { sink, formatter, batch: new Batch() };
    }
    this.#update();
  }

  /** The number of the last row of the CSV; rows count from 1. */
  get seq(): number {
    return this.#seq;
  }

  /** The names of all defined events, in the order of their ids. */
  get eventNames(): readonly string[] {
    return this.#types.names;
  }

  /**
   * Registers a type of event. Without `formatDetail` its details are empty.
   * @returns its id, for `record`.
   * @throws Error if the name is empty or taken.
   */
  defineEvent(name: string, formatDetail?: FormatDetail): number {
    const id = this.#types.define(name, formatDetail);
    this.#update();
    return id;
  }

  /** The id of a defined event, or undefined. */
  eventId(name: string): number | undefined {
    return this.#types.id(name);
  }

  /**
   * Chooses the events that get a row in the CSV, from now on; at first, all. Names may be of
   * events that are defined later; compare with `eventNames` to find those that nobody defines.
   */
  select(names: readonly string[] | 'all' | 'none'): void {
    this.#wanted = names === 'all' ? 'all' : new Set(names === 'none' ? [] : names);
    this.#update();
  }

  /**
   * Has every event told to a listener, after its row was recorded, in the order of subscription.
   * An event that a listener records is told to all of them before the call returns.
   * @param interest the events that it hears of; all if left out.
   * @returns a function that ends the subscription.
   */
  subscribe(listener: TraceListener, interest: Interest | null = null): () => void {
    this.#listeners.push(listener);
    this.#interests.push(interest);
    this.on = true;
    return () => {
      const at = this.#listeners.indexOf(listener);
      this.#listeners = this.#listeners.filter((_, i) => i !== at);
      this.#interests = this.#interests.filter((_, i) => i !== at);
      this.#update();
    };
  }

  /**
   * Records one event. -1 as cpu or pid and NaN as value mean that there is none; `context`, `comm`
   * and `object` are text ids; a, b and c are for the event's `formatDetail`.
   * @throws RangeError if an id is unknown or timeNs or value no integer; whatever the sink throws.
   */
  record(
    timeNs: number,
    cpu: number,
    context: number,
    pid: number,
    comm: number,
    flags: number,
    event: number,
    object: number,
    value: number,
    a: number,
    b: number,
    c: number,
  ): void {
    const types = this.#types;
    if (!(event >= 0 && event < types.size)) throw new RangeError(`no event has the id ${event}`);
    if (!Number.isSafeInteger(timeNs) || timeNs < 0) {
      throw new RangeError(
        `${types.name(event)}: the time must be an integer from 0, got ${timeNs}`,
      );
    }
    if (value === value && !Number.isSafeInteger(value)) {
      throw new RangeError(
        `${types.name(event)}: the value must be an integer or NaN, got ${value}`,
      );
    }
    const texts = this.#texts.size;
    if (!(context >= 0 && context < texts && comm >= 0 && comm < texts)) {
      throw new RangeError(`${types.name(event)}: no texts for context ${context}, comm ${comm}`);
    }
    if (!(object >= 0 && object < texts)) {
      throw new RangeError(`${types.name(event)}: no text for object ${object}`);
    }
    let seq = 0;
    if (this.#selected[event] === true) {
      seq = ++this.#seq;
      const { batch } = this.#csv!;
      const row = this.#waiting++;
      batch.timeNs[row] = timeNs;
      batch.cpu[row] = cpu;
      batch.context[row] = context;
      batch.pid[row] = pid;
      batch.comm[row] = comm;
      batch.flags[row] = flags;
      batch.event[row] = event;
      batch.object[row] = object;
      batch.value[row] = value;
      batch.a[row] = a;
      batch.b[row] = b;
      batch.c[row] = c;
      if (row === BATCH_ROWS - 1) this.#format();
    }
    const listeners = this.#listeners;
    const interests = this.#interests;
    for (let i = 0, count = listeners.length; i < count; i++) {
      if (interests[i]?.includes(event) === false) continue;
      listeners[i]!(timeNs, cpu, context, pid, comm, flags, event, object, value, a, b, c, seq);
    }
  }

  /** Tells the listeners alone: the arguments of `record`, but `event` is none of the trace's. */
  tell(
    timeNs: number,
    cpu: number,
    context: number,
    pid: number,
    comm: number,
    flags: number,
    event: number,
    object: number,
    value: number,
    a: number,
    b: number,
    c: number,
  ): void {
    const listeners = this.#listeners;
    const interests = this.#interests;
    for (let i = 0, count = listeners.length; i < count; i++) {
      if (interests[i]?.includes(event) === false) continue;
      listeners[i]!(timeNs, cpu, context, pid, comm, flags, event, object, value, a, b, c, 0);
    }
  }

  /** Hands everything recorded so far to the sink, and the header even if nothing was. */
  flush(): void {
    this.#format();
    this.#send();
  }

  #update(): void {
    const wanted = this.#wanted;
    if (this.#csv !== undefined) {
      this.#selected = this.#types.names.map((name) => wanted === 'all' || wanted.has(name));
    }
    const csv = this.#csv !== undefined && (wanted === 'all' || wanted.size > 0);
    this.on = csv || this.#listeners.length > 0;
  }

  #format(): void {
    if (this.#csv === undefined) return;
    const { batch, formatter } = this.#csv;
    const rows = this.#waiting;
    const before = this.#seq - rows;
    this.#waiting = 0;
    for (let row = 0; row < rows; row++) {
      formatter.row(
        before + row + 1,
        batch.timeNs[row] as number,
        batch.cpu[row] as number,
        batch.context[row] as number,
        batch.pid[row] as number,
        batch.comm[row] as number,
        batch.flags[row] as number,
        batch.event[row] as number,
        batch.object[row] as number,
        batch.value[row] as number,
        this.#detail(batch, row),
      );
      this.#chunkRows++;
      if (formatter.length >= CHUNK_BYTES) this.#send();
    }
  }

  #detail({ event, a, b, c }: Batch, row: number): string {
    return this.#types.detail(
      event[row] as number,
      a[row] as number,
      b[row] as number,
      c[row] as number,
      this.#texts,
    );
  }

  #send(): void {
    if (this.#csv === undefined) return;
    const rows = this.#chunkRows;
    this.#chunkRows = 0;
    const chunk = this.#csv.formatter.take();
    if (chunk.length > 0) this.#csv.sink.write(chunk, rows);
  }
}
