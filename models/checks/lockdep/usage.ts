/*
 * In which contexts a class of locks was taken, a bit each, kernel/locking/lockdep_internals.h and
 * lockdep_states.h. Of a bit's number, bit 0 says read, bit 1 says enabled rather than used in, the
 * rest whether it is about hard or soft interrupts.
 */
export const READ = 1;
export const ENABLED = 2;

export const USED_IN_HARDIRQ = 0;
export const ENABLED_HARDIRQ = 2;
export const USED_IN_SOFTIRQ = 4;
export const ENABLED_SOFTIRQ = 6;
export const USED = 8;
export const USED_READ = 9;

/** Masks over all states: taken in interrupts, and taken while they were enabled. */
export const USED_IN_ALL = 0x33;
export const ENABLED_ALL = 0xcc;
/** Over all states and both directions: not as a reader, and as one. */
export const WRITE_BITS = 0x55;
const READ_BITS = 0xaa;

/** The bit that must not be set beside `bit`, for a writer. */
export function exclusive_bit(bit: number): number {
  return (bit ^ ENABLED) & ~READ;
}

function invert_direction(mask: number): number {
  return ((mask & ENABLED_ALL) >> ENABLED) | ((mask & USED_IN_ALL) << ENABLED);
}

/** All bits of which one end of a dependency has none if the other end has `mask`. */
export function exclusive_mask(mask: number): number {
  const inverted = invert_direction(mask);
  return inverted | ((inverted & READ_BITS) >> READ) | ((inverted & WRITE_BITS) << READ);
}

/** The first pair of bits of the two masks that exclude each other; null: there is none. */
export function find_exclusive_match(mask: number, other: number): [number, number] | null {
  for (let bit = 0; bit < USED; bit++) {
    if ((mask & (1 << bit)) === 0) continue;
    const exclusive = exclusive_bit(bit);
    if ((other & (1 << exclusive)) !== 0) return [bit, exclusive];
    if ((other & (1 << (exclusive | READ))) !== 0) return [bit, exclusive | READ];
  }
  return null;
}

const states = ['HARDIRQ', 'SOFTIRQ'] as const;

/** `HARDIRQ`, `SOFTIRQ-READ`. */
export function state_name(bit: number): string {
  return `${states[bit >> 2]!}${(bit & READ) === 0 ? '' : '-READ'}`;
}

/** `IN-HARDIRQ-W`, `SOFTIRQ-ON-R`. */
export function usage_name(bit: number): string {
  if (bit >= USED) return bit === USED ? 'INITIAL USE' : 'INITIAL READ USE';
  const state = states[bit >> 2]!;
  const mode = (bit & READ) === 0 ? 'W' : 'R';
  return (bit & ENABLED) === 0 ? `IN-${state}-${mode}` : `${state}-ON-${mode}`;
}

/**
 * Four letters: hard interrupts, the same as a reader, soft interrupts, the same as a reader.
 * `+` taken with them enabled, `-` taken in them, `?` both, `.` neither.
 */
export function usage_letters(mask: number): string {
  return [USED_IN_HARDIRQ, USED_IN_HARDIRQ | READ, USED_IN_SOFTIRQ, USED_IN_SOFTIRQ | READ]
    .map((bit) => '.-+?'[((mask >> bit) & 1) | ((mask >> (bit + 1)) & 2)]!)
    .join('');
}
