/**
 * Texts as small integers: a record holds the number, and equal texts have equal numbers.
 */

/** What a reader of records needs of a table. */
export interface Texts {
  /** How many texts there are; their ids are 0 to size - 1. */
  readonly size: number;
  /** The text of an id. @throws RangeError if no text has that id. */
  text(id: number): string;
}

/** What a table had when it was asked: others can go on from there. */
export interface KnownTexts {
  readonly ids: ReadonlyMap<string, number>;
  readonly texts: readonly string[];
}

const EMPTY: KnownTexts = { ids: new Map([['', 0]]), texts: [''] };

/** A table that only grows. Id 0 is the empty text. */
export class TextTable implements Texts {
  readonly #before: ReadonlyMap<string, number>;
  readonly #texts: string[];
  /** Of texts that are new here. */
  #ids: Map<string, number> | null = null;

  /** @param before what has its ids already. */
  constructor(before = EMPTY) {
    this.#before = before.ids;
    this.#texts = before.texts.slice();
  }

  known(): KnownTexts {
    return { ids: new Map([...this.#before, ...(this.#ids ?? [])]), texts: this.#texts.slice() };
  }

  get size(): number {
    return this.#texts.length;
  }

  /** The id of a text, a new one if the text is new. Ids are given in the order of first use. */
  intern(text: string): number {
    let id = this.#before.get(text) ?? this.#ids?.get(text);
    if (id === undefined) {
      id = this.#texts.push(text) - 1;
      (this.#ids ??= new Map()).set(text, id);
    }
    return id;
  }

  text(id: number): string {
    const text = this.#texts[id];
    if (text === undefined) throw new RangeError(`no text has the id ${id}`);
    return text;
  }
}
