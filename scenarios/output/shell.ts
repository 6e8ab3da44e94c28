/*
 * Commands that we print for somebody to paste.
 */

/** As a shell takes it for one word. */
export function quoted(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
