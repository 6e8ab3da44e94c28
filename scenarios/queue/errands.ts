/*
 * Work that is asked for: units go into the queue, and what comes of each comes back once, however
 * often it was delivered. Events say that a unit is done; the truth is what Redis has of it, which
 * is looked at again and again: events may be lost, and Redis may have forgotten everything.
 */
import { randomUUID } from 'node:crypto';
import type { Job, Queue, QueueEvents } from 'bullmq';
import type { Broker } from './broker.ts';
import { QueueError } from './error.ts';
import { orderKey, packOrder, QUEUE, type Answers, type Order, type Unit } from './unit.ts';

/** Between two looks at what is under way. */
const LOOK_MS = 1000;
/** An order nobody looked after for so long is not wanted any more: who asked was killed. */
const ORDER_S = 600;
/** What nobody fetches goes away after an hour. */
const KEEP = { age: 3600 };
/** Each carries a result, which is fetched from elsewhere. */
const EVENTS_MAX = 256;

interface Errand {
  readonly numbers: readonly number[];
  readonly resolve: (answers: readonly string[]) => void;
  readonly reject: (error: unknown) => void;
  /** It is in the queue. */
  sent: boolean;
}

export class Errands {
  private readonly broker: Broker;
  private readonly version: string;
  private readonly order: string;
  private readonly id = randomUUID();
  private readonly queue: Queue<Unit, Answers>;
  private readonly events: QueueEvents;
  private readonly errands = new Map<string, Errand>();
  private readonly timer: NodeJS.Timeout;
  private count = 0;
  private looking = false;
  private ended = false;

  private constructor(broker: Broker, version: string, order: Order) {
    const { bullmq, redis, address } = broker;
    const { prefix } = address;
    this.broker = broker;
    this.version = version;
    this.order = packOrder(order);
    this.queue = new bullmq.Queue(QUEUE, {
      connection: redis,
      prefix,
      streams: { events: { maxLen: EVENTS_MAX } },
      defaultJobOptions: { removeOnComplete: KEEP, removeOnFail: KEEP },
    });
    this.events = new bullmq.QueueEvents(QUEUE, { connection: broker.another(), prefix });
    this.queue.on('error', () => {});
    this.events.on('error', () => {});
    const done = ({ jobId }: { jobId: string }): void => void this.settle(jobId).catch(() => {});
    this.events.on('completed', done);
    this.events.on('failed', done);
    redis.on('ready', () => void this.look());
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  /** @param version of Lockstep */
  static async of(broker: Broker, version: string, order: Order): Promise<Errands> {
    const errands = new Errands(broker, version, order);
    await errands.keepOrder();
    await errands.events.waitUntilReady();
    return errands;
  }

  /** Has some of the numbers done, the first of them at least; the answers are JSON. */
  ask(numbers: readonly number[]): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.send({ numbers, resolve, reject, sent: false });
    });
  }

  /** How many workers are connected. */
  async workers(): Promise<number> {
    return this.broker.redis.status === 'ready' ? await this.queue.getWorkersCount() : 0;
  }

  /** Takes back what is not done; what was asked for stays unanswered. */
  async end(): Promise<void> {
    this.ended = true;
    clearInterval(this.timer);
    const { queue, events, errands, broker } = this;
    await broker.leave(async () => {
      await broker.redis.del(this.key);
      await Promise.allSettled([...errands.keys()].map((id) => queue.remove(id)));
      // They carry results, which nobody needs any more.
      await queue.trimEvents(0);
      await Promise.all([events.close(), queue.close()]);
    });
  }

  private get key(): string {
    return orderKey(this.broker.address.prefix, this.id);
  }

  private async keepOrder(): Promise<void> {
    const { redis } = this.broker;
    const there = await redis.expire(this.key, ORDER_S);
    if (there === 0) await redis.set(this.key, this.order, 'EX', ORDER_S);
  }

  private send(errand: Errand): void {
    const id = `${this.id}-${this.count++}`;
    this.errands.set(id, errand);
    this.put(id, errand).catch(({ message }: Error) => {
      const { shown } = this.broker.address;
      if (!this.ended) errand.reject(new QueueError(`${shown} takes no work: ${message}`));
    });
  }

  /** A unit that is there already is not there twice. */
  private async put(id: string, errand: Errand): Promise<void> {
    const unit = { lockstep: this.version, order: this.id, numbers: errand.numbers };
    await this.queue.add('unit', unit, { jobId: id });
    errand.sent = true;
  }

  /** Looks after everything that is under way. */
  private async look(): Promise<void> {
    if (this.looking || this.ended || this.broker.redis.status !== 'ready') return;
    this.looking = true;
    try {
      await this.keepOrder();
      await Promise.all([...this.errands.keys()].map((id) => this.settle(id)));
    } catch {
      // The connection is lost meanwhile: it is looked at again.
    } finally {
      this.looking = false;
    }
  }

  /** Takes the result of a unit if there is one; puts it again if Redis has forgotten it. */
  private async settle(id: string): Promise<void> {
    const errand = this.errands.get(id);
    if (errand === undefined || !errand.sent || this.ended) return;
    const job: Job<Unit, Answers> | undefined = await this.queue.getJob(id);
    if (this.errands.get(id) !== errand || this.ended) return;
    if (job === undefined) return this.put(id, errand);
    if (job.finishedOn === undefined) return;
    this.errands.delete(id);
    job.remove().catch(() => undefined);
    if (job.failedReason) errand.reject(this.failure(job));
    else if (job.returnvalue === null) this.send({ ...errand, sent: false });
    else errand.resolve(job.returnvalue);
  }

  private failure({ failedReason, stalledCounter, data }: Job<Unit, Answers>): Error {
    if (!failedReason.includes('stalled')) return new Error(`a worker failed: ${failedReason}`);
    const times = `${stalledCounter} times`;
    const which = data.numbers.join(', ');
    return new QueueError(
      `the work at number ${which} was lost ${times}, each time with the worker that had it`,
    );
  }
}
