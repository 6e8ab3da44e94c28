/*
 * The process and the module that recorded how the kernel accesses user memory, on the model: a
 * page of the process holds the letter u, the page behind it is inaccessible; the kernel's buffer
 * holds 0xAA.
 */
import type { Code, Context } from '../../models/context.ts';
import { access_in_user_mode } from '../../models/mm/fault.ts';
import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
  type MmStruct,
} from '../../models/mm/mm.ts';
import { do_mmap, do_mprotect } from '../../models/mm/mmap.ts';
import { PAGE_SIZE } from '../../models/mm/page.ts';
import { active_mm } from '../../models/mm/pagefault.ts';
import { strncpy_from_user, strnlen_user } from '../../models/mm/strings.ts';
import * as user from '../../models/mm/uaccess.ts';
import type { Fact, FactRun, Placeholders } from './facts.ts';
import { inSyscall } from './in-syscall.ts';
import { bytesOfText } from '../../models/lib/text-bytes.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const U = 0x75;
export const K = 0x6b;
const UNTOUCHED = 0xaa;
const BUFFER_SIZE = 8192;

/** The recording process: its pages, and what the module does for it. */
export class Experiment {
  readonly k: Context;
  readonly mm: MmStruct;
  /** A page full of the letter u, before one without access. */
  readonly page: number;
  readonly kernelBuffer = new Uint8Array(BUFFER_SIZE);

  constructor(k: Context) {
    this.k = k;
    this.mm = active_mm(k)!;
    this.page = this.mmap(2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
    do_mprotect(this.mm, this.page + PAGE_SIZE, PAGE_SIZE, PROT_NONE);
  }

  mmap(len: number, prot = PROT_READ | PROT_WRITE): number {
    return do_mmap(this.mm, { len, prot, flags: MAP_PRIVATE | MAP_ANONYMOUS });
  }

  get end(): number {
    return this.page + PAGE_SIZE;
  }

  /** The process writes, which makes the page present. */
  *fill(address: number, bytes: Uint8Array): Code {
    yield* access_in_user_mode(this.k, address, bytes.length, true);
    this.mm.store(address, bytes);
  }

  /** The page is full of the letter u again, but for `text` at `offset`. */
  *reset(text = '', offset = 0): Code {
    yield* this.fill(this.page, new Uint8Array(PAGE_SIZE).fill(U));
    if (text !== '') yield* this.fill(this.page + offset, bytesOfText(text));
  }

  /** Copies from user memory with `copy`, and looks at the kernel's buffer. */
  *fromUser(copy: CopyFrom, from: number, n: number) {
    const buffer = this.kernelBuffer.fill(UNTOUCHED);
    const ret = yield* copy(this.k, buffer, from, n);
    const filled = buffer.subarray(0, n);
    let user_bytes = filled.findIndex((byte) => byte !== U);
    if (user_bytes < 0) user_bytes = n;
    const rest = filled.subarray(user_bytes);
    return {
      ret,
      user_bytes,
      rest_zero: Number(rest.every((byte) => byte === 0)),
      rest_untouched: Number(rest.every((byte) => byte === UNTOUCHED)),
    };
  }

  *toUser(to: number, n: number) {
    return { ret: yield* user.copy_to_user(this.k, to, this.kernelBuffer.fill(K), n) };
  }

  *getUser(from: number) {
    const { error, value } = yield* user.get_user(this.k, from);
    return { ret: error, value };
  }

  /** strncpy_from_user(), and how many of the first 64 bytes of the buffer it wrote. */
  *string(from: number, count: number) {
    const buffer = this.kernelBuffer.fill(UNTOUCHED);
    const ret = yield* strncpy_from_user(this.k, buffer, from, count);
    const untouched = buffer.subarray(0, 64).indexOf(UNTOUCHED);
    return { ret, written: untouched < 0 ? 64 : untouched };
  }

  *strnlen(from: number, count: number) {
    return { ret: yield* strnlen_user(this.k, from, count) };
  }
}

export type CopyFrom = (k: Context, to: Uint8Array, from: number, n: number) => Code<number>;

/**
 * An experiment that begins with a page full of the letter u. It gets the numbers of the fields
 * `inputs` of its row; all other fields must come out of it.
 */
export function experiment<const I extends string>(
  inputs: readonly I[],
  body: (e: Experiment, given: Readonly<Record<I, number>>, inName: Placeholders) => Code<Fields>,
): FactRun {
  return (fact, inName) => {
    const given = Object.fromEntries(inputs.map((field) => [field, number(fact, field)]));
    return inSyscall(function* (k) {
      const e = new Experiment(k);
      yield* e.reset();
      return { ...given, ...(yield* body(e, given as Record<I, number>, inName)) };
    });
  };
}

function number(fact: Fact, field: string): number {
  const value = fact[field];
  if (typeof value !== 'number') throw new RangeError(`${field} is not a number`);
  return value;
}
