/** The types of events that traces record: a number each, in the order of their definition. */
import type { Texts } from './text-table.ts';

/** Writes the last column of a record from its three arguments. */
export type FormatDetail = (a: number, b: number, c: number, texts: Texts) => string;

interface EventType {
  readonly name: string;
  readonly formatDetail: FormatDetail | undefined;
}

/** A table that only grows; any number of traces may share it. */
export class EventTypes {
  readonly #types: EventType[] = [];
  readonly #ids = new Map<string, number>();

  get size(): number {
    return this.#types.length;
  }

  /** The names in the order of their ids. */
  get names(): readonly string[] {
    return this.#types.map(({ name }) => name);
  }

  /**
   * Without `formatDetail` the event's details are empty.
   * @returns its id.
   * @throws Error if the name is empty or taken.
   */
  define(name: string, formatDetail?: FormatDetail): number {
    if (name === '') throw new Error('an event needs a name');
    if (this.#ids.has(name)) throw new Error(`the event ${name} is already defined`);
    const id = this.#types.push({ name, formatDetail }) - 1;
    this.#ids.set(name, id);
    return id;
  }

  /** The id of a name, or undefined. */
  id(name: string): number | undefined {
    return this.#ids.get(name);
  }

  name(id: number): string {
    return this.#types[id]!.name;
  }

  detail(id: number, a: number, b: number, c: number, texts: Texts): string {
    return this.#types[id]!.formatDetail?.(a, b, c, texts) ?? '';
  }
}
