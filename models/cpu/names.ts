/*
 * Names of what each CPU has one of: put together once, since a text that is made anew has to be
 * looked at as a whole before it is found in a table.
 */
const names = new Map<string, string[]>();

/** `prefix` and the number of the CPU. */
export function cpuName(prefix: string, id: number): string {
  let made = names.get(prefix);
  if (made === undefined) names.set(prefix, (made = []));
  return (made[id] ??= `${prefix}${id}`);
}
