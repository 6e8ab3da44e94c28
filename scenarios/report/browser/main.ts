/*
 * Begins when the page is there: unpacks the timeline, if there is one, and shows it.
 */
import type { PackedTimeline } from '../format.ts';
import { Controls } from './controls.ts';
import { Details } from './details.ts';
import { byId } from './dom.ts';
import { paintLegend } from './legend.ts';
import { Timeline } from './model.ts';
import { Relations } from './relations.ts';
import { Screen } from './screen.ts';
import { Search } from './search.ts';
import { inflate, open } from './unpack.ts';

async function begin(): Promise<void> {
  for (const copy of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    copy.addEventListener('click', () => {
      const text = byId(copy.dataset['copy']!);
      getSelection()?.selectAllChildren(text);
      // Without leave to write there, the text is selected at least.
      void navigator.clipboard
        ?.writeText(text.textContent ?? '')
        .then(() => (copy.textContent = 'Copied'));
    });
  }
  const data = document.getElementById('data');
  if (data !== null) await showTimeline(data);
  document.documentElement.dataset['ready'] = 'true';
}

async function showTimeline(data: HTMLElement): Promise<void> {
  const bytes = await inflate(data.textContent ?? '');
  data.remove();
  const { header, unpacker } = open<PackedTimeline>(bytes);
  const timeline = new Timeline(header, unpacker);
  const screen = new Screen(timeline);
  paintLegend();
  const controls: Controls[] = [];
  const showRow = (row: number): void => controls[0]?.chooseRow(row);
  const details = new Details(timeline, new Relations(timeline), byId('details'), showRow);
  controls.push(new Controls(screen, details, new Search(timeline.rows)));
}

await begin();
