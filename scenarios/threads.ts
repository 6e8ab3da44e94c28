/*
 * Threads that each answer one question after the other. Every thread has what it was made with,
 * and may keep what it learns: a pool from a library would not say which of them is asked.
 */
import { Worker } from 'node:worker_threads';

export class Threads<Question, Answer> {
  private readonly workers: readonly Worker[];

  /**
   * @param file what each runs: it answers every message with one
   * @param data what each is made with
   */
  constructor(file: URL, data: unknown, count: number) {
    this.workers = Array.from({ length: count }, () => new Worker(file, { workerData: data }));
  }

  get count(): number {
    return this.workers.length;
  }

  /** Asks a thread that has answered all earlier questions. */
  ask(who: number, question: Question): Promise<Answer> {
    const worker = this.workers[who]!;
    return new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (answer: Answer) => {
        worker.off('error', reject);
        resolve(answer);
      });
      worker.postMessage(question);
    });
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

/** The file `name` beside the one at `here`, compiled or not as that is. */
export function beside(here: string, name: string): URL {
  return new URL(`./${name}.${here.endsWith('.ts') ? 'ts' : 'js'}`, here);
}
