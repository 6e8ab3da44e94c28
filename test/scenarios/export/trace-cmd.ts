/*
 * trace-cmd, which reads trace.dat, asked about a file.
 */
import { spawnSync } from 'node:child_process';
import { outside } from '../../outside.ts';

export const hasTraceCmd = outside('trace-cmd');

export interface ReportedEvent {
  readonly task: string;
  readonly pid: number;
  readonly cpu: number;
  readonly timeNs: number;
  readonly event: string;
  readonly text: string;
}

/** The lines that `trace-cmd report` prints, without its plugins. @throws Error if it fails. */
export function report(file: string, ...flags: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(
    'trace-cmd',
    ['report', '-N', ...flags, '-i', file],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  if (status !== 0 || stderr !== '') throw new Error(`trace-cmd report: ${status} ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('cpus=') && !line.startsWith('CPU '));
}

const LINE = /^ *(.*)-(\d+) +\[(\d+)\] +(\d+)\.(\d{9}): (\w+): *(.*)$/;

/** All events of a file with their nanoseconds. */
export function events(file: string, ...flags: string[]): ReportedEvent[] {
  return report(file, '-t', ...flags).map((line) => {
    const [, task = '', pid, cpu, s, ns, event = '', text = ''] = LINE.exec(line) ?? [];
    if (s === undefined) throw new Error(`not a line of an event: ${line}`);
    const timeNs = Number(s) * 1e9 + Number(ns);
    return { task, pid: Number(pid), cpu: Number(cpu), timeNs, event, text };
  });
}
