/*
 * Accesses beyond the end of memory, as mm/kasan/report.c words them. The finding `out-of-bounds`.
 */
import type { Context } from '../context.ts';

export type Direction = 'Read' | 'Write';

export interface OutOfBounds {
  /** The function that does it. */
  readonly where: string;
  readonly buffer: { readonly name: string; readonly size: number };
  readonly offset: number;
  readonly size: number;
  readonly how?: Direction;
}

export function reportOutOfBounds(k: Context, access: OutOfBounds): void {
  const { where, buffer, offset, size, how } = access;
  const what = how === undefined ? '' : `: ${how} of size ${size}`;
  const text =
    `BUG: KASAN: out-of-bounds in ${where}${what}` +
    ` at ${buffer.name}${offset < 0 ? '' : '+'}${offset}, which has ${buffer.size} bytes`;
  k.machine.findings.report(k.cpu, 'out-of-bounds', text, buffer.name);
}

/** What check_copy_size() says of a copy that is longer than what the compiler knows of. */
export function copyOverflowText(room: number, size: number): string {
  return `Buffer overflow detected (${room} < ${BigInt.asUintN(64, BigInt(size))})!`;
}
