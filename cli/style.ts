/*
 * What the terminal can show: colours on a terminal that wants them, and more than ASCII if its
 * locale says UTF-8.
 */
import pc from 'picocolors';
import type { Style } from '../scenarios/output/summary.ts';
import type { Io } from './io.ts';

export function styleOf({ env, outIsTty }: Io, color: boolean): Style {
  const wanted = color && outIsTty && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const { bold, red, green, yellow } = pc.createColors(wanted);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return { bold, red, green, yellow, unicode: /utf-?8/i.test(locale) };
}
