/*
 * Which part of the axis is shown, and where on the screen.
 */

export class View {
  from: number;
  to: number;
  /** Of the whole canvas, in CSS pixels. */
  width = 800;
  height = 400;
  /** Left of the lanes: their names. */
  gutter = 168;
  private readonly end: number;
  private readonly spanMin: number;

  /** @param spanMin the least that can be shown */
  constructor(end: number, spanMin: number) {
    this.end = end;
    this.spanMin = Math.min(end, spanMin);
    this.from = 0;
    this.to = end;
  }

  get span(): number {
    return this.to - this.from;
  }

  /** Pixels for one unit of the axis. */
  get scale(): number {
    return (this.width - this.gutter) / this.span;
  }

  x(at: number): number {
    return this.gutter + (at - this.from) * this.scale;
  }

  at(x: number): number {
    return this.from + (x - this.gutter) / this.scale;
  }

  /** Shows `factor` times as much, with `around` where it is. */
  zoom(factor: number, around: number): void {
    const span = Math.min(this.end, Math.max(this.spanMin, this.span * factor));
    const share = (around - this.from) / this.span;
    this.show(around - share * span, span);
  }

  /** Moves by a share of what is shown. */
  pan(share: number): void {
    this.show(this.from + share * this.span, this.span);
  }

  fit(): void {
    this.show(0, this.end);
  }

  /** Shows a range with some room around it. */
  showRange(from: number, to: number): void {
    const span = Math.max(this.spanMin, (to - from) * 1.5);
    this.show((from + to - span) / 2, span);
  }

  /** Moves if needed, so that `at` is well inside. */
  reveal(at: number): void {
    const margin = this.span / 10;
    if (at >= this.from + margin && at <= this.to - margin) return;
    this.show(at - this.span / 2, this.span);
  }

  private show(from: number, span: number): void {
    const width = Math.min(span, this.end);
    this.from = Math.min(Math.max(0, from), this.end - width);
    this.to = this.from + width;
  }
}
