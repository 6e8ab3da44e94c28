/*
 * What a recording has to offer: its events, how many there are of each, their fields.
 */
import {
  formatDuration,
  formatNumber,
  plural,
  printable,
  table,
  type Column,
} from '../output/text.ts';
import type { RecordedEvent, Recording } from './recording.ts';

const VALUES_MAX = 4;
/** Longer than this are addresses and the like. */
const VALUES_LENGTH_MAX = 24;

class Kind {
  count = 0;
  readonly cpus = new Set<number>();
  /** Some values of each field; undefined when there are too many to be names of something. */
  readonly fields = new Map<string, Set<string> | undefined>();

  add(event: RecordedEvent): void {
    this.count++;
    if (event.cpu >= 0) this.cpus.add(event.cpu);
    for (const name of event.fieldNames()) {
      if (!isOwn(name)) continue;
      const values = this.fields.has(name) ? this.fields.get(name) : new Set<string>();
      values?.add(event.field(name) ?? '');
      this.fields.set(name, values === undefined || values.size > VALUES_MAX ? undefined : values);
    }
  }
}

/** Fields that every event has say nothing of the event. */
function isOwn(name: string): boolean {
  return !name.startsWith('common_') && !['time_ns', 'cpu', 'event', 'seq'].includes(name);
}

const COLUMNS: readonly Column[] = [
  { title: 'EVENT' },
  { title: 'events', right: true },
  { title: 'CPUs', right: true },
  { title: 'fields' },
];

/** A table of its events for the terminal. @throws RecordingError */
export function overview(recording: Recording, file: string): string {
  const kinds = new Map<string, Kind>();
  let events = 0;
  let begin = Infinity;
  let end = -Infinity;
  recording.each((event) => {
    let kind = kinds.get(event.name);
    if (kind === undefined) kinds.set(event.name, (kind = new Kind()));
    kind.add(event);
    events++;
    begin = Math.min(begin, event.timeNs);
    end = Math.max(end, event.timeNs);
  });
  const length = events === 0 ? '' : ` in ${formatDuration(end - begin)}`;
  const head = `${file}  ${recording.format}  ${plural(events, 'event')}${length}`;
  const byCount = [...kinds].sort(([, a], [, b]) => b.count - a.count);
  const rows = byCount.map(([name, { count, cpus, fields }]) => [
    printable(name),
    formatNumber(count),
    [...cpus].sort((a, b) => a - b).join(' '),
    [...fields].map(([field, values]) => fieldCell(field, values)).join(' '),
  ]);
  const notes = recording.notes.map((note) => `note: ${printable(note)}`);
  return [head, ...notes, '', ...table(COLUMNS, rows), ''].join('\n');
}

/** `name=eth0|ata_piix`, or the name of the field alone. */
function fieldCell(field: string, values: ReadonlySet<string> | undefined): string {
  const shown = values === undefined ? '' : printable([...values].join('|'));
  return shown === '' || shown.length > VALUES_LENGTH_MAX ? field : `${field}=${shown}`;
}
