/*
 * Facts about the kernel's access to user memory: each experiment of the recording program, done
 * again on the model with the numbers of its row.
 */
import type { Code } from '../../models/context.ts';
import { PROT_READ } from '../../models/mm/mm.ts';
import { PAGE_SIZE } from '../../models/mm/page.ts';
import { pagefault_disable, pagefault_enable } from '../../models/mm/pagefault.ts';
import * as user from '../../models/mm/uaccess.ts';
import { factFormat, type FactRun } from './facts.ts';
import { K, U, experiment, type CopyFrom, type Experiment } from './usercopy-experiment.ts';

/** A copy from user memory whose first `readable_bytes` are accessible. */
function crossing(copy: CopyFrom): FactRun {
  return experiment(['n', 'readable_bytes'], function* (e, { n, readable_bytes }) {
    const found = yield* e.fromUser(copy, e.end - readable_bytes, n);
    return {
      ret_not_copied: found.ret,
      bytes_copied: found.user_bytes,
      rest_zero_filled: found.rest_zero,
      rest_untouched: found.rest_untouched,
    };
  });
}

/** Copies to the end of the writable page: bytes left, and bytes that were written. */
function* crossingTo(
  e: Experiment,
  n: number,
  writable: number,
): Code<{ ret: number; written: number }> {
  yield* e.reset();
  const { ret } = yield* e.toUser(e.end - writable, n);
  const bytes = new Uint8Array(writable);
  if (writable > 0) e.mm.load(e.end - writable, bytes);
  const other = bytes.findIndex((byte) => byte !== K);
  return { ret, written: other < 0 ? writable : other };
}

/** The sizes and distances from the end of the page that the recording program combined. */
const sizes = [1, 7, 8, 9, 16, 20, 31, 32, 33, 63, 64, 65, 100, 128, 200, 256, 1000, 4096];
const distances = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 99, 100];

const shortCopies = sizes.flatMap((n) =>
  distances.filter((good) => good < n).map((good) => ({ n, good })),
);

function* everyCopyFromIsExact(e: Experiment): Code<boolean> {
  let exact = true;
  for (const copy of [user.copy_from_user, user.raw_copy_from_user]) {
    for (const { n, good } of shortCopies) {
      const found = yield* e.fromUser(copy, e.end - good, n);
      const rest = copy === user.copy_from_user ? found.rest_zero : found.rest_untouched;
      exact &&= found.ret === n - good && found.user_bytes === good && rest === 1;
    }
  }
  return exact;
}

function* everyCopyToIsExact(e: Experiment): Code<boolean> {
  let exact = true;
  for (const { n, good } of shortCopies) {
    const { ret, written } = yield* crossingTo(e, n, good);
    exact &&= ret === n - good && written === good;
  }
  return exact;
}

/** DEFAULT_MAP_WINDOW, which the recording program takes for the end of user memory. */
const MAP_WINDOW = 0x7ffffffff000n;

/** Addresses by what the recording program calls them, or with the number in the name. */
const pointers: Readonly<Record<string, bigint>> = {
  NULL: 0n,
  // A variable of a module.
  'kernel-address': 0xffffffffc0800000n,
  'just-below-TASK_SIZE': MAP_WINDOW - 8n,
  'at-TASK_SIZE_MAX': MAP_WINDOW,
  'non-canonical': 1n << 63n,
  'all-ones': (1n << 64n) - 1n,
};

function addressOf(pointer: unknown): number {
  const name = String(pointer);
  const hex = /0x[0-9a-f]+/i.exec(name);
  const address = hex === null ? pointers[name] : BigInt(hex[0]);
  if (address === undefined) throw new RangeError(`what address is ${name}?`);
  return Number(BigInt.asIntN(64, address));
}

/** A copy with page faults disabled, from a page that was never touched and then from it. */
function withPagefaultsDisabled(copy: CopyFrom): FactRun {
  return experiment([], function* (e) {
    const fresh = e.mmap(PAGE_SIZE);
    const page_not_present = yield* e.fromUser(withoutFaults(copy), fresh, 16);
    yield* e.fill(fresh, new Uint8Array(16).fill(U));
    return { page_not_present, page_present: yield* e.fromUser(withoutFaults(copy), fresh, 16) };
  });
}

function withoutFaults(copy: CopyFrom): CopyFrom {
  return function* (k, to, from, n) {
    pagefault_disable(k);
    const left = yield* copy(k, to, from, n);
    yield* pagefault_enable(k);
    return left;
  };
}

