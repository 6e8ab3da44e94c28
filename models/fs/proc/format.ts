/*
 * printf() widths, as the files of /proc use them.
 */

/** %10u and the like. */
export function right(value: number | string, width: number): string {
  return String(value).padStart(width);
}

/** %-8d and the like. */
export function left(value: number | string, width: number): string {
  return String(value).padEnd(width);
}

/** %08x and the like. */
export function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, '0');
}

/** %02u. */
export function two(value: number): string {
  return String(value).padStart(2, '0');
}
