/*
 * A value change dump, read: what each variable is from when on.
 */

/** By `scope.name`, the changes of a variable. */
export type Waves = ReadonlyMap<string, readonly (readonly [timeNs: number, value: string])[]>;

export function wavesOf(text: string): Waves {
  const names = new Map<string, string>();
  const waves = new Map<string, [number, string][]>();
  const [head = '', body = ''] = text.split(/\$enddefinitions\s+\$end/);
  let scope = '';
  for (const [, word, rest] of head.matchAll(/\$(scope module|var \w+ \d+)\s+(.*?)\s+\$end/g)) {
    if (word === 'scope module') scope = rest!;
    else {
      const [id = '', name] = rest!.split(/\s+/);
      names.set(id, `${scope}.${name}`);
      waves.set(`${scope}.${name}`, []);
    }
  }
  let timeNs = 0;
  for (const line of body.split('\n')) {
    if (line.startsWith('#')) timeNs = Number(line.slice(1));
    const [, kind, value, id] = /^([sb])(\S*) (\S+)$/.exec(line) ?? [];
    if (kind === undefined) continue;
    const known = kind === 'b' ? String(Number.parseInt(value!, 2)) : value!;
    waves.get(names.get(id!)!)!.push([timeNs, known]);
  }
  return waves;
}

/** How long a variable had each of its values. */
export function timeByValue(waves: Waves, name: string, endNs: number): Record<string, number> {
  const changes = waves.get(name)!;
  const times: Record<string, number> = {};
  for (const [i, [timeNs, value]] of changes.entries()) {
    const until = changes[i + 1]?.[0] ?? endNs;
    times[value] = (times[value] ?? 0) + until - timeNs;
  }
  return times;
}
