/*
 * Lists of very many numbers.
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
