/*
 * The place where those who ask and those who work meet: BullMQ on Redis, with its address.
 */
import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAddress, type Address } from './address.ts';
import { connect, packages, type Packages } from './connection.ts';

/** For goodbyes that Redis may not hear any more. */
const GOODBYE_MS = 2000;

export class Broker {
  readonly address: Address;
  readonly bullmq: Packages['bullmq'];
  readonly redis: Redis;
  private readonly others: Redis[] = [];
  private left = false;

  private constructor(address: Address, bullmq: Packages['bullmq'], redis: Redis) {
    this.address = address;
    this.bullmq = bullmq;
    this.redis = redis;
  }

  /**
   * @param say tells the user when the connection is lost and when it is there again
   * @throws QueueError if the address is none, or BullMQ or Redis is not there
   */
  static async at(text: string, say: (line: string) => void): Promise<Broker> {
    const address = parseAddress(text);
    const found = await packages();
    const redis = await connect(found, address);
    const broker = new Broker(address, found.bullmq, redis);
    broker.watch(say);
    return broker;
  }

  /** One more connection, for commands that wait. */
  another(): Redis {
    const redis = this.redis.duplicate();
    redis.on('error', () => {});
    this.others.push(redis);
    return redis;
  }

  /** Hangs up, after what is still to be done if Redis is there to do it. */
  async leave(last: () => Promise<unknown>): Promise<void> {
    this.left = true;
    const done = last().catch(() => undefined);
    await Promise.race([done, pause(GOODBYE_MS, undefined, { ref: false })]);
    for (const redis of [this.redis, ...this.others]) redis.disconnect();
  }

  /** Tells of the connection, once each time it is lost or found. */
  private watch(say: (line: string) => void): void {
    const { redis, address } = this;
    let broken = false;
    redis.on('close', () => {
      if (!broken && !this.left) say(`the connection with ${address.shown} is lost; trying again`);
      broken = true;
    });
    redis.on('ready', () => {
      if (broken) say(`connected with ${address.shown} again`);
      broken = false;
    });
  }
}
