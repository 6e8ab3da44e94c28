/*
 * Names that a scenario can have for those of a workload, where any text is one.
 */

const LENGTH_MAX = 40;
/** YAML takes them for something else. */
const NOT_TEXT = /^(true|false|null)$/i;

export class Names {
  private readonly taken = new Set<string>();
  private readonly known = new Map<string, string>();

  /** The name of what `kind` and `text` tell apart: the text itself where that is one, and free. */
  of(kind: string, text: string, suffix = ''): string {
    const key = JSON.stringify([kind, text]);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const plain = text.replace(/\W/g, '_').slice(0, LENGTH_MAX);
    const fits = /^[A-Za-z_]/.test(plain) && !NOT_TEXT.test(plain);
    const base = fits ? plain : `_${plain}`;
    let name = this.taken.has(base) ? base + suffix : base;
    for (let i = 2; this.taken.has(name); i++) name = `${base}${suffix}_${i}`;
    this.taken.add(name);
    this.known.set(key, name);
    return name;
  }
}
