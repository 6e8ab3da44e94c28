/*
 * One thread of a crew: makes the program anew and runs the schedules whose numbers it is told.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer } from './crew.ts';
import { searcherOf, type Order } from './order.ts';

const searcher = searcherOf(workerData as Order);

parentPort!.on('message', (numbers: readonly number[]) => {
  const answer: Answer = numbers.map((number) => searcher.run(number));
  parentPort!.postMessage(answer);
});
