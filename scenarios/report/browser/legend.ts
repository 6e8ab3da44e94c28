/*
 * The samples of colours and patterns beside the names of the kinds.
 */
import type { Kind } from '../format.ts';
import { Colours } from './looks.ts';

export function paintLegend(): void {
  const samples = [...document.querySelectorAll<HTMLCanvasElement>('canvas[data-kind]')];
  const paint = (): void => {
    const colours = new Colours();
    for (const sample of samples) {
      sample.width = 22;
      sample.height = 14;
      const context = sample.getContext('2d')!;
      const kind = sample.dataset['kind'] as Kind;
      context.fillStyle = colours.fill(kind, context);
      const thin = { sleeping: 2, waiting: 4, idle: 4 } as Partial<Record<Kind, number>>;
      const height = thin[kind] ?? 12;
      context.fillRect(0, (14 - height) / 2, 22, height);
    }
  };
  paint();
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
}
