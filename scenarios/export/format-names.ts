/*
 * The formats that traces are exported to, by their names on the command line.
 */
export const formatNames = ['perfetto', 'trace-dat', 'ftrace', 'vcd'] as const;
export type FormatName = (typeof formatNames)[number];
