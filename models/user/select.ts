/*
 * select(), fs/select.c. The three sets are overwritten with what is ready; when the time is over
 * that is nothing, so a program that does not fill its sets anew is deaf from then on.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { signal_pending } from '../signal/signal.ts';
import { fileOf } from './file.ts';
import {
  POLL_STRIDE,
  PollTimeout,
  pollEvents as ev,
  pollOne,
  pollPoint,
  scanUntilReady,
  type PollWqueues,
} from './poll.ts';
import { systemCall } from './signals.ts';

export const FD_SETSIZE = 1024;
/** Descriptors in a word of a set. */
const WORD = POLL_STRIDE;

/** fd_set: descriptors 0 to 1023. */
export class fd_set {
  readonly words = new Int32Array(FD_SETSIZE / WORD);
}

/** Others than 0 to 1023 would write beyond the set; here they do nothing. */
export function FD_SET(fd: number, set: fd_set): void {
  if (fd >= 0 && fd < FD_SETSIZE) set.words[fd >> 5]! |= 1 << (fd & 31);
}

export function FD_CLR(fd: number, set: fd_set): void {
  if (fd >= 0 && fd < FD_SETSIZE) set.words[fd >> 5]! &= ~(1 << (fd & 31));
}

export function FD_ISSET(fd: number, set: fd_set): boolean {
  return fd >= 0 && fd < FD_SETSIZE && (set.words[fd >> 5]! & (1 << (fd & 31))) !== 0;
}

export function FD_ZERO(set: fd_set): void {
  set.words.fill(0);
}

const POLLIN_SET = ev.POLLRDNORM | ev.POLLRDBAND | ev.POLLIN | ev.POLLHUP | ev.POLLERR;
const POLLOUT_SET = ev.POLLWRBAND | ev.POLLWRNORM | ev.POLLOUT | ev.POLLERR;
const POLLEX_SET = ev.POLLPRI;
/** Which events put a descriptor into which of the three sets. */
const classes = [POLLIN_SET, POLLOUT_SET, POLLEX_SET] as const;

/** The sets that a call was given, in the order of `classes`. */
type Sets = readonly (fd_set | null)[];

/**
 * select(): the number of bits left in the sets; 0 after `timeout` ns (null: without end); -EBADF
 * and -EINTR leave the sets as they were.
 */
export function* select(
  k: Context,
  nfds: number,
  readfds: fd_set | null,
  writefds: fd_set | null,
  exceptfds: fd_set | null,
  timeout: number | null,
): Code<number> {
  const wanted: Sets = [readfds, writefds, exceptfds];
  return yield* systemCall(k, 'select', () => core_sys_select(k, nfds, wanted, timeout));
}

function* core_sys_select(
  k: Context,
  nfds: number,
  wanted: Sets,
  timeout: number | null,
): Code<number> {
  if (nfds < 0 || (timeout !== null && timeout < 0)) return -errno.EINVAL;
  const n = Math.min(nfds, FD_SETSIZE);
  const error = check(k, n, wanted);
  if (error !== 0) return error;
  const ready = wanted.map(() => new fd_set());
  const left = new PollTimeout(k, timeout ?? -1, 0);
  const scan = (table: PollWqueues | null) => scanSets(k, n, wanted, ready, table);
  const found = yield* scanUntilReady(k, left, 'select', scan);
  if (found === 0 && signal_pending(k.current)) return -errno.ERESTARTNOHAND;
  wanted.forEach((set, i) => set?.words.set(ready[i]!.words));
  return found;
}

/** One word of each set, without the bits of descriptors from `n` on. */
function wordsOf(sets: Sets, word: number, n: number): readonly number[] {
  const rest = n - word * WORD;
  const below = rest >= WORD ? -1 : (1 << rest) - 1;
  return sets.map((set) => (set?.words[word] ?? 0) & below);
}

/** The descriptor of the lowest of these bits. */
function lowest(word: number, bits: number): number {
  return word * WORD + 31 - Math.clz32(bits & -bits);
}

function union([read = 0, write = 0, except = 0]: readonly number[]): number {
  return read | write | except;
}

/** max_select_fd(). */
function check(k: Context, n: number, sets: Sets): number {
  for (let word = 0; word * WORD < n; word++) {
    for (let bits = union(wordsOf(sets, word, n)); bits !== 0; bits &= bits - 1) {
      if (fileOf(k, lowest(word, bits)) === null) return -errno.EBADF;
    }
  }
  return 0;
}

function* scanSets(
  k: Context,
  n: number,
  wanted: Sets,
  ready: readonly fd_set[],
  table: PollWqueues | null,
): Code<number> {
  let found = 0;
  let queueing = table;
  for (const set of ready) FD_ZERO(set);
  for (let word = 0; word * WORD < n; word++) {
    const asked = wordsOf(wanted, word, n);
    const all = union(asked);
    if (all === 0) continue;
    for (let bits = all; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits;
      const mask = pollOne(k, lowest(word, bits), wait_key(asked, bit), queueing);
      for (let i = 0; i < classes.length; i++) {
        if ((mask & classes[i]!) === 0 || (asked[i]! & bit) === 0) continue;
        ready[i]!.words[word]! |= bit;
        found++;
        queueing = null;
      }
    }
    yield* pollPoint(k);
  }
  return found;
}

/** wait_key_set(). */
function wait_key([read = 0, write = 0]: readonly number[], bit: number): number {
  const reads = (read & bit) !== 0 ? POLLIN_SET : 0;
  const writes = (write & bit) !== 0 ? POLLOUT_SET : 0;
  return reads | writes | POLLEX_SET;
}
