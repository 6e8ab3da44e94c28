/*
 * One thread of a sweep: makes the runs whose numbers it is told, one at a time.
 */
import { workerData } from 'node:worker_threads';
import { answerAll } from '../threads.ts';
import { Performer } from './performer.ts';
import type { Order } from './order.ts';

const performer = new Performer(workerData as Order);

answerAll((run: number) => performer.perform(run, () => false));
