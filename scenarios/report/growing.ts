/*
 * Lists of very many numbers, and of the texts that stand for some of them.
 */

export class Numbers {
  private list = new Float64Array(64);
  count = 0;

  push(value: number): void {
    if (this.count === this.list.length) {
      const larger = new Float64Array(this.count * 2);
      larger.set(this.list);
      this.list = larger;
    }
    this.list[this.count++] = value;
  }

  get last(): number {
    return this.list[this.count - 1] ?? NaN;
  }

  get all(): Float64Array {
    return this.list.subarray(0, this.count);
  }
}

/** Texts by number, in the order in which they were first asked for. */
export class Texts {
  readonly list: string[] = [];
  private readonly numbers = new Map<string, number>();

  number(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.list.length);
    return this.list.push(text) - 1;
  }
}
