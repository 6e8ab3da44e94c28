/*
 * Texts as UTF-8. Most are a few letters of ASCII, for which a call into the host costs more than
 * the letters.
 */
const SHORT = 40;

/** Writes a text, for which there is room. @returns its bytes. */
export function writeUtf8(into: Buffer, text: string, at: number): number {
  const { length } = text;
  if (length > SHORT) return into.write(text, at, 'utf8');
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return into.write(text, at, 'utf8');
    into[at + i] = code;
  }
  return length;
}