const copies: Readonly<Record<string, FactRun>> = {
  'copy_from_user-crosses-into-inaccessible-page': crossing(user.copy_from_user),
  'raw_copy_from_user-crosses-into-inaccessible-page': crossing(user.raw_copy_from_user),
  'copy-from-user-byte-exact': experiment([], function* (e) {
    return {
      combinations_tried: 2 * shortCopies.length,
      'every_ret_equals_n_minus_readable_and_rest_zeroed_(raw_:untouched)':
        yield* everyCopyFromIsExact(e),
    };
  }),
  'copy_to_user-crosses-into-inaccessible-page': experiment(
    ['n', 'writable_bytes'],
    function* (e, { n, writable_bytes }) {
      const { ret, written } = yield* crossingTo(e, n, writable_bytes);
      return { ret_not_copied: ret, bytes_written: written };
    },
  ),
  'copy_to_user-inexact': experiment(['n', 'writable'], function* (e, { n, writable }) {
    return yield* crossingTo(e, n, writable);
  }),
  'copy-to-user-byte-exact': experiment([], function* (e) {
    return { every_ret_equals_n_minus_writable: yield* everyCopyToIsExact(e) };
  }),
  'copy-zero-bytes-bad-pointer': experiment([], function* (e) {
    return { copy_from_user: yield* e.fromUser(user.copy_from_user, 0xdead000, 0) };
  }),
  'copy_from_user-good': experiment([], function* (e) {
    return { info: yield* e.fromUser(user.copy_from_user, e.page, 100) };
  }),
  'copy_to_user-read-only-page': experiment([], function* (e) {
    return { info: yield* e.toUser(e.mmap(PAGE_SIZE, PROT_READ), 16) };
  }),
  'copy_from_user-first-touch-of-anonymous-page': experiment([], function* (e) {
    return { info: yield* e.fromUser(user.copy_from_user, e.mmap(PAGE_SIZE), 16) };
  }),
  'clear_user-crosses-into-inaccessible-page': experiment(
    ['n', 'writable'],
    function* (e, { n, writable }) {
      return { info: { ret: yield* user.clear_user(e.k, e.end - writable, n) } };
    },
  ),
};

const withoutPagefaults: Readonly<Record<string, FactRun>> = {
  'copy_from_user-with-pagefaults-disabled': withPagefaultsDisabled(user.copy_from_user),
  '__copy_from_user_inatomic-with-pagefaults-disabled': withPagefaultsDisabled(
    user.__copy_from_user_inatomic,
  ),
  'copy_to_user-with-pagefaults-disabled-not-present': experiment([], function* (e) {
    const fresh = e.mmap(PAGE_SIZE);
    pagefault_disable(e.k);
    const info = yield* e.toUser(fresh, 16);
    yield* pagefault_enable(e.k);
    return { info, then_enabled: yield* e.toUser(fresh, 16) };
  }),
};

/** What put_user() stores. */
const STORED = 77;

function accessTo(address: number): FactRun {
  return experiment([], function* (e) {
    return {
      access_ok: Number(user.access_ok(e.k, address, 16)),
      copy_from_user: yield* e.fromUser(user.copy_from_user, address, 16),
      copy_to_user: yield* e.toUser(address, 16),
      get_user: yield* e.getUser(address),
      put_user: { ret: yield* user.put_user(e.k, STORED, address) },
    };
  });
}

const values: Readonly<Record<string, FactRun>> = {
  'bad-pointer': (fact, inName) => ({
    pointer: fact['pointer'],
    ...accessTo(addressOf(fact['pointer']))(fact, inName),
  }),
  'get_user-good': experiment([], function* (e) {
    return { info: yield* e.getUser(e.page) };
  }),
};

const strings: Readonly<Record<string, FactRun>> = {
  'strncpy_from_user-<text>': experiment(['count'], function* (e, { count }, { text }) {
    yield* e.reset(`${text}\0`);
    return { info: yield* e.string(e.page, count), strnlen_user: yield* e.strnlen(e.page, count) };
  }),
  'strncpy_from_user-unterminated-<length>-bytes-then-inaccessible-page': experiment(
    ['count'],
    function* (e, { count }, { length }) {
      const from = e.end - Number(length);
      return { info: yield* e.string(from, count), strnlen_user: yield* e.strnlen(from, count) };
    },
  ),
  'strncpy_from_user-string-ends-at-page-end': experiment(['count'], function* (e, { count }) {
    yield* e.reset('abcde\0', PAGE_SIZE - 6);
    return { info: yield* e.string(e.end - 6, count) };
  }),
  'strncpy_from_user-bad-pointer': experiment([], function* (e) {
    return { null: yield* e.string(0, 8) };
  }),
};

export const usercopyFormat = factFormat({
  ...copies,
  ...withoutPagefaults,
  ...values,
  ...strings,
});
