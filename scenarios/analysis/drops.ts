/*
 * What got lost: messages that found a socket full, packets freed by kfree_skb(), sends refused.
 */
import { formatNumber, printable, table } from '../output/text.ts';
import type { Figure, Statistic } from './statistic.ts';
import type { TraceRow } from './trace-row.ts';

export class Drops implements Statistic {
  readonly name = 'drops';
  readonly needs = ['netlinkOverrun', 'kfree_skb', 'netlinkSend'];
  private readonly counts = new Map<string, number>();

  see({ event, object, value }: TraceRow): void {
    if (event === 'netlinkSend' && value >= 0) return;
    const key = event === 'netlinkSend' ? `netlinkSend ${object} ${value}` : `${event} ${object}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  figures(): Figure[] {
    return [...this.counts].map(([object, value]) => ({
      metric: 'drops',
      object,
      value,
      unit: 'count',
    }));
  }

  tables(): string[][] {
    if (this.counts.size === 0) return [];
    const rows = [...this.counts].map(([name, count]) => [printable(name), formatNumber(count)]);
    return [table([{ title: 'DROPS' }, { title: 'count', right: true }], rows)];
  }
}
