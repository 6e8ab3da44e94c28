/*
 * One who works at a queue: takes unit after unit, does it in a thread, and brings what came of it.
 * Units of another version of Lockstep are put back for somebody else, and the work ends.
 */
import type { Job, Worker } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import { beside, Threads } from '../threads.ts';
import type { Broker } from './broker.ts';
import { QueueError } from './error.ts';
import type { Result, Task } from './thread.ts';
import { orderKey, QUEUE, type Answers, type Unit } from './unit.ts';

export interface WorkOptions {
  /** The version of Lockstep. */
  readonly version: string;
  /** Units at a time, each in a thread. */
  readonly jobs: number;
  /** Silent for so long, its units go to somebody else. */
  readonly leaseMs: number;
  /** Without work for so long, it ends. */
  readonly idleMs: number;
}

export interface WorkObserver {
  /** Has `handler` called when the user wants no more; the result takes that back. */
  onInterrupt(handler: () => void): () => void;
  /** Called when runs or schedules were made: how many so far. */
  progress(made: number): void;
  done(): void;
  say(line: string): void;
}

export interface Worked {
  readonly made: number;
  readonly ended: 'idle' | 'interrupted';
}

/** As often a unit may take its worker along and be tried again. */
const LOSSES_MAX = 4;
/** Between two attempts when Redis does not answer. */
const RETRY_MS = 1000;
const LOOK_MS = 100;
/** Between two looks for units whose worker is silent. */
const STALLED_MS = 5000;
/** Of different orders: of more the oldest is fetched again. */
const ORDERS_MAX = 4;

/** Somebody else has got the unit meanwhile: it was held for dead. */
const TOO_LATE = /missing (lock|key)|could not renew lock/i;

/** @throws QueueError if there is work for another version; whatever ends a thread */
export function work(
  broker: Broker,
  options: WorkOptions,
  observer: WorkObserver,
): Promise<Worked> {
  return new Bench(broker, options, observer).work();
}

class Bench {
  private readonly broker: Broker;
  private readonly options: WorkOptions;
  private readonly observer: WorkObserver;
  private readonly threads: Threads<Task, Result>;
  private readonly free: number[];
  /** The order that each thread has made its desk for. */
  private readonly held: (string | undefined)[] = [];
  private readonly orders = new Map<string, string>();
  private made = 0;
  private atWork = 0;
  /** When the last unit came or went. */
  private busyAt = performance.now();
  private stopped: 'idle' | 'interrupted' | Error | undefined;

  constructor(broker: Broker, options: WorkOptions, observer: WorkObserver) {
    this.broker = broker;
    this.options = options;
    this.observer = observer;
    this.threads = new Threads(beside(import.meta.url, 'thread'), undefined, options.jobs);
    this.free = Array.from({ length: options.jobs }, (_, who) => who);
  }

  async work(): Promise<Worked> {
    const { observer, options, broker } = this;
    const deaf = observer.onInterrupt(() => {
      this.stopped ??= 'interrupted';
      if (this.atWork > 0) {
        observer.say('finishing what is at hand; Ctrl+C again ends it at once');
      }
    });
    const worker = this.hired();
    try {
      while (this.stopped === undefined) {
        await pause(LOOK_MS);
        const isIdle = this.atWork === 0;
        if (isIdle && performance.now() - this.busyAt >= options.idleMs) this.stopped ??= 'idle';
      }
      const closed = worker.close();
      while (this.atWork > 0) await pause(LOOK_MS);
      await broker.leave(() => closed);
      if (this.stopped instanceof Error) throw this.stopped;
      return { made: this.made, ended: this.stopped };
    } finally {
      deaf();
      observer.done();
      await this.threads.dismiss();
    }
  }

  private hired(): Worker<Unit, Answers> {
    const { bullmq, redis, address } = this.broker;
    const { jobs, leaseMs } = this.options;
    const worker = new bullmq.Worker<Unit, Answers>(QUEUE, (job, token) => this.unit(job, token!), {
      connection: redis,
      prefix: address.prefix,
      concurrency: jobs,
      lockDuration: leaseMs,
      stalledInterval: Math.min(leaseMs, STALLED_MS),
      maxStalledCount: LOSSES_MAX,
      runRetryDelay: RETRY_MS,
    });
    worker.on('error', (error: Error) => this.heard(error));
    return worker;
  }

  /** Of a lost connection the broker tells. */
  private heard({ message }: Error): void {
    if (TOO_LATE.test(message)) {
      this.observer.say('somebody else has got the work of this worker, which was silent too long');
    }
  }

  private async unit(job: Job<Unit, Answers>, token: string): Promise<Answers> {
    const { lockstep, order, numbers } = job.data;
    if (lockstep !== this.options.version) this.refuse(lockstep);
    if (this.stopped !== undefined) {
      await job.moveToWait(token);
      throw new this.broker.bullmq.WaitingError();
    }
    this.atWork++;
    try {
      const text = await this.order(order);
      return text === undefined ? null : await this.ask(order, text, numbers);
    } finally {
      this.atWork--;
      this.busyAt = performance.now();
    }
  }

  private refuse(version: string): void {
    const { address } = this.broker;
    this.stopped ??= new QueueError(
      `the work at ${address.shown} is for lockstep ${version}, and this is ` +
        `lockstep ${this.options.version}: a worker must have the version of who asks`,
    );
  }

  /** The text of an order; undefined if nobody asks for it any more. */
  private async order(id: string): Promise<string | undefined> {
    const { redis, address } = this.broker;
    const key = orderKey(address.prefix, id);
    const known = this.orders.get(id);
    if (known !== undefined) return (await redis.exists(key)) === 1 ? known : undefined;
    const text = await redis.get(key);
    if (text === null) return undefined;
    this.orders.set(id, text);
    const [oldest] = this.orders.keys();
    if (this.orders.size > ORDERS_MAX) this.orders.delete(oldest!);
    return text;
  }

  private async ask(id: string, text: string, numbers: readonly number[]): Promise<Answers> {
    const who = this.free.pop()!;
    const order = this.held[who] === id ? undefined : text;
    this.held[who] = undefined;
    const result = await this.threads.ask(who, { order, numbers }).catch((error: Error) => {
      // The thread is no more, for want of memory as a rule.
      this.stopped ??= error;
      throw error;
    });
    this.free.push(who);
    if ('fault' in result) throw new Error(result.fault);
    this.held[who] = id;
    this.made += result.answers.length;
    this.observer.progress(this.made);
    return result.answers;
  }
}
