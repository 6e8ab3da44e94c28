/*
 * Texts by their bytes: the few that a trace repeats are decoded once. Not a cache of all: what
 * comes when it is full, such as lines that programs print, is decoded each time.
 */
const SLOTS = 0x8000;
const TEXTS_MAX = SLOTS / 4;

export class ByteTexts {
  private readonly slots = new Int32Array(SLOTS).fill(-1);
  private readonly bytes: Uint8Array[] = [];
  private readonly texts: string[] = [];

  /** The text that stands in `from` between the two places, in UTF-8. */
  text(from: Buffer, start: number, end: number): string {
    if (start === end) return '';
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + from[i]!) | 0;
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (;;) {
      const id = this.slots[slot]!;
      if (id < 0) return this.add(from, start, end, slot);
      if (same(this.bytes[id]!, from, start, end)) return this.texts[id]!;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  private add(from: Buffer, start: number, end: number, slot: number): string {
    const text = from.toString('utf8', start, end);
    if (this.texts.length >= TEXTS_MAX) return text;
    this.slots[slot] = this.texts.length;
    this.bytes.push(Uint8Array.from(from.subarray(start, end)));
    this.texts.push(text);
    return text;
  }
}

function same(kept: Uint8Array, from: Uint8Array, start: number, end: number): boolean {
  if (kept.length !== end - start) return false;
  for (let i = 0; i < kept.length; i++) if (kept[i] !== from[start + i]) return false;
  return true;
}
