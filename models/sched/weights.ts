/*
 * CFS load weights by nice value, sched_prio_to_weight of kernel/sched/core.c: a factor of about
 * 1.25 a step.
 */
export const NICE_0_WEIGHT = 1024;
export const SCHED_IDLE_WEIGHT = 3;

// prettier-ignore
const sched_prio_to_weight = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
  9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
  1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
  110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];

export function weightOfNice(nice: number): number {
  const weight = sched_prio_to_weight[nice + 20];
  if (weight === undefined) throw new RangeError(`a nice value is -20 to 19, not ${nice}`);
  return weight;
}
