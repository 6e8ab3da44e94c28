/** The upper half of a double, by explicit byte order: the host's own does not matter. */
const view = new DataView(new ArrayBuffer(8));

/** Sign, exponent and the upper 20 bits of the fraction, as a signed 32-bit integer. */
export function highWord(x: number): number {
  view.setFloat64(0, x);
  return view.getInt32(0);
}

/** The double `x` with its upper half replaced. */
export function withHighWord(x: number, high: number): number {
  view.setFloat64(0, x);
  view.setInt32(0, high);
  return view.getFloat64(0);
}
