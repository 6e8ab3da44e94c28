/** How an error message shows a wrong argument: texts in quotes, the rest as it prints. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
