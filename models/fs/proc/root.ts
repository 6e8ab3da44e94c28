/*
 * What is in /proc before anybody makes an entry: fs/proc/proc_misc.c of 2.4 and 2.6.24, and the
 * files that took its place. Each text is made from the machine at the moment of the read: with a
 * read_proc() as long as the kernel has one, else with a seq_file. Left out: the directories of
 * processes, and files about what is not here (meminfo, swaps, devices and others).
 */
import type { Code, Context } from '../../context.ts';
import type { Machine } from '../../machine.ts';
import { PAGE_SIZE, seq_puts, type SeqFile } from '../seq_file.ts';
import { singleMethods } from '../seq_methods.ts';
import { bytesOfText } from '../../lib/text-bytes.ts';
import { cpuinfo, cmdline, version } from './version.ts';
import { ProcDirEntry, procOf, type ReadProcCall, type read_proc_t } from './entry.ts';
import { filesystems, locks, modules, mounts, mtd, partitions } from './filesystems.ts';
import { interrupts } from './interrupts.ts';
import { ioports } from './ioports.ts';
import { kmsg, kmsgMethods } from './kmsg.ts';
import { loadavg, uptime } from './loadavg.ts';
import { netlink } from './netlink.ts';
import { softirqs, stat } from './stat.ts';
import { sysctlMethods } from './sys.ts';
import { sysctlTable } from './sys-table.ts';

interface ProcFile {
  readonly name: string;
  readonly text: (machine: Machine) => string;
  /** The last kernel that makes it with a read_proc(): 2.4, or 2.6.24; a seq_file after that. */
  readonly readProcUntil?: '2.4' | '2.6.24';
  readonly exists?: (machine: Machine) => boolean;
  readonly mode?: number;
}

const files: readonly ProcFile[] = [
  { name: 'cmdline', text: cmdline, readProcUntil: '2.6.24' },
  { name: 'cpuinfo', text: cpuinfo },
  { name: 'filesystems', text: filesystems, readProcUntil: '2.6.24' },
  { name: 'interrupts', text: interrupts },
  { name: 'ioports', text: ioports },
  { name: 'kmsg', text: kmsg, mode: 0o400 },
  { name: 'loadavg', text: loadavg, readProcUntil: '2.6.24' },
  { name: 'locks', text: locks, readProcUntil: '2.4' },
  { name: 'modules', text: modules, readProcUntil: '2.4' },
  { name: 'mounts', text: mounts },
  { name: 'mtd', text: mtd, readProcUntil: '2.6.24' },
  { name: 'net/netlink', text: netlink, readProcUntil: '2.4' },
  { name: 'partitions', text: partitions },
  { name: 'softirqs', text: softirqs, exists: ({ era }) => era.softirqStatistics },
  { name: 'stat', text: stat, readProcUntil: '2.4' },
  { name: 'uptime', text: uptime, readProcUntil: '2.6.24' },
  { name: 'version', text: version, readProcUntil: '2.6.24' },
];

const mounted = new WeakSet<Machine>();

/** Fills /proc, once. */
export function mountProc(machine: Machine): void {
  if (mounted.has(machine)) return;
  mounted.add(machine);
  for (const file of files) {
    if (file.exists?.(machine) === false) continue;
    const entry = addFile(machine, file.name, file.mode ?? 0o444);
    if (file.name === 'kmsg') entry.proc_ops = kmsgMethods(machine);
    else if (usesReadProc(machine, file)) entry.read_proc = readProcOf(machine, file);
    else entry.proc_ops = singleMethods((k, m) => show(k, m, file));
  }
  for (const table of sysctlTable) {
    if (table.exists?.(machine) === false) continue;
    const mode = table.set === undefined ? 0o444 : 0o644;
    addFile(machine, `sys/${table.name}`, mode).proc_ops = sysctlMethods(table);
  }
}

function* show(k: Context, m: SeqFile, { text }: ProcFile): Code<number> {
  yield k.machine.costs.call;
  seq_puts(m, text(k.machine));
  return 0;
}

function usesReadProc({ era }: Machine, { readProcUntil }: ProcFile): boolean {
  if (readProcUntil === undefined) return false;
  return era.timersInBottomHalf || (readProcUntil === '2.6.24' && !era.softirqStatistics);
}

/** The text is made anew for each call; proc_calc_metrics() picks the part that is wanted. */
function readProcOf(machine: Machine, { text }: ProcFile): read_proc_t {
  return function* (k, call) {
    yield k.machine.costs.call;
    return proc_calc_metrics(call, text(machine), (part) =>
      call.page.store(k, 0, bytesOfText(part), 'sprintf'),
    );
  };
}

/** Longer texts than a page print the part around the offset (proc_sprintf of 2.4). */
function proc_calc_metrics(
  call: ReadProcCall,
  text: string,
  print: (part: string) => void,
): number {
  const { off, count } = call;
  if (text.length <= off + count) call.eof = true;
  const part = text.slice(off, off + Math.min(count, PAGE_SIZE));
  print(part);
  call.start = { style: 2, value: 0 };
  return part.length;
}

function addFile(machine: Machine, name: string, mode: number): ProcDirEntry {
  const parts = name.split('/');
  const last = parts.pop()!;
  let directory = procOf(machine).root;
  for (const part of parts) {
    let next = directory.child(part);
    if (next === undefined) {
      next = new ProcDirEntry(part, 0o555, directory, true, null);
      directory.subdir!.push(next);
    }
    directory = next;
  }
  const entry = new ProcDirEntry(last, mode, directory, false, null);
  directory.subdir!.push(entry);
  return entry;
}

/** The text of a file of /proc at this moment; null: there is none. The machine does not change. */
export function procText(machine: Machine, name: string): string | null {
  const file = files.find((one) => one.name === name);
  if (file !== undefined && file.exists?.(machine) !== false) return file.text(machine);
  const table = sysctlTable.find((one) => `sys/${one.name}` === name);
  if (table === undefined || table.exists?.(machine) === false) return null;
  return `${table.get(machine)}\n`;
}

/** The names of all files that procText() knows on this machine, in the order of the alphabet. */
export function procNames(machine: Machine): string[] {
  return [
    ...files.filter(({ exists }) => exists?.(machine) !== false).map(({ name }) => name),
    ...sysctlTable
      .filter(({ exists }) => exists?.(machine) !== false)
      .map(({ name }) => `sys/${name}`),
  ];
}
