/*
 * One thread of a crew: makes the program anew and runs the schedules whose numbers it is told.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { loadFile } from '../load/index.ts';
import { inputReader } from '../output/inputs.ts';
import { registry } from '../registry.ts';
import type { Answer, Order } from './crew.ts';
import { Program } from './program.ts';
import { Searcher } from './searcher.ts';

const { file, overrides, bounds, options } = workerData as Order;
const result = loadFile(file, registry, overrides);
if (!result.ok) throw new Error(`${file} has changed meanwhile`);
const searcher = new Searcher(new Program(result.loaded, bounds, inputReader(file)), options);

parentPort!.on('message', (numbers: readonly number[]) => {
  const answer: Answer = { outcomes: numbers.map((number) => searcher.run(number)) };
  parentPort!.postMessage(answer);
});
