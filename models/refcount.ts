/*
 * Reference counters, lib/refcount.c: one that is raised from 0 or dropped below it says so and
 * stays where it cannot do harm (REFCOUNT_SATURATED). What it counts may be as much as it likes.
 */
import type { Fingerprint } from '../engine/index.ts';
import type { Code, Context } from './context.ts';
import type { FindingKind, Place } from './checks/findings.ts';
import { ORDER, load_acquire, store_release } from './instrumented.ts';

const REFCOUNT_SATURATED = -0x40000000;

export class Refcount {
  readonly name: string;
  refs: number;
  /** Who took the latest reference. */
  latest: Place | null = null;

  constructor(name: string, refs: number) {
    this.name = name;
    this.refs = refs;
  }

  feed(into: Fingerprint): void {
    into.add(this.refs);
  }
}

function refcount_warn_saturate(k: Context, r: Refcount, kind: FindingKind, what: string): void {
  r.refs = REFCOUNT_SATURATED;
  k.machine.findings.report(k.cpu, kind, `refcount_t: ${what}`, r.name);
}

/** The caller has a reference already. */
export function* refcount_inc(k: Context, r: Refcount): Code {
  yield k.step(r, k.machine.costs.access);
  const old = r.refs++;
  r.latest = { actor: k.actor, line: k.line };
  if (old === 0) refcount_warn_saturate(k, r, 'use-after-free', 'addition on 0; use-after-free.');
  else if (old < 0) refcount_warn_saturate(k, r, 'leak', 'saturated; leaking memory.');
}

/** 1 with one more reference, 0 if there was none left. */
export function* refcount_inc_not_zero(k: Context, r: Refcount): Code<number> {
  yield k.step(r, k.machine.costs.access);
  load_acquire(k.cpu, ORDER.refcount, r.name);
  if (r.refs === 0) return 0;
  r.refs++;
  r.latest = { actor: k.actor, line: k.line };
  return 1;
}

/** 1 if that was the last one: the caller frees what it counted. */
export function* refcount_dec_and_test(k: Context, r: Refcount): Code<number> {
  yield k.step(r, k.machine.costs.access);
  store_release(k.cpu, ORDER.refcount, r.name);
  const old = r.refs--;
  if (old === 1) {
    load_acquire(k.cpu, ORDER.refcount, r.name);
    return 1;
  }
  if (old <= 0) {
    refcount_warn_saturate(k, r, 'refcount-underflow', 'underflow; use-after-free.');
  }
  return 0;
}

/** Of a caller who knows that it is not the last one. */
export function* refcount_dec(k: Context, r: Refcount): Code {
  yield k.step(r, k.machine.costs.access);
  store_release(k.cpu, ORDER.refcount, r.name);
  if (r.refs-- <= 1) {
    refcount_warn_saturate(k, r, 'refcount-leak', 'decrement hit 0; leaking memory.');
  }
}
