/*
 * How far a run has come, on stderr: one line that is renewed on a terminal, else now and then a
 * line of its own. Short runs show nothing.
 */
import type { Observer, Runnable } from '../scenarios/output/record.ts';
import { formatProgress, formatShort } from '../scenarios/output/text.ts';
import type { Io } from './io.ts';

const TTY = { firstMs: 1000, everyMs: 200 };
const PLAIN = { firstMs: 10_000, everyMs: 10_000 };
const ERASE_LINE = '\r\u001b[K';

export function progressOn(io: Io): Observer {
  const { firstMs, everyMs } = io.errIsTty ? TTY : PLAIN;
  const begun = io.now();
  let due = begun + firstMs;
  let shown = false;
  return {
    onInterrupt: (handler) => io.onInterrupt(handler),
    progress(run) {
      const now = io.now();
      if (now < due) return;
      due = now + everyMs;
      shown = true;
      const line = progressLine(run, now - begun);
      io.err(io.errIsTty ? `${ERASE_LINE}${line}` : `${line}\n`);
    },
    done() {
      if (shown && io.errIsTty) io.err(ERASE_LINE);
    },
  };
}

function progressLine({ timeNs, untilNs, steps }: Runnable, elapsedMs: number): string {
  const rate = formatShort((1000 * steps) / elapsedMs);
  return `simulated ${formatProgress(timeNs, untilNs)}  ${rate} steps/s`;
}
