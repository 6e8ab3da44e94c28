/*
 * The reports of the kernel's checks among the findings of a run, in a form that two kernels have
 * in common: without pids, addresses and line numbers, which differ from build to build.
 */
import type { Finding } from '../../models/checks/findings.ts';

/** First lines that the kernel prints with its lock validator, and what else its checks say. */
const OF_THE_KERNEL = /^(WARNING|BUG|DEBUG_LOCKS_WARN_ON|softirq: huh|do not call blocking ops)/;
/** Checks that the recording kernel was built without. */
const NOT_BUILT = /^BUG: (soft lockup|K[CA]SAN)/;

/** The text of the first that is the kernel's and that `wanted` accepts; null: there is none. */
export function firstReport(
  findings: readonly Finding[],
  wanted: (text: string) => boolean = () => true,
): string | null {
  const text = findings
    .map((finding) => finding.text)
    .find((one) => OF_THE_KERNEL.test(one) && !NOT_BUILT.test(one) && wanted(one));
  return text ?? null;
}

/** The recorder's module is the program whose steps are a scenario here. */
export function normalised(text: string): string {
  return text
    .replace(/ CPU: \d+ PID: \d+/, '')
    .replace(/ at (?:oracle\.c|scenario):\d+/, ' at THE STEP')
    .replace(/(\.[ch]):\d+/, '$1')
    .replace(/\+0x[\da-f]+\/0x[\da-f]+/, '')
    .replace(/: kworker\/.*/, ': kworker/ADDR/PID')
    .replace(/\/\d+(?=\/0x| still)/, '/PID')
    .replace(/\/0x[\da-f]+$/, '/ADDR')
    .replace(' (____ptrval____)', '')
    .replace(/; state=(\w+) set at .*/, '; state=$1');
}
