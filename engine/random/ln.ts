/**
 * The natural logarithm, to less than 1 ulp, with the same bits on every engine.
 *
 * ECMAScript leaves the last bits of its own logarithm to the host, and hosts differ. This follows
 * fdlibm's e_log.c operation by operation, with nothing but + - * / on doubles:
 *   x = 2^k (1 + f) with sqrt(1/2) < 1 + f < sqrt(2), s = f / (2 + f), and
 *   ln(1 + f) = f - s (f - R), where R is a polynomial of degree 14 in s.
 *
 * ====================================================
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 *
 * Developed at SunSoft, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this
 * software is freely granted, provided that this notice
 * is preserved.
 * ====================================================
 */
import { highWord, withHighWord } from './float-bits.ts';

const LN2_HIGH = 6.9314718036912381649e-1; // 3fe62e42 fee00000: k * LN2_HIGH is exact
const LN2_LOW = 1.90821492927058770002e-10; // 3dea39ef 35793c76
const SMALLEST_NORMAL = 2.2250738585072014e-308; // 2^-1022
const TWO_54 = 0x40000000000000;
const L1 = 6.66666666666673513e-1;
const L2 = 3.999999999940941908e-1;
const L3 = 2.857142874366239149e-1;
const L4 = 2.222219843214978396e-1;
const L5 = 1.818357216161805012e-1;
const L6 = 1.531383769920937332e-1;
const L7 = 1.479819860511658591e-1;

/** ln(x): -Infinity at 0, NaN below it. */
export function ln(x: number): number {
  if (x === 0) return -Infinity;
  if (x < 0 || x !== x) return NaN;
  if (x === Infinity) return x;

  let k = 0;
  let normal = x;
  if (x < SMALLEST_NORMAL) {
    k = -54;
    normal = x * TWO_54;
  }
  const high = highWord(normal);
  const fraction = high & 0xfffff;
  const half = (fraction + 0x95f64) & 0x100000; // set where 1 + f would exceed sqrt(2)
  k += (high >> 20) - 1023 + (half >> 20);
  const f = withHighWord(normal, fraction | (half ^ 0x3ff00000)) - 1;

  if ((0xfffff & (2 + fraction)) < 3) return nearOne(f, k);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (L2 + w * (L4 + w * L6));
  const odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  const R = odd + even;
  if (((fraction - 0x6147a) | (0x6b851 - fraction)) > 0) {
    const halfSquare = 0.5 * f * f;
    return k === 0
      ? f - (halfSquare - s * (halfSquare + R))
      : k * LN2_HIGH - (halfSquare - (s * (halfSquare + R) + k * LN2_LOW) - f);
  }
  return k === 0 ? f - s * (f - R) : k * LN2_HIGH - (s * (f - R) - k * LN2_LOW - f);
}

/** ln(2^k (1 + f)) for |f| < 2^-20, where three terms of the series are enough. */
function nearOne(f: number, k: number): number {
  if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + k * LN2_LOW;
  const R = f * f * (0.5 - 0.33333333333333333 * f);
  return k === 0 ? f - R : k * LN2_HIGH - (R - k * LN2_LOW - f);
}
