/*
 * The trace's `flags` column as the two bytes that ftrace keeps of each event
 * (include/linux/trace_events.h, enum trace_flag_type), from which it prints the same five letters.
 */
const IRQS_OFF = 0x01;
const NEED_RESCHED = 0x04;
const HARDIRQ = 0x08;
const SOFTIRQ = 0x10;
const PREEMPT_RESCHED = 0x20;
const BH_OFF = 0x80;

export interface EventFlags {
  readonly flags: number;
  readonly preemptCount: number;
}

const LETTERS: Readonly<Record<string, number>> = {
  d: IRQS_OFF,
  b: BH_OFF,
  D: IRQS_OFF | BH_OFF,
  N: NEED_RESCHED | PREEMPT_RESCHED,
  h: HARDIRQ,
  s: SOFTIRQ,
  H: HARDIRQ | SOFTIRQ,
};

/** Flags by their text, each looked at once. */
export class FlagTexts {
  private readonly known = new Map<string, EventFlags>();

  of(text: string): EventFlags {
    let found = this.known.get(text);
    if (found === undefined) {
      found = parse(text);
      this.known.set(text, found);
    }
    return found;
  }
}

/** A depth above 15 is printed as 15: ftrace has four bits for it. */
function parse(text: string): EventFlags {
  const [irqs = '', resched = '', context = ''] = text;
  const flags = [irqs, resched, context].reduce((bits, one) => bits | (LETTERS[one] ?? 0), 0);
  const depth = Number.parseInt(text.slice(3, -1), 16);
  return { flags, preemptCount: Number.isNaN(depth) ? 0 : Math.min(depth, 15) };
}
