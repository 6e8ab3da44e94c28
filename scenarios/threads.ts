/*
 * Threads that answer questions, each in the order in which it was asked. Every thread has what it
 * was made with, and may keep what it learns: a pool from a library would not say which of them is
 * asked.
 */
import { parentPort, Worker } from 'node:worker_threads';

interface Asked<Answer> {
  answer(value: Answer): void;
  fail(error: unknown): void;
}

/** A thread and what it has been asked and not answered, the oldest first. */
class Thread<Question, Answer> {
  private readonly worker: Worker;
  private readonly asked: Asked<Answer>[] = [];

  constructor(file: URL, data: unknown) {
    this.worker = new Worker(file, { workerData: data });
    this.worker.on('message', (message: Answer | string) => {
      const answer = typeof message === 'string' ? (JSON.parse(message) as Answer) : message;
      this.asked.shift()!.answer(answer);
    });
    this.worker.on('error', (error) => {
      for (const one of this.asked.splice(0)) one.fail(error);
    });
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.asked.push({ answer, fail });
      this.worker.postMessage(question);
    });
  }

  async dismiss(): Promise<void> {
    await this.worker.terminate();
  }
}

export class Threads<Question, Answer> {
  private readonly threads: readonly Thread<Question, Answer>[];

  /**
   * @param file what each runs: it answers every message with one, an object or its JSON
   * @param data what each is made with
   */
  constructor(file: URL, data: unknown, count: number) {
    this.threads = Array.from({ length: count }, () => new Thread(file, data));
  }

  get count(): number {
    return this.threads.length;
  }

  /** Asks a thread, which answers when it has answered all earlier questions. */
  ask(who: number, question: Question): Promise<Answer> {
    return this.threads[who]!.ask(question);
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.dismiss()));
  }
}

/**
 * What a thread of many short answers does: one question after the other. An object of many parts
 * takes as long to be sent as a short run takes, its JSON a tenth.
 */
export function answerAll<Question>(answer: (question: Question) => Promise<unknown>): void {
  const port = parentPort!;
  let before = Promise.resolve();
  port.on('message', (question: Question) => {
    before = before.then(async () => port.postMessage(JSON.stringify(await answer(question))));
  });
}

/** The file `name` beside the one at `here`, compiled or not as that is. */
export function beside(here: string, name: string): URL {
  return new URL(`./${name}.${here.endsWith('.ts') ? 'ts' : 'js'}`, here);
}
