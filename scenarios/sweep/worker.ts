/*
 * One thread of a sweep: makes the runs whose numbers it is told, one at a time.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Performer } from './performer.ts';
import type { Order } from './order.ts';

const performer = new Performer(workerData as Order);

parentPort!.on('message', (run: number) => {
  void performer.perform(run, () => false).then((record) => parentPort!.postMessage(record));
});
