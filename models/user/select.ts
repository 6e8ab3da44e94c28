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
  return yield* systemCall(k, 'select', function* () {
    if (nfds < 0 || (timeout !== null && timeout < 0)) return -errno.EINVAL;
    const wanted: Sets = [readfds, writefds, exceptfds];
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
  });
}

function wordOf(sets: Sets, word: number): number {
  return sets.reduce((bits, set) => bits | (set?.words[word] ?? 0), 0);
}

/** The numbers below `n` of the descriptors in one word of any set, lowest first. */
function* members(sets: Sets, word: number, n: number): Generator<number, void> {
  for (let bits = wordOf(sets, word); bits !== 0; bits &= bits - 1) {
    const fd = word * WORD + 31 - Math.clz32(bits & -bits);
    if (fd < n) yield fd;
  }
}

/** max_select_fd(). */
function check(k: Context, n: number, sets: Sets): number {
  for (let word = 0; word * WORD < n; word++) {
    for (const fd of members(sets, word, n)) if (fileOf(k, fd) === null) return -errno.EBADF;
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
    if (wordOf(wanted, word) === 0) continue;
    for (const fd of members(wanted, word, n)) {
      const mask = pollOne(k, fd, eventsWanted(wanted, fd), queueing);
      for (const [i, events] of classes.entries()) {
        if ((mask & events) === 0 || !isIn(wanted, i, fd)) continue;
        FD_SET(fd, ready[i]!);
        found++;
        queueing = null;
      }
    }
    yield* pollPoint(k);
  }
  return found;
}

function isIn(sets: Sets, i: number, fd: number): boolean {
  const set = sets[i] ?? null;
  return set !== null && FD_ISSET(fd, set);
}

/** wait_key_set(). */
function eventsWanted(sets: Sets, fd: number): number {
  let events: number = POLLEX_SET;
  for (const [i, mask] of classes.entries()) if (isIn(sets, i, fd)) events |= mask;
  return events;
}
