/*
 * The quantile of Student's t distribution that a two-sided 95 % interval takes: exact to twelve
 * digits up to 30 degrees of freedom, beyond that by the expansion of Cornish and Fisher
 * (Abramowitz and Stegun 26.7.5), which is right to seven digits there.
 */

/** The quantile at 0.975 for 1, 2, ... 30 degrees of freedom. */
const TABLE = [
  ...[12.7062047362, 4.30265272975, 3.18244630528, 2.7764451052, 2.57058183564, 2.44691185114],
  ...[2.36462425159, 2.3060041352, 2.2621571628, 2.22813885199, 2.20098516009, 2.17881282967],
  ...[2.16036865646, 2.14478668792, 2.13144954556, 2.11990529922, 2.10981557783, 2.10092204024],
  ...[2.09302405441, 2.08596344727, 2.07961384473, 2.0738730679, 2.06865761042, 2.06389856163],
  ...[2.05953855275, 2.05552943864, 2.05183051648, 2.0484071418, 2.04522964213, 2.0422724563],
];

/** The same quantile of the normal distribution, and its odd powers. */
const Z = 1.959963984540054;
const Z3 = Z * Z * Z;
const Z5 = Z3 * Z * Z;
const Z7 = Z5 * Z * Z;
const Z9 = Z7 * Z * Z;

/** The terms of the expansion in 1 / degrees. */
const TERMS = [
  Z,
  (Z3 + Z) / 4,
  (5 * Z5 + 16 * Z3 + 3 * Z) / 96,
  (3 * Z7 + 19 * Z5 + 17 * Z3 - 15 * Z) / 384,
  (79 * Z9 + 776 * Z7 + 1482 * Z5 - 1920 * Z3 - 945 * Z) / 92160,
];

/** How many standard errors the 95 % interval reaches to each side; `degrees` from 1. */
export function student95(degrees: number): number {
  return (
    TABLE[degrees - 1] ?? TERMS.reduceRight((sum, coefficient) => coefficient + sum / degrees, 0)
  );
}
