/*
 * Has the runs of a sweep made by the workers at a queue.
 */
import { parseRecord } from '../sweep/record.ts';
import { aborted, type Crew } from '../sweep/crew.ts';
import type { Broker } from './broker.ts';
import { QueueError } from './error.ts';
import { Errands } from './errands.ts';
import { handOut } from './hand-out.ts';

const LOOK_MS = 500;
/** Few enough to be kept in mind. */
const PIECES = 256;

/** @param version of Lockstep */
export function queueCrew(broker: Broker, version: string): Crew {
  return async ({ order, numbers, count, signal, keep, meet }) => {
    const errands = await Errands.of(broker, version, { kind: 'sweep', order });
    const look = (): void => void errands.workers().then(meet, () => {});
    const timer = setInterval(look, LOOK_MS);
    const all = handOut(errands, numbers, count, PIECES, (run, answer) => {
      const record = parseRecord(answer);
      if (record?.run !== run) throw new QueueError(`what came back is no record of run ${run}`);
      if (!signal.aborted) keep(record);
    });
    try {
      await Promise.race([all, aborted(signal)]);
    } finally {
      clearInterval(timer);
      await errands.end();
    }
  };
}
