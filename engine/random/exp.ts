/**
 * The exponential function, to less than 1 ulp, with the same bits on every engine.
 *
 * ECMAScript leaves the last bits of its own to the host, and hosts differ. This follows fdlibm's
 * e_exp.c operation by operation, with nothing but + - * / on doubles:
 *   x = k ln2 + r with |r| <= ln2 / 2, exp(r) = 1 + 2r / (R - r), where R is a polynomial in r^2.
 *
 * ====================================================
 * Copyright (C) 2004 by Sun Microsystems, Inc. All rights reserved.
 *
 * Permission to use, copy, modify, and distribute this
 * software is freely granted, provided that this notice
 * is preserved.
 * ====================================================
 */
import { highWord, withHighWord } from './float-bits.ts';

const OVERFLOW = 7.09782712893383973096e2; // 40862e42 fefa39ef: exp(x) is infinite above
const UNDERFLOW = -7.4513321910194110842e2; // c0874910 d52d3051: exp(x) is 0 below
const LN2_HIGH = 6.9314718036912381649e-1; // 3fe62e42 fee00000: k * LN2_HIGH is exact
const LN2_LOW = 1.90821492927058770002e-10; // 3dea39ef 35793c76
const INVERSE_LN2 = 1.442695040888963387; // 3ff71547 652b82fe
const P1 = 1.66666666666666019037e-1; // 3fc55555 5555553e
const P2 = -2.77777777770155933842e-3; // bf66c16c 16bebd93
const P3 = 6.61375632143793436117e-5; // 3f11566a af25de2c
const P4 = -1.6533902205465251539e-6; // bebbbd41 c5d26bf1
const P5 = 4.13813679705723846039e-8; // 3e663769 72bea4d0

/** e to the power of x. */
export function exp(x: number): number {
  if (x !== x) return NaN;
  if (x > OVERFLOW) return Infinity;
  if (x < UNDERFLOW) return 0;

  const magnitude = highWord(x) & 0x7fffffff;
  if (magnitude < 0x3e300000) return 1 + x; // |x| < 2^-28
  const sign = x < 0 ? -1 : 1;
  let k = 0;
  if (magnitude >= 0x3ff0a2b2)
    k = (INVERSE_LN2 * x + 0.5 * sign) | 0; // |x| >= 1.5 ln2
  else if (magnitude > 0x3fd62e42) k = sign; // |x| > 0.5 ln2

  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  return scaled(1 - (low - (r * c) / (2 - c) - high), k);
}

/** y 2^k, rounded once, also where 2^k itself is no normal double. */
function scaled(y: number, k: number): number {
  if (k === 1024) return y * 2 * powerOfTwo(1023);
  return k >= -1021 ? y * powerOfTwo(k) : y * powerOfTwo(k + 1000) * powerOfTwo(-1000);
}

function powerOfTwo(k: number): number {
  return withHighWord(0, (1023 + k) << 20);
}
