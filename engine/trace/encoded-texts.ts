/** Fields encoded once and appended often: their UTF-8 bytes and commas, in one array. */
import { ByteBuilder } from './byte-builder.ts';

const COMMA = 0x2c;

export class EncodedTexts {
  readonly #bytes = new ByteBuilder();
  readonly #starts = [0];

  get size(): number {
    return this.#starts.length - 1;
  }

  /** Adds a text as a field; `quote` makes one of those that are none as they stand. */
  add(text: string, quote: (text: string) => string): number {
    if (!this.#bytes.plain(text)) this.#bytes.string(quote(text));
    this.#bytes.byte(COMMA);
    return this.#starts.push(this.#bytes.length) - 2;
  }

  /** Appends the field of an index that `add` returned, and a comma. */
  appendTo(out: ByteBuilder, index: number): void {
    const start = this.#starts[index];
    const end = this.#starts[index + 1];
    out.copy(this.#bytes, start as number, end as number);
  }
}
