/*
 * One thread of a worker: does the units that it is told, one at a time.
 */
import { parentPort } from 'node:worker_threads';
import { deskFor, type Desk } from './desk.ts';

export interface Task {
  /** The order, if it is another than that of the last unit. */
  readonly order: string | undefined;
  readonly numbers: readonly number[];
}

/** Or what went wrong, which is a fault of ours. */
export type Result = { readonly answers: readonly string[] } | { readonly fault: string };

let desk: Desk;

parentPort!.on('message', (task: Task) => {
  void result(task).then((made) => parentPort!.postMessage(made));
});

async function result({ order, numbers }: Task): Promise<Result> {
  try {
    if (order !== undefined) desk = deskFor(order);
    return { answers: await desk.spell(numbers) };
  } catch (error) {
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
